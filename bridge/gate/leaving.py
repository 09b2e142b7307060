"""What leaves, and who may let it: the last word before anything is shared.

::

    the exact text of each message ─▶ judge ─▶ certain:  Refused, whoever asks
                                            └▶ doubtful: Refused, unless a moderator said
                                                         "reden: …", or let it through before

Alerts, edits of them, updates, outcomes, bulletins and what the police read all pass here, on the
desk, where a moderator can be told why. :class:`~bridge.speech.Speaker` looks once more at what
goes to others, and raises: what nobody judged does not leave.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from bridge.gate.finding import Finding
from bridge.gate.lexicon import fold
from bridge.gate.screening import ScreeningFailed, screened
from bridge.reasons import fits
from bridge.speech import Refused

log = logging.getLogger(__name__)

Screener = Callable[[str], tuple[Finding, ...]]

_SHOWN_AT_ONCE: Final = 10
_LONGEST_SHOWN: Final = 80
_REASON = re.compile(
    r"(?:(?<=\s)|^)(?:reden|reason|omdat|because)\s*[:=]\s*(?P<reason>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)


def with_reason(typed: str) -> tuple[str, str | None]:
    """Split what a moderator typed into what it is and the reason behind "reden:".

    Raises:
        Refused: the reason is too long.
    """
    found = _REASON.search(typed)
    if found is None:
        return typed, None
    reason = found["reason"].strip()
    fits(reason)
    return typed[: found.start()].strip(), reason


def judge(
    texts: Iterable[str],
    let_through: Collection[str],
    reason: str | None,
    screener: Screener = screened,
) -> tuple[Finding, ...]:
    """Decide whether texts may leave; return what is let through now and was not before.

    Args:
        texts: exactly what readers will read.
        let_through: what moderators let through before, as :attr:`Finding.mark` writes it.
        reason: why a moderator lets through what is doubtful; None when they gave none.

    Raises:
        Refused: something may not leave, or could not be judged.
    """
    found = findings_in(texts, screener)
    sure = [one for one in found if one.certain]
    if sure:
        raise Refused("gate/certain", **shown(sure))
    doubts = [one for one in found if one.mark not in let_through]
    if doubts and reason is None:
        raise Refused("gate/doubtful", **shown(doubts))
    return tuple(doubts)


def certain_in(texts: Iterable[str], screener: Screener = screened) -> tuple[Finding, ...]:
    """Return what in texts nobody may approve.

    Raises:
        Refused: they could not be judged.
    """
    return tuple(one for one in findings_in(texts, screener) if one.certain)


def all_in(texts: Iterable[str], screener: Screener = screened) -> tuple[Finding, ...]:
    """Return everything found in texts, for a preview or a card; nothing when it cannot be judged.

    What cannot be judged is told when somebody tries to send or share it.
    """
    try:
        return findings_in(texts, screener)
    except Refused:
        return ()


def shown(findings: Iterable[Finding]) -> dict[str, object]:
    """Return the values with which a template tells of findings, each once."""
    each = {(one.kind, fold(one.text)): one for one in findings}
    told = [
        {"text": one.text[:_LONGEST_SHOWN], "kind": one.kind, "certain": one.certain}
        for one in each.values()
    ]
    return {"findings": told[:_SHOWN_AT_ONCE], "more_findings": max(0, len(told) - _SHOWN_AT_ONCE)}


def findings_in(texts: Iterable[str], screener: Screener = screened) -> tuple[Finding, ...]:
    """Return everything found in texts.

    Raises:
        Refused: they could not be judged.
    """
    try:
        return tuple(one for text in dict.fromkeys(texts) for one in screener(text))
    except ScreeningFailed:
        raise Refused("gate/failed") from None
    except Exception as error:
        # Whatever went wrong in a rule: what was not judged does not leave. Told without the
        # error, whose text may hold a piece of what somebody wrote.
        log.error("the gate could not judge a text: %s", type(error).__name__)
        raise Refused("gate/failed") from None
