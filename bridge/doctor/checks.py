"""Every check, in the order in which they are made, and what each needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bridge.doctor import files, homeserver, identity, rooms, storage
from bridge.doctor.examination import Check, Fault
from bridge.doctor.installation import Installation


def checks(installation: Installation) -> list[Check]:
    """Return the checks of an installation; none is made yet."""

    def check(
        name: str,
        good: str,
        find: Callable[[Installation], Awaitable[Sequence[Fault]]],
        *needs: str,
    ) -> Check:
        return Check(name, good, partial(find, installation), needs)

    return [
        check("configuration", f"{installation.path} can be used", files.configuration),
        check("files", "only their owner can read them", files.files, "configuration"),
        check("registration", "can be used", files.registration, "configuration"),
        check("agreement", "both files say the same", files.agreement, "registration"),
        check("database", "answers", storage.database, "configuration"),
        check("schema", "is of this version", storage.schema, "database"),
        check("secret", "opens what is stored", storage.secret, "schema"),
        check("homeserver", "answers", homeserver.answers, "configuration"),
        check("token", "the homeserver knows us", homeserver.token, "registration", "homeserver"),
        check("name", "the server name is right", homeserver.name, "token"),
        check("log-in", "the bot needs none, or may do so", homeserver.log_in, "token"),
        check("ping", "we reach the homeserver and it reaches us", homeserver.both_ways, "token"),
        check("device", "the bot's own, with our keys", identity.device, "token", "secret"),
        check("identity", "ours, and it signed the device", identity.identity, "token", "secret"),
        check("rooms", "as they should be", rooms.rooms, "token", "secret"),
    ]
