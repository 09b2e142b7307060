"""Somebody behind what only a person has, and things that stand there: names on no list.

names that no list has × a sentence of one kind ─▶ screen ─▶ refused
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.gate import Level, screen
from tests.gate import strangers

FRAMES = {
    "a profession": (
        "hij stelde zich voor als ingenieur {family} van de alarmcentrale",
        "inspecteur {family} komt morgen langs",
        "doorgegeven aan rechercheur {family}",
        "beveiligingsbeambte {family} hield hem tegen",
    ),
    "initials in small letters": (
        "cheque ondertekend door {initial} {small}, handtekening klopte niet",
        "pakket op naam van {initial}.{initial}. {small}",
        "rekening tnv {initial} {small}",
        "getekend {initial} de {small}",
    ),
    "what is somebody's": (
        "de fiets bleek van {given} {family} te zijn, gestolen in Delft",
        "de tas schijnt van {given} {family} te zijn",
    ),
    "who is pointed at": (
        "ik herkende direct die {family} van de snackbar",
        "ik ken die {family} van de markt",
    ),
}
LEAST = 0.95
"""The share of names that is refused: one that is a word too may pass."""
FAMILIES_THAT_ARE_WORDS = ["Bramhorst", "Houtzager", "Molenaar", "Westerhof", "Timmer", "Wever"]


def sentences(kind: str) -> Iterator[str]:
    frames = FRAMES[kind]
    for number, (given, family) in enumerate(strangers.names()[::2]):
        yield frames[number % len(frames)].format(
            given=given, family=family, small=family.lower(), initial="bfgjlprs"[number % 8]
        )


def is_refused(text: str) -> bool:
    return any(one.level is Level.CERTAIN for one in screen(text))


@pytest.mark.parametrize("kind", FRAMES)
def test_a_name_of_no_list_is_refused_behind(kind: str) -> None:
    texts = list(sentences(kind))
    missed = [text for text in texts if not is_refused(text)]
    assert len(missed) <= (1 - LEAST) * len(texts), missed


@pytest.mark.parametrize("family", FAMILIES_THAT_ARE_WORDS)
def test_a_family_that_is_called_after_a_trade_is_refused_behind_another(family: str) -> None:
    assert is_refused(f"volgens ingenieur {family} was de draad doorgeknipt")


@pytest.mark.parametrize(
    "text",
    [
        *("cheque ondertekend door p kuipers", "naam: k de boer", "getekend j.w. kuipers"),
        *("dhr. Van Everdingen van de verzekering", "meneer Zoutendijk belde terug"),
        *("onze goudsmid, Wiebren, was in de werkplaats", "klant genaamd peer janssens"),
        *("Anna van Riemsdijk was er", "we spraken met Lieven Zwartendijk"),
        *("they call the driver Ghost", "ze noemen de chauffeur Spook"),
        *("t me/joinchat/AAAAAFq83kd", "t (punt) me / buit_nl", "discord gg/Xk29d"),
        "da ze in de Veldstraat 9 bus 2 te Lokeren wonen",
        "dat ie in de Lange Lozanastraat 101/3, Borgerhout woont",
    ],
)
def test_one_is_refused(text: str) -> None:
    assert is_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        *("agent Dienst Regionale Recherche belt terug", "wijkagent Centrum heeft rondes gelopen"),
        *("Captain Cook horloge van Rado", "14 trouwringen, merk Christian Bauer"),
        *("dief verstopte de ring in een pakje Peter Stuyvesant", "eerst bij Christine le Duc"),
        *("Gerald Charles Maestro 2.0 uit de etalage", "Seat Leon, Frans kenteken"),
        *("klapte Frans tegen zijn maat", "suspects ran towards the Amstel"),
        *("van a naar b gelopen", "g star jas, c en a tas", "door e mail gewaarschuwd"),
        *("man maakte foto's van de sluis", "is v roestvrij staal", "klop a.u.b. gewoon aan"),
        *("inbraak Anton Philipsdijk", "hoek Johan Frisohof en Beatrixhof"),
        *("ik ken die Porsche van de markt", "weer die Golf uit de straat"),
        *(
            "they call the manager immediately",
            "we call the area Bijlmer",
            "noemt die klok Big Ben",
        ),
        *("onze buurman, Albert Heijn, heeft beelden", "de tas was van Louis Vuitton."),
        *("hanger St. Christoffel", "klant van bol.com", "strafzaak van de overval dient 12 mei"),
    ],
)
def test_what_stands_in_the_same_place_passes(text: str) -> None:
    assert screen(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        *("er loopt nog een strafzaak tegen hem", "Dader 1 blank, 1.85, grijze hoody"),
        *("someone yelled Storm before they ran off", "hoorde iets roepen van sem of zem ofzo"),
        *('er roept er een "storm!" naar de ander', "had het over een Florijn, persoon of munt"),
    ],
)
def test_what_may_be_said_of_somebody_is_flagged(text: str) -> None:
    found = screen(text)
    assert {one.level for one in found} == {Level.DOUBTFUL}
