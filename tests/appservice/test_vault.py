"""Sealing what lies in the database, and waiting before the next try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.backoff import Backoff
from appservice.vault import Vault, VaultError

SECRET = "a secret that is long enough for the tests"


@given(value=st.binary(), purpose=st.text(alphabet="abc "))
def test_what_was_sealed_opens_for_its_purpose(value: bytes, purpose: str) -> None:
    vault = Vault(SECRET)

    assert vault.open(vault.seal(value, purpose), purpose) == value


def test_json_opens_as_it_was() -> None:
    vault, value = Vault(SECRET), {"tekst": "goud 💍", "aantal": 2, "leeg": None}

    assert vault.open_json(vault.seal_json(value, "message"), "message") == value


def test_json_with_half_a_surrogate_pair_opens_as_it_was() -> None:
    vault = Vault(SECRET)

    assert vault.open_json(vault.seal_json({"x": "\ud83d"}, "message"), "message") == {
        "x": "\ud83d"
    }


def test_another_purpose_does_not_open_it() -> None:
    vault = Vault(SECRET)

    with pytest.raises(VaultError, match="access token"):
        vault.open(vault.seal(b"value", "message"), "access token")


def test_another_secret_does_not_open_it() -> None:
    sealed = Vault(SECRET).seal(b"value", "message")

    with pytest.raises(VaultError, match=r"database\.secret"):
        Vault(SECRET + "!").open(sealed, "message")


@given(st.integers(min_value=0, max_value=32))
def test_a_damaged_value_does_not_open(place: int) -> None:
    vault = Vault(SECRET)
    sealed = bytearray(vault.seal(b"value", "message"))
    sealed[place] ^= 1

    with pytest.raises(VaultError):
        vault.open(bytes(sealed), "message")


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 12])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(VaultError):
        Vault(SECRET).open(sealed, "message")


def test_the_same_value_is_never_sealed_alike() -> None:
    vault = Vault(SECRET)

    assert vault.seal(b"value", "message") != vault.seal(b"value", "message")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(VaultError, match="goudwacht init"):
        Vault("short")


def test_the_secret_is_in_nothing_that_a_vault_shows() -> None:
    vault = Vault(SECRET)

    assert SECRET not in repr(vault) + repr(vars(vault))


@given(tries=st.integers(min_value=1, max_value=40))
def test_waiting_never_exceeds_the_cap(tries: int) -> None:
    backoff = Backoff(first=0.5, cap=60.0)

    assert all(0.25 <= backoff.wait() <= 60.0 for _ in range(tries))


def test_waits_grow() -> None:
    backoff = Backoff(first=1.0, cap=1000.0)
    waits = [backoff.wait() for _ in range(8)]

    # Each is drawn from between half and whole of a time that doubles.
    assert waits == sorted(waits)


def test_after_success_waiting_begins_anew() -> None:
    backoff = Backoff(first=1.0)
    for _ in range(5):
        backoff.wait()

    backoff.reset()

    assert backoff.wait() <= 1.0
