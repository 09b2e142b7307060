"""What comes in and goes no further than the moderators: it is screened where it is typed.

::

    a shop's name ─────────────────────────▶ what no shop is called ─────▶ Refused
    an answer to a question, why somebody
    wants a report back, what an officer
    told, what a moderator makes of a field ▶ certain ───────────────────▶ Refused
    why something doubtful may pass, why
    somebody is removed ───────────────────▶ certain or doubtful ────────▶ Refused

Whoever typed it reads what and why, and types it again without. What leaves is judged once more,
exactly as it is about to be read (:mod:`bridge.gate.leaving`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bridge.gate import shops
from bridge.gate.leaving import certain_in, findings_in, shown
from bridge.speech import Refused


def for_the_register(shop: str, **values: object) -> None:
    """Check the name of a shop, under which moderators know somebody.

    Args:
        values: what the words for who typed it need.

    Raises:
        Refused: there is in it what is no name, or it could not be judged.
    """
    findings_in([shop])
    if found := shops.unfit(shop):
        raise Refused("members/shop_personal", **values, **shown(found))


def for_moderators(texts: Iterable[str], refusal: str = "gate/certain", **values: object) -> None:
    """Check what moderators are about to read and the service to keep.

    Args:
        refusal: the words for who typed it.
        values: what these need.

    Raises:
        Refused: there is in it what nobody may be told, or it could not be judged.
    """
    if certain := certain_in(texts):
        raise Refused(refusal, **values, **shown(certain))


def for_the_log(reason: str, let_through: Collection[str] = ()) -> None:
    """Check a reason that is kept in the audit log, and read by nobody whom it concerns.

    Args:
        let_through: what it is the reason for, as :attr:`Finding.mark` writes it: that it may name.

    Raises:
        Refused: personal data stands in it, or it could not be judged.
    """
    found = [one for one in findings_in([reason]) if one.mark not in let_through]
    if found:
        raise Refused("gate/reason", **shown(found))
