"""What happens in each round, drawn from a seed. Pure.

A round does not depend on the rounds before it: more rounds of the same seed begin with the same
ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from random import Random


class Victim(StrEnum):
    """A process that is killed."""

    SERVICE = "service"
    HOMESERVER = "homeserver"
    DATABASE = "database"


class Moment(StrEnum):
    """When a kill begins to count down: the first time in a round that this has happened."""

    BEGIN = "the round begins"
    REPORT_SENT = "a report was sent"
    CARD_READ = "a moderator reads a card"
    DECISION_SENT = "a decision was sent"
    SEALED = "a message is encrypted and not sent"


class Verdict(Enum):
    """How a moderator decides; the value is what they tap or type, ``n`` being the number."""

    TAP_APPROVE = "✅"
    TAP_POLICE = "👮"
    TAP_REJECT = "❌"
    TYPE_APPROVE = "!ok #n"
    TYPE_POLICE = "!ok #n +politie"
    TYPE_NATIONWIDE = "!ok #n landelijk"
    TYPE_EVERYWHERE = "!ok #n landelijk +politie"
    TYPE_REJECT = "!nee #n niet volledig genoeg"

    @property
    def tapped(self) -> bool:
        return not self.value.startswith("!")

    @property
    def for_police(self) -> bool:
        """Whether it can only be given where the police of the reporter's region take part."""
        return self in (Verdict.TAP_POLICE, Verdict.TYPE_POLICE)


@dataclass(frozen=True)
class Kill:
    """One blow: who dies together, when, and for how long they stay down."""

    victims: tuple[Victim, ...]
    moment: Moment
    after: float
    """Seconds between the moment and the blow."""
    down: float
    """Seconds until they are started again."""


@dataclass(frozen=True)
class PlannedReport:
    """A report, and what each moderator who answers it does."""

    reporter: int
    """Which of the members."""
    verdicts: tuple[tuple[int, Verdict], ...]
    """Which of the moderators, and how; where two answer, they do so at once."""


@dataclass(frozen=True)
class Round:
    """What happens in one round; everything in it happens side by side."""

    reports: tuple[PlannedReport, ...]
    kills: tuple[Kill, ...]


def rounds(seed: int, count: int, *, members: Sequence[bool], moderators: int) -> tuple[Round, ...]:
    """Draw the rounds of a run.

    Args:
        seed: the same seed gives the same rounds.
        count: how many.
        members: for each member, whether the police of their region take part.
        moderators: how many there are.
    """
    return tuple(_round(Random(f"{seed}/{n}"), members, moderators) for n in range(count))


def kills_of(planned: Sequence[Round], victim: Victim) -> int:
    """How often one process is to be killed."""
    return sum(victim in kill.victims for one in planned for kill in one.kills)


def _round(random: Random, members: Sequence[bool], moderators: int) -> Round:
    reporters = random.sample(range(len(members)), k=random.choice((1, 2, 2, 3)))
    reports = [
        PlannedReport(reporter, _verdicts(random, moderators, police=members[reporter]))
        for reporter in reporters
    ]
    kills = [_kill(random) for _ in range(random.choice((1, 1, 1, 2)))]
    return Round(tuple(reports), tuple(kills))


def _verdicts(random: Random, moderators: int, *, police: bool) -> tuple[tuple[int, Verdict], ...]:
    possible = [verdict for verdict in Verdict if police or not verdict.for_police]
    both = random.random() < 0.25
    who = random.sample(range(moderators), k=2 if both else 1)
    return tuple((moderator, random.choice(possible)) for moderator in who)


def _kill(random: Random) -> Kill:
    # A homeserver takes several seconds to start: it dies less often, so that a run has more blows.
    victims = random.choices(
        (
            (Victim.SERVICE,),
            (Victim.DATABASE,),
            (Victim.HOMESERVER,),
            (Victim.SERVICE, Victim.DATABASE),
            (Victim.SERVICE, Victim.HOMESERVER),
            (Victim.SERVICE, Victim.DATABASE, Victim.HOMESERVER),
        ),
        weights=(10, 4, 2, 2, 1, 1),
    )[0]
    moment = random.choice(tuple(Moment))
    longest = 1.5 if moment is Moment.BEGIN else 0.15
    after = 0.0 if moment is Moment.SEALED else random.uniform(0, longest)
    return Kill(victims, moment, after, down=random.uniform(0, 0.6))
