"""A case as a message of the Common Alerting Protocol 1.2, for the police's own systems.

::

    case, what happened to it, words ─▶ message ─▶ XML, valid against the schema of OASIS

| ours | CAP |
|---|---|
| published | Alert |
| updated, or changed | Update |
| closed with its outcome | Update, responseType AllClear |
| withdrawn | Cancel |

Always category Security and scope Restricted: it is for the police it was sent to and nobody else.
Nobody is named in it: it is made of the fields of a report, which have no room for a person.

Source: Common Alerting Protocol Version 1.2, OASIS Standard, 1 July 2010; the names of the elements
stand here in the order that its schema wants. Severity, urgency and certainty by type are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from bridge.reports.case import Case, numbered
from bridge.reports.fields import ReportType, Weapon
from bridge.reports.report import ReportFields, derived_attempt

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"

JUST_NOW: Final = timedelta(hours=1)
"""Who fled so shortly ago may still be near: urgency Immediate."""

EXPIRES_AFTER: Final = timedelta(hours=24)

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_IDS = re.compile(r"[\s,<&]")

_SEVERITY: Final = {
    ReportType.ROBBERY: "Severe",
    ReportType.STREET_ROBBERY: "Severe",
    ReportType.RAM_RAID: "Severe",
    ReportType.EXPLOSIVE_ATTACK: "Extreme",
    ReportType.SUSPICIOUS: "Minor",
    ReportType.GOODS_OFFERED: "Minor",
}
"""Everything else is Moderate."""

_CERTAINTY: Final = {ReportType.RECONNAISSANCE: "Likely", ReportType.SUSPICIOUS: "Possible"}
"""Everything else was observed."""


class Kind(StrEnum):
    """What a message tells of a case."""

    ALERT = "Alert"
    UPDATE = "Update"
    OUTCOME = "AllClear"
    WITHDRAWAL = "Cancel"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message about a case: the first is its alert, the others follow in their order."""

    kind: Kind
    at: datetime
    text: str | None = None
    """What the moderators said, of all but an alert."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sends.

    Attributes:
        server: of the network; makes identifiers unique in the world.
        sender: who answers for it, such as ``goudwacht@example.org``.
        name: as people call the network.
        zone: of the times in the message.
    """

    server: str
    sender: str
    name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Words:
    """What people read in it, in one language."""

    language: str
    """As RFC 3066 writes it: ``nl-NL``."""
    event: str
    headline: str
    description: str
    restriction: str
    area: str


def message(case: Case, turns: Sequence[Turn], words: Words, origin: Origin) -> bytes:
    """Return the message for the last of ``turns``, as UTF-8.

    Args:
        case: with a number.
        turns: everything that was said of the case so far, its alert first.
    """
    turn, before = turns[-1], turns[:-1]
    alert = ET.Element(_tag("alert"))
    _add(alert, "identifier", identifier(case, len(before), origin))
    _add(alert, "sender", _NOT_IN_IDS.sub("_", origin.sender))
    _add(alert, "sent", _time(turn.at, origin.zone))
    _add(alert, "status", "Actual")
    _add(alert, "msgType", "Update" if turn.kind is Kind.OUTCOME else turn.kind.value)
    _add(alert, "source", origin.name)
    _add(alert, "scope", "Restricted")
    _add(alert, "restriction", words.restriction)
    if turn.text is not None:
        _add(alert, "note", turn.text)
    if before:
        _add(alert, "references", _references(case, before, origin))
    _add(alert, "incidents", f"{_NOT_IN_IDS.sub('_', origin.server)}:{numbered(case)}")
    if turn.kind is not Kind.WITHDRAWAL:
        # What was withdrawn is not said once more.
        _info(alert, case, turn, words, origin)
    written: bytes = ET.tostring(
        alert, encoding="utf-8", xml_declaration=True, default_namespace=NAMESPACE
    )
    return written


def identifier(case: Case, turn: int, origin: Origin) -> str:
    """Return the identifier of a message: the same for ever, and nobody else's."""
    return f"{_NOT_IN_IDS.sub('_', origin.server)}:{numbered(case)}:{turn}"


def severity(fields: ReportFields) -> str:
    """Return how bad it was."""
    kind = fields.type
    robbery = kind in (ReportType.ROBBERY, ReportType.STREET_ROBBERY)
    if robbery and fields.weapon not in (None, Weapon.NONE, Weapon.UNKNOWN):
        return "Extreme"
    return "Moderate" if kind is None else _SEVERITY.get(kind, "Moderate")


def urgency(fields: ReportFields, at: datetime) -> str:
    """Return how soon somebody should act, at the time of the message."""
    if fields.type is ReportType.RECONNAISSANCE:
        return "Expected"
    fled = fields.time is not None and timedelta(0) <= at - fields.time.end < JUST_NOW
    return "Immediate" if fled else "Past"


def certainty(fields: ReportFields) -> str:
    """Return how sure it is."""
    return "Observed" if fields.type is None else _CERTAINTY.get(fields.type, "Observed")


def _info(alert: ET.Element, case: Case, turn: Turn, words: Words, origin: Origin) -> None:
    fields = case.fields
    info = ET.SubElement(alert, _tag("info"))
    _add(info, "language", words.language)
    _add(info, "category", "Security")
    _add(info, "event", words.event)
    _add(info, "responseType", "AllClear" if turn.kind is Kind.OUTCOME else "Monitor")
    _add(info, "urgency", urgency(fields, turn.at))
    _add(info, "severity", severity(fields))
    _add(info, "certainty", certainty(fields))
    if fields.type is not None:
        _pair(info, "eventCode", "goudwacht:type", fields.type.value)
    if fields.time is not None:
        _add(info, "onset", _time(fields.time.start, origin.zone))
    _add(info, "expires", _time(turn.at + EXPIRES_AFTER, origin.zone))
    _add(info, "senderName", origin.name)
    _add(info, "headline", words.headline)
    _add(info, "description", words.description)
    for name, value in _parameters(case):
        _pair(info, "parameter", name, value)
    area = ET.SubElement(info, _tag("area"))
    _add(area, "areaDesc", words.area)


def _parameters(case: Case) -> list[tuple[str, str]]:
    fields = case.fields
    attempt = derived_attempt(fields)
    said: list[tuple[str, object]] = [
        ("case", numbered(case)),
        ("attempt", None if attempt is None else str(attempt).lower()),
        ("offenders", fields.offenders),
        ("weapon", None if fields.weapon is None else fields.weapon.value),
        *(("tag", tag.value) for tag in fields.tags),
        *(("loot", loot.value) for loot in fields.loot),
    ]
    return [(f"goudwacht:{name}", str(value)) for name, value in said if value is not None]


def _references(case: Case, before: Sequence[Turn], origin: Origin) -> str:
    sender = _NOT_IN_IDS.sub("_", origin.sender)
    return " ".join(
        f"{sender},{identifier(case, number, origin)},{_time(turn.at, origin.zone)}"
        for number, turn in enumerate(before)
    )


def _time(when: datetime, zone: ZoneInfo) -> str:
    local = when.astimezone(zone).replace(microsecond=0)
    # CAP 1.2, 3.3.2: no "Z", and UTC is written as -00:00.
    text = local.isoformat()
    return text[:-6] + "-00:00" if local.utcoffset() == timedelta(0) else text


def _pair(parent: ET.Element, name: str, key: str, value: str) -> None:
    pair = ET.SubElement(parent, _tag(name))
    _add(pair, "valueName", key)
    _add(pair, "value", value)


def _add(parent: ET.Element, name: str, text: object) -> None:
    ET.SubElement(parent, _tag(name)).text = _NOT_IN_XML.sub("", str(text))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
