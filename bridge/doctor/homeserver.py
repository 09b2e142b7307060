"""The homeserver: does it answer, does it know us, does it reach us."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from appservice.homeserver import HomeserverUnreachable, MatrixError
from appservice.ids import UserID, server_of
from appservice.ping import NotReached, door_for_a_ping, ping
from bridge.doctor.examination import Fault
from bridge.doctor.installation import Installation

_COPY_AGAIN = "Copy the registration file to the homeserver again and restart it."


async def answers(installation: Installation) -> Sequence[Fault]:
    """Look whether a homeserver answers at the address."""
    url = installation.configuration.homeserver.url
    try:
        versions = await installation.anybody.call("GET", "versions", timeout=20)
    except HomeserverUnreachable as error:
        return [
            Fault(
                f"The homeserver does not answer: {error}.",
                "Start it, or put homeserver.url in the configuration right.",
            )
        ]
    except MatrixError as error:
        # Some want a token for this, or none that is empty; a homeserver it is all the same.
        known = error.errcode in ("M_MISSING_TOKEN", "M_UNKNOWN_TOKEN")
        versions = {"versions": known}
    if not versions.get("versions"):
        return [
            Fault(
                f"What answers at {url} is no Matrix homeserver.",
                "Put homeserver.url in the configuration right: the client-server API's address, "
                "without /_matrix.",
            )
        ]
    return ()


async def token(installation: Installation) -> Sequence[Fault]:
    """Look whether the homeserver accepts the as_token: it knows the registration then."""
    try:
        await installation.sender.call("GET", "v3", "account", "whoami")
    except MatrixError as error:
        path = installation.configuration.registration
        return [
            Fault(
                f"The homeserver does not accept the as_token ({error.errcode}): it does not know "
                "this registration.",
                f"Add {path} to app_service_config_files in its configuration and restart it. If "
                "it is there, its copy is an older one: copy the file again.",
            )
        ]
    return ()


async def name(installation: Installation) -> Sequence[Fault]:
    """Look whether the server name is right, and the sender in the homeserver's copy ours."""
    answer = await installation.sender.call("GET", "v3", "account", "whoami")
    sender = UserID(str(answer["user_id"]))
    configured = installation.configuration.homeserver.name
    if server_of(sender) != configured:
        return [
            Fault(
                f"The homeserver's name is {server_of(sender)}; homeserver.name in the "
                f"configuration is {configured}.",
                "Put homeserver.name right, and the user ids and namespaces that end on it.",
            )
        ]
    ours = installation.registration.sender_localpart
    if sender != f"@{ours}:{configured}":
        return [
            Fault(
                f"The homeserver's copy of the registration has {sender} as its sender, ours "
                f"has {ours}.",
                _COPY_AGAIN,
            )
        ]
    return ()


async def log_in(installation: Installation) -> Sequence[Fault]:
    """Look whether the homeserver lets us make a device without a log-in, where we want to.

    A log-in is asked for that names nobody: a homeserver that has MSC4190 switched on for us
    refuses the log-in as such, another one misses the name.
    """
    if not installation.registration.msc4190:
        return ()
    try:
        await installation.sender.call(
            "POST", "v3", "login", body={"type": "m.login.application_service"}
        )
    except MatrixError as error:
        if error.errcode != "M_INVALID_PARAM":
            return ()
    return [
        Fault(
            "io.element.msc4190 is true in the registration file, and the homeserver does not "
            "hold to it: its copy of the file is an older one, or the homeserver is too old.",
            _COPY_AGAIN,
        )
    ]


async def both_ways(installation: Installation) -> Sequence[Fault]:
    """Have the homeserver call us; we open the door for it where the service has not."""
    door = installation.configuration.door
    hs_token = installation.registration.hs_token
    try:
        async with door_for_a_ping(door.host, door.port, hs_token):
            return await _pinged(installation)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return [
                Fault(
                    f"Nobody can listen on {door.host}:{door.port} here ({error.strerror}).",
                    "door.host is an address of this machine, such as 127.0.0.1 or 0.0.0.0; "
                    "door.port is above 1023 unless root runs the service.",
                )
            ]
    return await _pinged(installation)


async def _pinged(installation: Installation) -> Sequence[Fault]:
    try:
        await ping(installation.sender, installation.registration.id)
    except NotReached as error:
        return [Fault(str(error))]
    return ()
