"""That the watch over the logs of all tests would see what must not be there."""

from __future__ import annotations

import logging

import pytest

from appservice.homeserver import Homeserver
from appservice.ids import UserID
from appservice.vault import Vault
from tests.harness import people
from tests.harness.logs import Watch, printed, watching

BOT = UserID("@goudwacht:example.org")
TOKEN = "a token that is as long as a real one"
SECRET = "a secret that is long enough for the tests"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = watching(monkeypatch.setattr)
    Vault(SECRET)
    Homeserver("http://localhost:1", TOKEN, BOT)
    watch.heard("!melding inbraak\nmo: ze kwamen door het dak")
    return watch


def told(watch: Watch, level: int, message: str) -> bool:
    watch.handle(logging.LogRecord("bridge", level, "", 0, message, None, None))
    return watch.end() != []


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.ERROR])
@pytest.mark.parametrize("word", [TOKEN, SECRET, "mo: ze kwamen door het dak"])
def test_a_token_a_secret_and_a_text_are_seen_at_every_level(
    watch: Watch, level: int, word: str
) -> None:
    assert told(watch, level, f"failed ({word})")


def test_the_id_of_a_member_is_seen_from_level_info_on(watch: Watch) -> None:
    watch.handle(logging.LogRecord("bridge", logging.DEBUG, "", 0, "@anna:example.org", None, None))
    assert watch.end() == []
    assert told(watch, logging.INFO, "@anna:example.org came in")


def test_the_bots_own_id_and_other_words_are_nothing(watch: Watch) -> None:
    assert not told(watch, logging.INFO, f"ready: {BOT}; see `goudwacht doctor`")


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_what_a_process_printed_is_looked_at_too(watch: Watch, level: int) -> None:
    line = f"2026-11-22 05:11:00,123 {logging.getLevelName(level)} bridge.network: "
    printed(f"{line}@anna:example.org came in", secrets=[], bots=[BOT])
    assert (watch.end() != []) == (level == logging.INFO)

    printed(f"{line}a secret of that process", secrets=["secret of that"], bots=[])
    assert watch.end() != []


def test_what_a_process_printed_beside_its_log_is_looked_at_too(watch: Watch) -> None:
    printed("ValueError: @anna:example.org", secrets=[], bots=[BOT])
    assert watch.end() != []


def test_what_a_client_sends_is_a_text(watch: Watch) -> None:
    vars(people)["text"]("ze kwamen over het dak")
    assert told(watch, logging.DEBUG, "cannot read 'ze kwamen over het dak'")


def test_what_a_library_warns_of_is_looked_at_too(watch: Watch, over_all: Watch) -> None:
    """By the watch over all tests, which would refuse this one for it."""
    logging.getLogger("aiohttp.server").error("bad request: %s", TOKEN)
    assert over_all.end() != []
