"""What somebody tries who is in a room of ours, or near one; each row stands in SECURITY.md.

Through real clients on a real homeserver. What needs no homeserver to be seen is tried in
``tests/unit/test_desk_attacks.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import RoomID
from tests.conftest import PersonFactory
from tests.harness.device import HomeserverRefusedError
from tests.harness.homes import Home
from tests.harness.messages import reaction_to, text
from tests.harness.people import Person
from tests.network.guild import Guild, refused, reply_to, still_waits, word


async def heard_all(guild: Guild, who: Person) -> None:
    """Return when everything that was said in the review room before this has been answered."""
    await refused(guild, who, "!nonsens", "Ik ken !nonsens hier niet")


class TestAnApprovalThatSomebodyMadeUp:
    async def test_with_the_token_of_another_application_service_is_refused(
        self, guild: Guild, home: Home
    ) -> None:
        sent, mia = await guild.submitted(), guild.cast.mia
        lease = home.lease()
        another = Homeserver(lease.homeserver, lease.as_token, mia.user_id)

        with pytest.raises(MatrixError) as refusal:
            await another.call(
                "PUT",
                *("v3", "rooms", guild.review, "send", "m.reaction", "t1"),
                body=reaction_to(sent.card.event_id, "✅"),
            )
        await another.close()

        assert refusal.value.errcode == "M_FORBIDDEN"
        await still_waits(guild, sent)

    async def test_by_sending_a_moderators_encrypted_message_again_is_not_read_again(
        self, guild: Guild
    ) -> None:
        mia = guild.cast.mia
        said = await mia.say(guild.review, "!dossier #987654")
        await mia.reads(reply_to(said), guild.review)
        raw = await mia.call("GET", f"/rooms/{guild.review}/event/{said}")

        again = await mia.device.send_in_clear(guild.review, "m.room.encrypted", raw["content"])
        await guild.network.delivered(mia.user_id, guild.review, "m.room.encrypted", raw["content"])
        await heard_all(guild, mia)

        answers = [seen for seen in mia.timeline(guild.review) if reply_to(again)(seen)]
        assert answers == []

    async def test_by_editing_a_word_that_was_obeyed_changes_nothing(self, guild: Guild) -> None:
        sent, mia, cas = await guild.submitted(), guild.cast.mia, guild.cast.cas
        said = await mia.say(guild.review, f"!ok #{sent.number}")
        await guild.cast.bas.reads(sent.word, guild.alerts)

        edit = await mia.edit(guild.review, said, f"!ok #{sent.number} landelijk")
        told = await mia.reads(reply_to(edit), guild.review)
        await guild.quiet()

        assert "Een bewerkt bericht lees ik niet" in told.body
        assert guild.said_in(cas, guild.alerts_elsewhere, sent.word) == []

    async def test_in_the_thread_of_another_case_is_asked_about(self, guild: Guild) -> None:
        one, other = await guild.submitted(), await guild.submitted()
        mia = guild.cast.mia
        thread = {"rel_type": "m.thread", "event_id": one.card.event_id}

        said = await mia.say(guild.review, f"!ok #{other.number}", relates_to=thread)
        told = await mia.reads(reply_to(said), guild.review)

        assert f"#{one.number}" in told.body
        await still_waits(guild, one)
        await still_waits(guild, other)

    async def test_as_a_quotation_a_poll_or_another_kind_of_event_is_none(
        self, guild: Guild
    ) -> None:
        sent, mia = await guild.submitted(), guild.cast.mia
        ok = f"!ok #{sent.number}"
        await mia.say(guild.review, f"> <{mia.user_id}> {ok}\n\nwat denk jij?")
        await mia.say(guild.review, mia.user_id, html=f"<p>{ok}</p>", mentions=[mia.user_id])
        answers = [{"id": "1", "m.text": ok}]
        poll = {"question": {"m.text": ok, "body": ok}, "answers": answers, "kind": "m.disclosed"}
        for kind, content in (
            ("org.matrix.msc3381.poll.start", {"body": ok, "m.poll": poll}),
            ("m.poll.response", {"body": ok, "m.selections": ["1"]}),
            ("m.room.topic", {"body": ok, "topic": ok}),
        ):
            await mia.send_event(guild.review, kind, content)

        await still_waits(guild, sent)


class TestSomebodyInARoom:
    """Nobody but the bot has any power in a room of ours; the homeserver sees to that."""

    ADDITIONS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
        ("m.room.power_levels", "", {"users": {"@anna:goudwacht.test": 100}}),
        ("m.room.join_rules", "", {"join_rule": "public"}),
        ("m.room.history_visibility", "", {"history_visibility": "world_readable"}),
        ("m.room.guest_access", "", {"guest_access": "can_join"}),
        ("m.room.encryption", "", {"algorithm": "none"}),
        ("m.room.server_acl", "", {"allow": ["*"]}),
        ("m.room.tombstone", "", {"replacement_room": "!elsewhere"}),
        ("m.room.name", "", {"name": "Iets anders"}),
        ("m.room.topic", "", {"topic": "Bel 06-12345678"}),
        ("m.room.avatar", "", {"url": "mxc://goudwacht.test/picture"}),
        ("m.room.pinned_events", "", {"pinned": ["$1"]}),
        ("m.room.third_party_invite", "token", {"display_name": "e…@example.com"}),
        ("m.room.canonical_alias", "", {"alias": ""}),
        ("m.space.child", "!elsewhere", {"via": ["goudwacht.test"]}),
        ("im.vector.modular.widgets", "w1", {"url": "https://elsewhere.example"}),
    )

    async def test_changes_nothing_of_it(self, guild: Guild) -> None:
        anna, max_ = guild.cast.anna, guild.cast.max
        space = await guild.network.space(anna)
        rooms = [(anna, room) for room in (guild.alerts, guild.anna_private, space)]

        taken = []
        for who, room in [*rooms, (max_, guild.review), (guild.cast.piet, guild.police)]:
            for kind, key, content in self.ADDITIONS:
                with suppress(HomeserverRefusedError):
                    await who.call("PUT", f"/rooms/{room}/state/{kind}/{key}", content)
                    taken.append((room, kind))

        assert taken == []

    async def test_takes_back_neither_a_card_nor_an_alert(self, guild: Guild) -> None:
        sent = await guild.published()
        alert = await guild.cast.anna.reads(sent.word, guild.alerts)
        for who, room, event in (
            (guild.cast.max, guild.review, sent.card.event_id),
            (guild.cast.anna, guild.alerts, alert.event_id),
        ):
            with pytest.raises(HomeserverRefusedError) as refusal:
                await who.redact(room, event)
            assert refusal.value.errcode == "M_FORBIDDEN"

    async def test_brings_nobody_in(self, guild: Guild, person: PersonFactory) -> None:
        stranger = await person("stranger")
        for room in (guild.alerts, guild.anna_private):
            with pytest.raises(HomeserverRefusedError):
                await guild.cast.anna.invite(room, stranger.user_id)
            with pytest.raises(HomeserverRefusedError):
                await stranger.call("POST", f"/join/{room}", {})
            with pytest.raises(HomeserverRefusedError):
                await stranger.call("POST", f"/knock/{room}", {})


class TestAStranger:
    async def test_who_closes_a_room_leads_nobody_away(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        stranger, own = await person("stranger"), word()
        trap = await stranger.create_room("Val", encrypted=False)

        await guild.network.delivered(
            stranger.user_id,
            guild.review,
            "m.room.tombstone",
            {"body": own, "replacement_room": trap},
            state_key="",
        )
        told = await guild.cast.mia.reads(str(stranger.user_id), guild.review)
        sent = await guild.submitted()

        assert "afgesloten" in told.body or "gesloten" in told.body
        assert sent.card.room_id == guild.review

    async def test_who_invites_the_bot_again_and_again_is_told_nothing(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        bot, stranger = guild.network.bot, await person("stranger")
        rooms = [await stranger.create_room(f"{n}", invite=[bot]) for n in range(5)]
        for room in rooms:
            await stranger.until(
                lambda room=room: bot in stranger.rooms.members(room, "leave") or None,  # type: ignore[misc]
                "to see the bot decline",
            )
        await heard_all(guild, guild.cast.mia)

        said = [seen for seen in guild.cast.mia.timeline() if stranger.user_id in str(seen.content)]
        assert said == []

    async def test_with_the_bots_name_in_the_review_room_has_no_card_of_theirs_obeyed(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        stranger, mia = await person("stranger"), guild.cast.mia
        name = await mia.call("GET", f"/profile/{guild.network.bot}/displayname")
        await stranger.call("PUT", f"/profile/{stranger.user_id}/displayname", name)
        sent = await guild.submitted()
        await guild.network.stop()
        await guild.network.ask(
            "POST", "rooms", guild.review, "invite", body={"user_id": stranger.user_id}
        )
        room = await guild.network.review(stranger)
        card = await stranger.device.send_in_clear(
            room, "m.room.message", text(f"#{sent.number} OVERVAL ✅ delen")
        )
        await mia.until(lambda: mia.text_of(card), "to see the false card")
        await mia.react(room, card, "✅")
        await guild.network.start()
        await stranger.removed_from(room)

        await still_waits(guild, sent)


class TestARemovedMemberWhoStillHasTheRoomOpen:
    async def test_writes_and_taps_in_vain(self, guild: Guild) -> None:
        # Their own homeserver refuses; another one need not, and passes on what it likes.
        waiting, max_, network = await guild.submitted(), guild.cast.max, guild.network
        await guild.remove(max_)
        await max_.removed_from(guild.review)
        try:
            for kind, content in (
                ("m.reaction", reaction_to(waiting.card.event_id, "✅")),
                ("m.room.message", text(f"!ok #{waiting.number}")),
            ):
                with pytest.raises(HomeserverRefusedError):
                    await max_.device.send_in_clear(guild.review, kind, content)
                await network.delivered(max_.user_id, guild.review, kind, content)
            await still_waits(guild, waiting, guild.cast.mia)
        finally:
            await guild.gather_again()


class TestACaseOfAnotherRegion:
    async def test_does_not_exist_for_who_did_not_get_its_alert(self, guild: Guild) -> None:
        sent, mia, cas = await guild.submitted(), guild.cast.mia, guild.cast.cas
        await mia.say(guild.review, f"!ok #{sent.number}")
        await guild.cast.bas.reads(sent.word, guild.alerts)

        for typed in (f"!tip #{sent.number} gezien", f"!status #{sent.number}"):
            said = await cas.say(guild.cas_private, typed)
            answer = await cas.reads(reply_to(said), guild.cas_private)
            unknown = typed.replace(str(sent.number), "987654")
            said = await cas.say(guild.cas_private, unknown)
            nothing = await cas.reads(reply_to(said), guild.cas_private)
            assert answer.body.replace(f"#{sent.number}", "#987654") == nothing.body


async def changed(guild: Guild, room: RoomID, state: Mapping[str, Any]) -> None:
    for kind, content in state.items():
        await guild.network.ask("PUT", "rooms", room, "state", kind, body=dict(content))


class TestWhoRunsTheHomeserver:
    async def test_opens_and_fills_a_room_for_a_moment_and_not_unseen(self, guild: Guild) -> None:
        room, mia, ask = guild.alerts, guild.cast.mia, guild.network.ask
        opened: dict[str, Mapping[str, Any]] = {
            "m.room.join_rules": {
                "join_rule": "restricted",
                "allow": [{"type": "m.room_membership", "room_id": "!elsewhere"}],
            },
            "m.room.history_visibility": {"history_visibility": "world_readable"},
            "m.room.guest_access": {"guest_access": "can_join"},
            "m.room.pinned_events": {"pinned": ["$1"]},
        }
        before = {
            kind: await ask("GET", "rooms", room, "state", kind)
            for kind in opened
            if kind != "m.room.pinned_events"
        }

        await changed(guild, room, opened)
        await ask(
            "PUT",
            *("rooms", room, "state", "im.vector.modular.widgets", "w1"),
            body={"type": "m.custom", "url": "https://elsewhere.example", "name": "Tips"},
        )
        for kind in (*opened, "im.vector.modular.widgets"):
            await mia.reads(f"({kind})", guild.review)
        anna = guild.cast.anna
        await anna.until(
            lambda: (
                anna.rooms.state(room, "m.room.join_rules") == before["m.room.join_rules"] or None
            ),
            "to see it put back",
        )
        await guild.quiet()

        assert {k: await ask("GET", "rooms", room, "state", k) for k in before} == before
        assert await ask("GET", "rooms", room, "state", "m.room.pinned_events") == {}
        assert await ask("GET", "rooms", room, "state", "im.vector.modular.widgets", "w1") == {}

    async def test_lists_a_room_or_gives_it_a_name_and_not_for_long(self, guild: Guild) -> None:
        network, anna = guild.network, guild.cast.anna
        alias = f"#{word()}:{network.synapse.server_name}"
        listing = ("directory", "list", "room", guild.alerts)
        await network.ask("PUT", *listing, body={"visibility": "public"})
        # Any member may do this, and Synapse lets no application service undo it.
        await anna.call(
            "PUT", f"/directory/room/{alias.replace('#', '%23')}", {"room_id": guild.alerts}
        )

        await network.restart()
        told = await guild.cast.mia.reads(re.compile("openbare kamerlijst"), guild.review)
        assert alias in told.body
        assert await network.ask("GET", *listing) == {"visibility": "private"}
