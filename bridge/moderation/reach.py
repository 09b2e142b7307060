"""Which rooms have the alert of a case: what was put out tells, whatever was decided since."""

from __future__ import annotations

from collections.abc import Sequence

from appservice import outbox
from appservice.database import Work
from bridge.places import AlertRoom, LiaisonRoom, Place, SharedRoom, place_of
from bridge.reports.case import Case, message_name


async def reached(work: Work, case: Case) -> Sequence[SharedRoom]:
    """Return the alert rooms and liaison rooms to which the alert of a case went."""
    found: dict[Place, None] = {}
    for kind in ("alert", "police"):
        prefix = message_name(case, f"{kind}/")
        for sent in await outbox.deliveries(work, prefix):
            place = place_of(sent.target)
            if "/" not in sent.name.removeprefix(prefix):
                found[place] = None
    return [place for place in found if isinstance(place, AlertRoom | LiaisonRoom)]
