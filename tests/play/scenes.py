"""What is played, and what each reader must have decrypted before it goes on.

::

    enter ─▶ welcome ─▶ report ─▶ send ─▶ share ─▶ spread ─▶ second report ─▶ turn down ─▶ silence

The words of the templates may change without a word here: a message is known by where it is, who
sent it, what it came after, and by what a person typed that must be in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from appservice.ids import RoomID
from bridge.wording import Language, Wording, templates_directory
from tests.harness.reader import NotSeenError
from tests.harness.timeline import Seen
from tests.play.cast import ANNA, BRAM, CHRIS, MILA, PARTS, PIM, SHOP, Cast, Part, Player
from tests.play.transcript import Transcript

SHARED_WORDS: Final = (
    "Utrecht",
    "een lange en een gedrongen man, donkere kleding, helm op",
    "als klant binnen, vitrine ingeslagen met een moker",
    "zwarte scooter, richting het station",
)
"""What Anna types that her colleagues must read in the alert."""

ROBBERY: Final = f"""\
!melding overval
plaats: {SHARED_WORDS[0]}
tijd: zojuist
daders: 2
kenmerken: {SHARED_WORDS[1]}
mo: {SHARED_WORDS[2]}
wapen: slag
buit: luxe horloges
vlucht: {SHARED_WORDS[3]}
beeld: ja
112: ja"""

SUSPICION: Final = "twee mannen met een ladder bekijken de gevel"
REASON: Final = "Nagebeld: het waren de glazenwassers van de buren."

SECRET_WORDS: Final = (*SHARED_WORDS[1:], SUSPICION, REASON, SHOP)
"""What may be read nowhere but in a member's client: no base64 can hold these by chance."""

_BELONGS: Final = {
    ANNA: ("private", "alerts"),
    BRAM: ("private", "alerts"),
    CHRIS: ("private",),
    MILA: ("review",),
    PIM: ("police",),
}

_ROOMS_SECONDS = 120.0
"""To make all rooms, and for everybody to join theirs."""

Step = Callable[[], Awaitable[None]]


class Missed(AssertionError):
    """A reader did not see in time what they should, or saw what they should not.

    Attributes:
        what: what was to be seen.
        instead: what that reader saw.
    """

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"{what}\n{instead}")
        self.what = what
        self.instead = instead


class Scenes:
    """The play. Each step waits until everyone it concerns has seen what they should.

    Args:
        cast: who plays.
        tell: told of everything as it happens.
        network: the network's name, as configured.
        patience: seconds in which each message must be read.
    """

    def __init__(
        self, cast: Cast, tell: Transcript, *, network: str = "Goudwacht", patience: float = 20
    ) -> None:
        self._cast = cast
        self._tell = tell
        self._network = network
        self._patience = patience
        self._names = {part.localpart: part.name for part in PARTS}
        self._rooms: dict[RoomID, str] = {}
        self._last: dict[tuple[Part, RoomID], Seen] = {}
        self._card: Seen | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in their order; the service may be restarted between any two of them."""
        return (
            self.enter,
            self.welcome,
            self.report,
            self.send,
            self.share,
            self.spread,
            self.second_report,
            self.second_card,
            self.turn_down,
            self.silence,
        )

    async def perform(self) -> None:
        """Play it from beginning to end.

        Raises:
            Missed: somebody did not read what they should, or read what they should not.
        """
        for step in self.steps:
            await step()

    async def enter(self) -> None:
        """Everybody is in the rooms that are for them."""
        for part, kinds in _BELONGS.items():
            for kind in kinds:
                await self._room(part, kind, max(self._patience, _ROOMS_SECONDS))

    # -- the first report: shared ------------------------------------------------------------

    async def welcome(self) -> None:
        """Every member is welcomed in a private room of their own."""
        self._tell.scene("The bot has opened a private room with every member")
        for part in (ANNA, BRAM, CHRIS):
            await self._reads(part, await self._room(part, "private"), shown=part is ANNA)

    async def report(self) -> None:
        """Anna reports, and sees what others would read of it."""
        self._tell.scene("Anna was just robbed. She has called 112, and now warns her colleagues")
        room = await self._room(ANNA, "private")
        await self._says(ANNA, room, ROBBERY)
        await self._reads(ANNA, room, *SHARED_WORDS)

    async def send(self) -> None:
        """Anna sends it; a card with all of it stands in the review room."""
        self._tell.scene("She looks it over and sends it. The moderators get a card")
        room = await self._room(ANNA, "private")
        await self._says(ANNA, room, "!verstuur")
        await self._reads(ANNA, room, "#1")
        self._card = await self._reads(
            MILA, await self._room(MILA, "review"), "#1", SHOP, *SHARED_WORDS
        )

    async def share(self) -> None:
        """Mila approves, with the police."""
        self._tell.scene("Mila shares it with the region, and with its police")
        card, room = self._seen_card(), await self._room(MILA, "review")
        await self._sees(
            MILA,
            room,
            "👮 below the card, to be tapped",
            lambda event: event.reacts_to == card.event_id and event.key == "👮",
        )
        await self._cast.mila.react(room, card.event_id, "👮")
        self._tell.taps("Mila", "👮", "the card of #1")

    async def spread(self) -> None:
        """The region reads the alert, the police theirs; reporter and moderators are told."""
        alerts = await self._room(ANNA, "alerts")
        for part in (BRAM, ANNA):
            alert = await self._reads(
                part, alerts, "#1", *SHARED_WORDS, lacks=(SHOP, "@anna"), shown=part is BRAM
            )
            if alert.mentions.get("room") is not True:
                raise Missed(f"{part.name} gets a push with the alert", str(dict(alert.content)))
        self._tell.checked("Anna reads the same; neither she nor her shop is named in it.")
        police = await self._room(PIM, "police")
        await self._reads(PIM, police, "#1", *SHARED_WORDS, lacks=(SHOP, "@anna"))
        await self._reads(ANNA, await self._room(ANNA, "private"), "#1", "Midden-Nederland")
        await self._edited("#1", "@mila")

    # -- the second report: turned down ------------------------------------------------------

    async def second_report(self) -> None:
        """Bram reports something that turns out to be nothing."""
        self._tell.scene("Then Bram sees something suspicious")
        room = await self._room(BRAM, "private")
        report = f"!melding verdacht\nplaats: Amersfoort\ntijd: zojuist\nkenmerken: {SUSPICION}"
        await self._says(BRAM, room, report)
        await self._reads(BRAM, room, SUSPICION, shown=False)

    async def second_card(self) -> None:
        """He sends it."""
        room = await self._room(BRAM, "private")
        await self._says(BRAM, room, "!verstuur")
        await self._reads(BRAM, room, "#2")
        self._card = await self._reads(
            MILA, await self._room(MILA, "review"), "#2", SUSPICION, shown=False
        )

    async def turn_down(self) -> None:
        """Mila rejects it: Bram is told why."""
        self._tell.scene("Mila makes a call and turns it down: Bram is told why")
        await self._says(MILA, await self._room(MILA, "review"), f"!nee #2 {REASON}")
        await self._reads(BRAM, await self._room(BRAM, "private"), "#2", REASON)
        await self._edited("#2", "@mila", REASON)

    async def silence(self) -> None:
        """Nobody has read what was not for them, and nobody has anything they cannot read."""
        self._tell.scene("And what nobody saw")
        for part in (ANNA, BRAM, CHRIS):
            # An answer that comes after everything else: what is not here by now is not coming.
            room = await self._room(part, "private")
            await self._says(part, room, "!mijn", shown=False)
            await self._reads(part, room, shown=False)
        only_for = {
            SUSPICION: {BRAM, MILA},
            REASON: {BRAM, MILA},
            SHOP: {MILA},
            **{words: {ANNA, BRAM, MILA, PIM} for words in SHARED_WORDS[1:]},
        }
        for part, player in self._cast:
            for words, readers in only_for.items():
                read = [event.body for event in player.timeline() if words in event.body]
                if read and part not in readers:
                    raise Missed(f"{part.name} reads nothing of it", read[0])
        self._tell.checked("Chris, in the other region, read nothing of either report.")
        self._tell.checked("Of the second report nobody but Bram and the moderator read a word.")
        for part, player in self._cast:
            if player.unreadable:
                raise Missed(f"{part.name} can read every message", self._seen_by(part))
        self._tell.checked("Nobody has a message they cannot read.")

    # -- within ------------------------------------------------------------------------------

    def _player(self, part: Part) -> Player:
        player: Player = getattr(self._cast, part.localpart)
        return player

    async def _room(self, part: Part, kind: str, patience: float = 0) -> RoomID:
        """The room of this kind that somebody is in, known to them by its name."""
        region = "Midden-Nederland" if kind in ("alerts", "police") else ""
        name = room_name(kind, self._network, region)
        try:
            room = await self._player(part).room_named(name, patience or self._patience)
        except NotSeenError as error:
            raise Missed(f"{part.name} is in {name}", self._seen_by(part)) from error
        self._rooms[room] = name
        return room

    async def _says(self, part: Part, room: RoomID, body: str, *, shown: bool = True) -> None:
        event_id = await self._player(part).say(room, body)
        if shown:
            self._tell.says(part.name, self._rooms[room], body)
        self._last[part, room] = await self._sees(
            part, room, "their own message", lambda event: event.event_id == event_id
        )

    async def _reads(
        self,
        part: Part,
        room: RoomID,
        *words: str,
        lacks: tuple[str, ...] = (),
        shown: bool = True,
    ) -> Seen:
        """Wait for a message of the bot's with these words, later than the last in that room."""

        def fits(event: Seen) -> bool:
            return self._is_from_bot(event) and event.edits is None and _has(event, words)

        seen = await self._sees(part, room, _message_with(words), fits)
        self._last[part, room] = seen
        for word in lacks:
            if word in seen.body or word in (seen.html or ""):
                raise Missed(f"{part.name} reads no {word} in {self._rooms[room]}", seen.body)
        if shown:
            self._tell.reads(part.name, self._rooms[room], seen.body)
        return seen

    async def _edited(self, *words: str) -> None:
        """Wait until the moderator's card has these words."""
        card, room = self._seen_card(), await self._room(MILA, "review")

        def fits(event: Seen) -> bool:
            return self._is_from_bot(event) and event.edits == card.event_id and _has(event, words)

        edit = await self._sees(MILA, room, f"the card, edited: {_message_with(words)}", fits)
        decided = edit.body.strip().splitlines()[-1]
        self._tell.reads("Mila", f"{self._rooms[room]}, on the card", decided)

    async def _sees(
        self, part: Part, room: RoomID, what: str, fits: Callable[[Seen], bool]
    ) -> Seen:
        """Wait for an event in a room, later than the last that counted there."""
        try:
            return await self._player(part).reads(
                fits, room, self._patience, after=self._last.get((part, room))
            )
        except NotSeenError as error:
            raise Missed(
                f"{part.name} sees in {self._rooms[room]} within {self._patience:g} s: {what}",
                self._seen_by(part),
            ) from error

    def _seen_by(self, part: Part) -> str:
        """What somebody saw last, as an account of what went wrong."""
        player = self._player(part)
        told = [
            f"{self._rooms.get(event.room_id, event.room_id)}, {event.sender}: "
            + (event.body or event.key or event.type)
            for event in player.timeline()
            if event.state_key is None and event.type != "m.room.encryption"
        ]
        rooms = sorted(filter(None, map(player.rooms.name, player.rooms.joined)))
        return "\n".join(
            [f"{part.name} saw, last of all:", *told[-6:], f"and is in: {', '.join(rooms)}"]
        )

    def _is_from_bot(self, event: Seen) -> bool:
        return event.sender == self._cast.bot and event.type == "m.room.message" and event.encrypted

    def _seen_card(self) -> Seen:
        assert self._card is not None, "the steps are played in their order"
        return self._card


def room_name(kind: str, network: str = "Goudwacht", region: str = "") -> str:
    """What the room of this kind is called in Dutch; kinds are those of ``templates/nl/room``."""
    wording = Wording(templates_directory())
    return wording.render(f"room/{kind}_name", Language.NL, network=network, region=region).plain


def _message_with(words: tuple[str, ...]) -> str:
    return f"a message with {', '.join(words)}" if words else "a message"


def _has(event: Seen, words: tuple[str, ...]) -> bool:
    return all(word in event.body for word in words)
