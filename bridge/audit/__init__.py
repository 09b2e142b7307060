"""The audit log: who did what to which case, under which rule; never what a report says.

::

    a decision ──▶ Entry ──▶ Audit.record ──▶ link: hash over the former ─▶ sealed by a keyed MAC
                                                │
    goudwacht audit verify ◀── faults_in ◀──────┘

:mod:`~bridge.audit.entry` says what can be recorded, :mod:`~bridge.audit.chain` what makes
tampering show, :mod:`~bridge.audit.records` keeps it. An entry is written in the transaction of
what it tells of::

    await audit.record(work, Entry(Deed.REJECTED, by=moderator, case=case.number), now)
"""

from bridge.audit.chain import Break, Fault
from bridge.audit.entry import Deed, Detail, Entry, Office, Recorded
from bridge.audit.records import Audit, NotWhole, Standing

__all__ = [
    "Audit",
    "Break",
    "Deed",
    "Detail",
    "Entry",
    "Fault",
    "NotWhole",
    "Office",
    "Recorded",
    "Standing",
]
