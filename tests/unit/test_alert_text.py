"""What a colleague reads of an alert: heading, advice, a map of the town, whom to call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.gate.screening import screened
from bridge.regions import RegionCode
from bridge.regions.towns import dutch_towns, region_of
from bridge.relay.advice import MOST, Advice, advice_for
from bridge.relay.alert import alerts
from bridge.relay.map import map_of
from bridge.reports import MoTag, ReportFields, ReportType
from bridge.reports.case import Status
from bridge.wording import Language, Wording, templates_directory
from tests.unit.example import FIELDS, HERE, submitted

WORDING = Wording(templates_directory())


def shown(fields: ReportFields, language: Language = Language.NL) -> str:
    case = replace(submitted(fields), status=Status.PUBLISHED, regions=(HERE,))
    alert = alerts(case, [HERE])[0]
    return WORDING.render(alert.template, language, **alert.values).plain


def test_a_lock_screen_shows_type_and_town() -> None:
    assert shown(FIELDS).startswith("INBRAAK, Utrecht\n")


@pytest.mark.parametrize("language", Language)
def test_the_last_line_says_whom_to_call(language: Language) -> None:
    last = shown(FIELDS, language).splitlines()[-1]
    assert "112" in last
    assert "0900-8844" in last


def test_advice_follows_from_the_way_of_working() -> None:
    jacked = replace(FIELDS, mo=None, mo_tags=(MoTag.SHUTTER_JACKED,))
    assert advice_for(jacked) == (Advice.SHUTTER_JACKED,)
    assert "Zet een grondslot op het rolluik." in shown(jacked)


def test_no_more_advice_than_somebody_reads() -> None:
    assert len(advice_for(replace(FIELDS, mo_tags=tuple(MoTag)))) == MOST


def test_a_map_shows_the_town_and_never_the_street() -> None:
    told = replace(FIELDS, street="Steenweg 12", publish_street=True)
    assert map_of(told.place, HERE) == map_of("Utrecht", HERE)
    assert "https://www.openstreetmap.org/#map=12/52.09/5.12" in shown(told)


def test_a_town_that_nobody_knows_has_no_map() -> None:
    assert map_of("Nergenshuizen", HERE) is None


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ReportType)
def test_the_gate_questions_no_alert_for_its_own_words(
    kind: ReportType, language: Language
) -> None:
    texts = [shown(replace(FIELDS, type=kind, mo=None, mo_tags=(tag,)), language) for tag in MoTag]
    assert [text for text in texts if screened(text)] == []


@pytest.mark.parametrize("language", Language)
def test_the_gate_questions_no_alert_for_its_town(language: Language) -> None:
    naming = "\n".join(line for line in shown(FIELDS, language).splitlines() if "Utrecht" in line)
    towns = dutch_towns().names[:500]
    assert [name for name in towns if screened(naming.replace("Utrecht", name))] == []


def test_of_towns_with_one_name_the_map_shows_that_of_the_region() -> None:
    assert map_of("Hengelo", RegionCode("oost-nederland")) is None  # there are two of them
    assert map_of("Laren", RegionCode("midden-nederland")) is not None


@pytest.mark.parametrize(
    ("town", "region"),
    [
        *(("Utrecht", "midden-nederland"), ("Mokum", "amsterdam"), ("den bosch", "oost-brabant")),
        *(("Amstelveen", "amsterdam"), ("Hoofddorp", "noord-holland"), ("Laren", None)),
        *(("Gorinchem", "rotterdam"), ("Gouda", "den-haag"), ("Tilburg", "zeeland-west-brabant")),
        *(("Almere", "midden-nederland"), ("Nijmegen", "oost-nederland"), ("Venlo", "limburg")),
    ],
)
def test_a_town_belongs_to_its_police_unit(town: str, region: str | None) -> None:
    own = RegionCode("midden-nederland") if region is None else None
    assert region_of(town, own) == (region or "midden-nederland")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("utrecth", "Utrecht"), ("amstredam", "Amsterdam"), ("roterdam", "Rotterdam")],
)
def test_a_slip_in_a_town_is_understood(typed: str, meant: str) -> None:
    town = dutch_towns().near(typed, surely_a_town=False)
    assert town is not None
    assert town.name == meant
