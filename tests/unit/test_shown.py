"""Who reads which field: what a reporter and the moderators are told of that, before it is so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.configuration import ConfigurationError
from bridge.places import LiaisonRoom, PrivateRoom, ReviewRoom
from bridge.police.cap import NAMESPACE
from bridge.reports.fields import FieldName
from bridge.reports.shown import FOR_POLICE, Audience, Line, PoliceReading, lines
from tests.unit.example import ANNA, CONFIGURATION, FIELDS, HERE, MIA, configuration
from tests.unit.stage import Stage
from tests.unit.test_police_relay import Scene

MINE = PrivateRoom(ANNA)
ALL = replace(
    FIELDS,
    ongoing=True,
    injury=True,
    footage=True,
    called_112=True,
    street="Steenweg 12",
    declaration_reference="PL77",
    serials="Omega 48273916",
)


def names(found: Iterable[Line]) -> set[FieldName]:
    return {line.name for line in found}


READINGS = st.builds(PoliceReading, st.frozensets(st.sampled_from(FOR_POLICE)))


@given(
    police=READINGS,
    publish=st.booleans(),
    footage=st.none() | st.booleans(),
    ongoing=st.none() | st.booleans(),
)
def test_nobody_is_told_that_moderators_alone_read_what_police_read(
    police: PoliceReading, publish: bool, footage: bool | None, ongoing: bool | None
) -> None:
    fields = replace(ALL, publish_street=publish, footage=footage, ongoing=ongoing)
    members = lines(fields, Audience.MEMBERS)

    assert names(police.beside_members(fields)) == names(police.lines(fields)) - names(members)
    assert names(police.kept_from_them(fields)) & names(police.lines(fields)) == set()


@given(READINGS)
def test_police_read_beside_what_members_do_what_the_operator_lets_them(
    police: PoliceReading,
) -> None:
    fields = replace(ALL, publish_street=False)

    assert names(police.beside_members(fields)) == police.more
    assert FieldName.STREET not in names(police.lines(replace(fields, publish_street=True)))


TOLD = {
    "footage": ("Beeld: ja", "beeld: ja"),
    "street": ("Steenweg 12", "straat: Steenweg 12"),
    "declaration_reference": ("PL77", "aangiftenummer: PL77"),
    "serials": ("Omega 48273916", "serienummer: Omega 48273916"),
}


@pytest.mark.parametrize("lets", [(), ("street",), ("declaration_reference", "footage", "serials")])
async def test_officers_read_in_message_and_file_what_the_configuration_lets_them(
    lets: tuple[str, ...],
) -> None:
    network = Scene(configuration(police={"fields": lets}))
    await network.set()
    typed = [typed for _, typed in TOLD.values()]
    await network.says(ANNA, MINE, "\n".join(["!melding overval", "plaats: Utrecht", *typed]))
    await network.says(ANNA, MINE, "tijd: 12:00")
    await network.says(ANNA, MINE, "!verstuur")
    said = await network.says(MIA, ReviewRoom(), "!ok #1 +politie")
    (message,) = [one.text.plain for one in said if one.template == "police/alert"]
    (file,) = await network.files(LiaisonRoom(HERE))
    description = file.findtext(f".//{{{NAMESPACE}}}description") or ""
    await network.close()

    for read in (message, description):
        assert {name for name, (words, _) in TOLD.items() if words in read} == set(lets)


def test_who_reported_is_nothing_that_police_can_be_let_read() -> None:
    with pytest.raises(ConfigurationError, match="nearest: 'footage'"):
        configuration(police={"fields": ["fotage"]})
    with pytest.raises(ConfigurationError):
        configuration(police={"fields": ["reporter"]})


async def test_what_police_may_read_is_under_no_heading_of_moderators_alone() -> None:
    stage = Stage(CONFIGURATION)
    await stage.set()
    said = ("plaats: Utrecht", "tijd: 12:00", "beeld: ja", "letsel: nee", "aangiftenummer: P7")
    typed = "\n".join(["!melding overval", *said])
    (preview,) = [
        said for said in await stage.says(ANNA, MINE, typed) if said.template == "report/preview"
    ]
    (card,) = [
        said for said in await stage.says(ANNA, MINE, "!verstuur") if said.template == "review/card"
    ]
    await stage.close()

    for text, alone in (
        (preview.text.plain, "Alleen de moderatoren zien ook"),
        (card.text.plain, "Alleen hier te zien"),
    ):
        before, _, hidden = text.partition(alone)
        assert [word for word in ("Beeld: ja", "Letsel: nee") if word not in before] == []
        assert ("P7" in hidden, "Beeld" in hidden) == (True, False)
