"""What reaches the liaison rooms, when, and what officers can do there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from appservice.events import Reaction
from appservice.ids import EventID, RoomID, UserID
from appservice.outbox import Outbox, deliveries
from appservice.vault import Vault
from bridge.configuration import Configuration
from bridge.places import LiaisonRoom, Place, PrivateRoom, ReviewRoom, key_of
from bridge.police.cap import NAMESPACE
from bridge.regions import NATIONWIDE
from tests.unit.example import ANNA, CORA, HERE, MIA, NORA, NOW, PIET, SHOP, configuration
from tests.unit.stage import CLEAR, UNSIGNED, Stage

MINE, REVIEW = PrivateRoom(ANNA), ReviewRoom()
POLICE, NATIONAL = LiaisonRoom(HERE), LiaisonRoom(NATIONWIDE)

CHANGED = "Gegevens gewijzigd: dit bericht vervangt de vorige."
HOUTEN = "richting Houten"
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: met <een> & moker"


class Scene(Stage):
    """A network with police in it, and what is on its way to them."""

    def __init__(self, settings: Configuration) -> None:
        super().__init__(settings)
        self.outbox = Outbox(Vault(settings.database.secret))

    async def shared(self, how: str = "+politie", report: str = REPORT) -> int:
        """A report that Mia shares; returns its number."""
        await self.says(ANNA, MINE, report)
        await self.says(ANNA, MINE, "!verstuur")
        async with self.database.read() as work:
            number = len({found.name.split("/")[1] for found in await deliveries(work, "case/")})
        await self.says(MIA, REVIEW, f"!ok #{number} {how}".strip())
        return number

    async def waiting(self, place: Place, prefix: str = "case/") -> list[str]:
        """The names of the messages about cases that were put out for a place."""
        async with self.database.read() as work:
            found = await deliveries(work, prefix)
        return [one.name for one in found if one.target == key_of(place)]

    async def files(self, place: Place) -> list[ET.Element]:
        """The CAP files put out for a place."""
        found: list[ET.Element] = []
        async with self.database.begin() as work:
            while (row := await self.outbox.first(work, key_of(place))) is not None:
                if row.attachment is not None:
                    found.append(ET.fromstring(row.attachment.data))  # noqa: S314 - ours
                await self.outbox.close(work, row, EventID(f"${row.seq}"))
        return found

    async def tapped(self, who: UserID, place: Place, key: str, name: str) -> list[str]:
        """What is said when somebody reacts to a message of ours."""
        room = RoomID(f"!{key_of(place)}")
        said = await self.happens(
            Reaction(room, EventID("$tap"), who, NOW, EventID("$it"), name, key)
        )
        return [one.template for one in said]


def told(file: ET.Element) -> tuple[str | None, str | None, list[str], str | None]:
    """Which message a CAP file is, of what kind, of which others it speaks, and its note."""

    def text(name: str) -> str | None:
        return file.findtext(f"{{{NAMESPACE}}}{name}")

    others = [one.split(",")[1] for one in (text("references") or "").split()]
    return text("identifier"), text("msgType"), others, text("note")


async def scene(**sections: Any) -> Scene:
    made = Scene(configuration(**{"moderation": {"two_moderators": []}, **sections}))
    await made.set()
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def one() -> AsyncIterator[Scene]:
    """One unit, with one liaison."""
    made = await scene()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def two() -> AsyncIterator[Scene]:
    """A unit and the national one; explosions always go to the police."""
    made = await scene(
        liaisons=[{"user": PIET, "region": HERE}, {"user": NORA, "region": NATIONWIDE}],
        police={"always": ["plofkraak"]},
    )
    yield made
    await made.close()


class TestARelayedAlert:
    async def test_goes_to_every_unit_that_wants_it(self, two: Scene) -> None:
        await two.shared()

        assert "case/1/police/midden-nederland" in await two.waiting(POLICE)
        assert "case/1/police/landelijk" in await two.waiting(NATIONAL)

    async def test_goes_nowhere_unless_a_moderator_chose_so(self, two: Scene) -> None:
        await two.shared("")

        assert await two.waiting(POLICE) + await two.waiting(NATIONAL) == []

    async def test_goes_out_unasked_when_its_type_always_does(self, two: Scene) -> None:
        await two.shared("", REPORT.replace("overval", "plofkraak"))

        assert "case/1/police/midden-nederland" in await two.waiting(POLICE)

    async def test_does_not_go_where_its_type_was_unsubscribed(self, two: Scene) -> None:
        await two.says(PIET, POLICE, "!afmelden overval")
        await two.shared()

        assert await two.waiting(POLICE) == []
        assert await two.waiting(NATIONAL) != []

    async def test_goes_to_a_unit_that_subscribed_to_another_region(self, two: Scene) -> None:
        await two.says(NORA, NATIONAL, "!afmelden")
        await two.says(NORA, NATIONAL, "!abonneer midden-nederland overval")
        await two.shared()

        assert await two.waiting(NATIONAL) != []

    async def test_is_followed_by_one_cap_file(self, one: Scene) -> None:
        await one.shared()

        (file,) = await one.files(POLICE)
        assert file.findtext(f"{{{NAMESPACE}}}msgType") == "Alert"

    async def test_is_cancelled_in_a_file_when_its_case_goes_on_as_another(
        self, one: Scene
    ) -> None:
        for _ in range(2):
            await one.shared()
        await one.says(MIA, REVIEW, "!update #2 richting Zeist")
        await one.says(MIA, REVIEW, "!samen #1 #2")

        assert [told(file) for file in await one.files(POLICE)] == [
            ("example.org:1:0", "Alert", [], None),
            ("example.org:2:0", "Alert", [], None),
            ("example.org:2:1", "Update", ["example.org:2:0"], "richting Zeist"),
            (
                "example.org:2:2",
                "Cancel",
                ["example.org:2:0", "example.org:2:1"],
                "Zaak #2 gaat verder als zaak #1.",
            ),
            ("example.org:1:1", "Update", ["example.org:1:0"], "richting Zeist"),
        ]

    async def test_has_files_of_what_was_told_of_both_cases_each_once(self, one: Scene) -> None:
        for _ in range(2):
            await one.shared()
        for news in ("#2 richting Zeist", "#1 richting Houten"):
            await one.says(MIA, REVIEW, f"!update {news}")
        await one.says(MIA, REVIEW, "!samen #1 #2")
        await one.says(MIA, REVIEW, "!afloop #1 aangehouden")

        files = [told(file) for file in await one.files(POLICE)]
        assert [(name, note) for name, _, _, note in files if ":1:" in str(name)] == [
            ("example.org:1:0", None),
            ("example.org:1:1", "richting Houten"),
            ("example.org:1:2", "richting Zeist"),
            ("example.org:1:3", "aangehouden"),
        ]

    async def test_is_replaced_by_a_file_when_the_case_is_changed(self, one: Scene) -> None:
        await one.shared()
        await one.shared()
        await one.says(MIA, REVIEW, "!update #2 richting Zeist")
        await one.says(MIA, REVIEW, "!wijzig #1 daders: 3")
        await one.says(MIA, REVIEW, "!update #1 richting Houten")
        await one.says(MIA, REVIEW, "!samen #1 #2")

        files = [file for file in await one.files(POLICE) if ":1:" in str(told(file)[0])]
        assert [told(file) for file in files[1:]] == [
            ("example.org:1:1", "Update", ["example.org:1:0"], CHANGED),
            ("example.org:1:2", "Update", ["example.org:1:0", "example.org:1:1"], HOUTEN),
            (
                "example.org:1:3",
                "Update",
                ["example.org:1:0", "example.org:1:1", "example.org:1:2"],
                "richting Zeist",
            ),
        ]
        assert "Daders: 3" in "".join(files[1].itertext())

    async def test_of_what_they_never_had_is_not_replaced(self, one: Scene) -> None:
        await one.says(ANNA, MINE, REPORT)
        await one.says(ANNA, MINE, "!verstuur")
        await one.says(MIA, REVIEW, "!wijzig #1 daders: 3")
        await one.says(MIA, REVIEW, "!ok #1 +politie")

        assert [told(file)[1] for file in await one.files(POLICE)] == ["Alert"]

    async def test_of_nobody_is_cancelled_with_no_file(self, one: Scene) -> None:
        for _ in range(2):
            await one.shared("")
        await one.says(MIA, REVIEW, "!samen #1 #2")

        assert await one.files(POLICE) == []

    async def test_names_neither_reporter_nor_shop_in_its_file(self, one: Scene) -> None:
        await one.shared(report=REPORT + "\nstraat: Steenweg 12")

        (file,) = await one.files(POLICE)
        text = " ".join(file.itertext())
        assert [word for word in (ANNA, "@anna", SHOP, "Steenweg") if word in text] == []

    async def test_has_nothing_in_its_file_that_the_gate_did_not_judge(
        self, one: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        judged: list[str] = []
        monkeypatch.setattr("bridge.speech._guard", lambda text, _: judged.append(text))
        number = await one.shared()
        await one.says(MIA, REVIEW, f"!update #{number} de politie zoekt een grijze bus")

        file = (await one.files(POLICE))[-1]
        names = ("headline", "description", "event", "areaDesc", "note", "restriction")
        read = {name: file.findtext(f".//{{{NAMESPACE}}}{name}") for name in names}
        assert [name for name, text in read.items() if not text or text not in judged] == []

    async def test_is_not_repeated_when_a_decision_is(self, one: Scene) -> None:
        await one.shared()
        before = await one.waiting(POLICE)
        await one.says(MIA, REVIEW, "!ok #1 +politie")

        assert await one.waiting(POLICE) == before

    async def test_is_not_on_the_disk_in_clear(self, one: Scene) -> None:
        await one.shared()

        async with one.database.read() as work:
            rows = (await work.exec_driver_sql("SELECT * FROM outbox")).all()
        assert rows
        assert [row for row in rows if b"moker" in repr(row).encode()] == []


class TestASubscription:
    async def test_does_not_flood_but_tells_how_much_is_open(self, one: Scene) -> None:
        await one.says(PIET, POLICE, "!afmelden")
        await one.shared()
        (answer,) = await one.says(PIET, POLICE, "!abonneer alles")

        assert "Nog niet afgesloten: 1" in answer.text.plain
        assert await one.waiting(POLICE) == []

    async def test_lists_what_is_open_when_asked(self, one: Scene) -> None:
        await one.shared()
        await one.shared("")
        (listed,) = await one.says(PIET, POLICE, "!open")

        assert "#1" in listed.text.plain
        assert "#2" not in listed.text.plain

    async def test_survives_a_restart(self, one: Scene) -> None:
        await one.says(PIET, POLICE, "!abonneer amsterdam plofkraak")
        one.restart()
        async with one.database.begin() as work:
            await one.network.started(work)
        (answer,) = await one.says(PIET, POLICE, "!abonnementen")

        assert "Amsterdam: plofkraak" in answer.text.plain

    async def test_lets_a_case_from_before_it_be_read(self, one: Scene) -> None:
        await one.says(PIET, POLICE, "!afmelden")
        await one.shared()
        assert [s.template for s in await one.says(PIET, POLICE, "!zaak #1")] == [
            "police/no_such_case"
        ]
        await one.says(PIET, POLICE, "!abonneer alles")

        said = [one.template for one in await one.says(PIET, POLICE, "!zaak #1")]
        assert "police/alert" in said

    @pytest.mark.parametrize("number", [1, 2, 99])
    async def test_opens_nothing_that_was_not_shared_with_the_police(
        self, one: Scene, number: int
    ) -> None:
        await one.shared("")
        await one.says(ANNA, MINE, REPORT)
        await one.says(ANNA, MINE, "!verstuur")

        (answer,) = await one.says(PIET, POLICE, f"!zaak #{number}")
        assert answer.template == "police/no_such_case"


class TestAReceipt:
    @pytest.mark.parametrize("tapped", [True, False], ids=["tapped", "typed"])
    async def test_stands_in_the_thread_of_the_card(self, one: Scene, tapped: bool) -> None:
        await one.shared()
        if tapped:
            await one.tapped(PIET, POLICE, "👍🏾", "case/1/police/midden-nederland")
        else:
            await one.says(PIET, POLICE, "!ontvangen #1")

        assert await one.waiting(REVIEW, "case/1/received/") == ["case/1/received/midden-nederland"]

    async def test_is_told_once(self, one: Scene) -> None:
        await one.shared()
        await one.tapped(PIET, POLICE, "👍", "case/1/police/midden-nederland")

        assert await one.tapped(PIET, POLICE, "👍", "case/1/police/midden-nederland") == []

    async def test_is_refused_for_what_the_unit_never_got(self, one: Scene) -> None:
        await one.shared("")
        (answer,) = await one.says(PIET, POLICE, "!ontvangen #1")

        assert answer.template == "police/no_such_case"

    async def test_is_not_given_by_any_other_reaction(self, one: Scene) -> None:
        await one.shared()

        assert await one.tapped(PIET, POLICE, "👀", "case/1/police/midden-nederland") == []

    @pytest.mark.parametrize("who", [MIA, ANNA, NORA])
    async def test_is_given_by_no_one_but_the_units_own_liaisons(
        self, two: Scene, who: UserID
    ) -> None:
        await two.shared()

        assert await two.tapped(who, POLICE, "👍", "case/1/police/midden-nederland") == []


class TestWhatAnOfficerTells:
    @pytest.mark.parametrize("word", ["afloop", "vraag", "outcome", "ask"])
    async def test_is_read_by_the_moderators_alone(self, one: Scene, word: str) -> None:
        await one.shared()
        said = await one.says(PIET, POLICE, f"!{word} #1 twee mannen aangehouden")

        telling = [s.template for s in said if "aangehouden" in s.text.plain]
        assert telling == ["review/from_police"]

    async def test_reaches_members_once_a_moderator_passes_it_on(self, one: Scene) -> None:
        await one.shared()
        await one.says(PIET, POLICE, "!afloop #1 twee mannen aangehouden")
        await one.says(MIA, REVIEW, "!afloop #1 twee mannen aangehouden")

        later = await one.waiting(POLICE, "case/1/police/midden-nederland/")
        assert [name for name in later if "/later/" in name] != []

    async def test_is_refused_about_what_the_unit_never_got(self, one: Scene) -> None:
        await one.shared("")
        (answer,) = await one.says(PIET, POLICE, "!afloop #1 aangehouden")

        assert answer.template == "police/no_such_case"


class TestAnOfficer:
    @pytest.mark.parametrize("word", ["ok", "nee", "approve", "reject", "melding", "leden"])
    async def test_has_no_moderators_word(self, one: Scene, word: str) -> None:
        await one.says(ANNA, MINE, REPORT)
        await one.says(ANNA, MINE, "!verstuur")
        said = await one.says(PIET, POLICE, f"!{word} #1 waarom niet")

        assert [s.template for s in said] == ["command/unknown"]

    @pytest.mark.parametrize("key", ["✅", "👮", "❌"])
    async def test_approves_nothing_by_a_tap(self, one: Scene, key: str) -> None:
        await one.says(ANNA, MINE, REPORT)
        await one.says(ANNA, MINE, "!verstuur")

        assert await one.reacts(PIET, 1, key) == []
        assert await one.tapped(PIET, POLICE, key, "case/1/card") == []

    @pytest.mark.parametrize("secrecy", [CLEAR, UNSIGNED], ids=["in clear", "not verified"])
    async def test_changes_nothing_from_a_device_that_is_not_theirs_for_sure(
        self, one: Scene, secrecy: Any
    ) -> None:
        await one.says(PIET, POLICE, "!afmelden", secrecy=secrecy)
        await one.shared()

        assert await one.waiting(POLICE) != []

    async def test_has_words_that_are_nobodys_else_there(self, one: Scene) -> None:
        (answer,) = await one.says(CORA, POLICE, "!abonneer alles")

        assert answer.template == "command/unknown"

    async def test_of_another_unit_is_not_answered_in_this_room(self, two: Scene) -> None:
        (answer,) = await two.says(NORA, POLICE, "!afmelden")

        assert answer.template == "police/no_unit"
