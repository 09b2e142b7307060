"""The doctor: is everything as it should be, and if not, what has to be done.

::

    configuration ─┬─▶ registration ─┬─▶ agreement
                   ├─▶ files         │
                   ├─▶ homeserver ───┴─▶ token ─┬─▶ name, log-in, ping
                   └─▶ database ─▶ schema ─▶ secret ─▶ device, identity, rooms

A check that follows from one that failed is not made. Nothing is changed, neither in the database
nor at the homeserver, whether the service runs or not; the door is opened for the moment of the
ping where the service does not hold it open.
"""

from bridge.doctor.checks import checks
from bridge.doctor.examination import Check, Fault, Finding, examine
from bridge.doctor.installation import Installation

__all__ = ["Check", "Fault", "Finding", "Installation", "checks", "examine"]
