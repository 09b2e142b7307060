"""Who reads which field: what a reporter and the moderators are told of that, before it is so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bridge.places import PrivateRoom
from bridge.reports.fields import FieldName
from bridge.reports.shown import Audience, Line, lines, moderators_only, police_too
from tests.unit.example import ANNA, CONFIGURATION, FIELDS
from tests.unit.stage import Stage

MINE = PrivateRoom(ANNA)
ALL = replace(
    FIELDS,
    ongoing=True,
    injury=True,
    footage=True,
    called_112=True,
    street="Steenweg 12",
    declaration_reference="PL77",
)


def names(found: Iterable[Line]) -> set[FieldName]:
    return {line.name for line in found}


@given(publish=st.booleans(), footage=st.none() | st.booleans(), ongoing=st.none() | st.booleans())
def test_nobody_is_told_that_moderators_alone_read_what_police_read(
    publish: bool, footage: bool | None, ongoing: bool | None
) -> None:
    fields = replace(ALL, publish_street=publish, footage=footage, ongoing=ongoing)
    police, members = lines(fields, Audience.POLICE), lines(fields, Audience.MEMBERS)

    assert names(police_too(fields)) == names(police) - names(members)
    assert names(moderators_only(fields)) & names(police) == set()


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
