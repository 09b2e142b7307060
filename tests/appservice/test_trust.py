"""Whose devices count: chains of signatures, whole and tampered with."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import vodozemac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.canonical_json import canonical_json, signable
from appservice.encryption.cross_signing import CrossSigningKeys, SigningKey
from appservice.encryption.devices import entitled
from appservice.encryption.trust import (
    DeviceKeys,
    KeySharing,
    devices_of,
    identity_of,
    signature_is_good,
)
from appservice.ids import DeviceID, UserID

ANNA, BAS = UserID("@anna:example.org"), UserID("@bas:example.org")
PHONE = DeviceID("PHONE")


def keys_of(user: UserID) -> CrossSigningKeys:
    return CrossSigningKeys(user, *(SigningKey(Ed25519PrivateKey.generate()) for _ in range(3)))


def device_of(user: UserID, account: vodozemac.Account) -> dict[str, Any]:
    """The keys of a device, signed by itself."""
    keys = {
        "user_id": user,
        "device_id": PHONE,
        "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
        "keys": {
            f"curve25519:{PHONE}": account.curve25519_key.to_base64(),
            f"ed25519:{PHONE}": account.ed25519_key.to_base64(),
        },
    }
    signature = account.sign(signable(keys)).to_base64()
    return {**keys, "signatures": {user: {f"ed25519:{PHONE}": signature}}}


def published(user: UserID = ANNA, *, signed: bool = True) -> dict[str, Any]:
    """What ``/keys/query`` answers for a user with one device."""
    keys, device = keys_of(user), device_of(user, vodozemac.Account())
    upload = keys.upload_body()
    return {
        "device_keys": {user: {PHONE: keys.sign_device(device) if signed else device}},
        "master_keys": {user: upload["master_key"]},
        "self_signing_keys": {user: upload["self_signing_key"]},
    }


def read(answer: dict[str, Any], user: UserID = ANNA) -> list[DeviceKeys]:
    return devices_of(user, answer, identity_of(user, answer))


WHOLE = published()


def places(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where the texts are in a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, str):
        yield path


def changed(value: dict[str, Any], path: tuple[str, ...], text: object) -> dict[str, Any]:
    other = copy.deepcopy(value)
    inner: Any = other
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = text
    return other


def test_a_device_that_its_owner_signed_is_signed() -> None:
    (device,) = read(WHOLE)

    assert (device.user, device.device, device.signed) == (ANNA, PHONE, True)


def test_a_device_that_its_owner_did_not_sign_is_not() -> None:
    (device,) = read(published(signed=False))

    assert not device.signed


def test_a_device_without_an_identity_is_not_signed() -> None:
    answer = {"device_keys": WHOLE["device_keys"]}

    (device,) = read(answer)

    assert not device.signed


def test_a_device_signed_by_another_users_key_is_not_signed() -> None:
    answer = published(signed=False)
    device = answer["device_keys"][ANNA][PHONE]
    answer["device_keys"][ANNA][PHONE] = keys_of(BAS).self_signing.sign(ANNA, device)

    assert [found.signed for found in read(answer)] == [False]


def test_a_self_signing_key_of_another_master_key_makes_no_identity() -> None:
    answer = {**WHOLE, "self_signing_keys": published()["self_signing_keys"]}

    assert identity_of(ANNA, answer) is None


def test_an_identity_of_another_user_is_none_of_ours() -> None:
    others = published(BAS)
    answer = {
        "master_keys": {ANNA: others["master_keys"][BAS]},
        "self_signing_keys": {ANNA: others["self_signing_keys"][BAS]},
    }

    assert identity_of(ANNA, answer) is None


def test_a_device_under_another_name_is_left_out() -> None:
    device = WHOLE["device_keys"][ANNA][PHONE]

    assert read({"device_keys": {ANNA: {"TABLET": device}}}) == []


def test_a_device_of_another_user_is_left_out() -> None:
    others = published(BAS)["device_keys"][BAS]

    assert read({"device_keys": {ANNA: others}}) == []


@pytest.mark.parametrize("key", ["", "x\x00y", "short", "é" * 32, 7])
def test_a_device_whose_key_is_none_is_left_out_though_it_signed_it(key: object) -> None:
    account = vodozemac.Account()
    keys = device_of(ANNA, account)
    del keys["signatures"]
    keys["keys"][f"curve25519:{PHONE}"] = key
    signature = account.sign(signable(keys)).to_base64()
    keys["signatures"] = {ANNA: {f"ed25519:{PHONE}": signature}}

    assert read({"device_keys": {ANNA: {PHONE: keys}}}) == []


@settings(deadline=None, max_examples=200)
@given(
    path=st.sampled_from(sorted(places(WHOLE))),
    text=st.one_of(st.text(), st.none(), st.integers(), st.dictionaries(st.text(), st.text())),
)
def test_no_change_to_an_answer_makes_another_device_a_signed_one(
    path: tuple[str, ...], text: object
) -> None:
    (original,) = read(WHOLE)

    for device in read(changed(WHOLE, path, text)):
        assert device == original or not device.signed


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from([*WHOLE, ANNA, PHONE, "keys", "signatures"]), inner)
        ),
    )
)
def test_no_answer_makes_reading_stumble(answer: object) -> None:
    if isinstance(answer, dict):
        assert read(answer) == []


def test_a_signature_covers_all_but_signatures_and_unsigned() -> None:
    key = SigningKey(Ed25519PrivateKey.generate())
    signed = key.sign(ANNA, {"a": 1})

    assert signature_is_good({**signed, "unsigned": {"x": 1}}, ANNA, key.public, key.public)
    assert not signature_is_good({**signed, "b": 1}, ANNA, key.public, key.public)


def test_signatures_of_others_stay_when_one_is_added() -> None:
    first, second = (SigningKey(Ed25519PrivateKey.generate()) for _ in range(2))

    signed = second.sign(BAS, first.sign(ANNA, {"a": 1}))

    assert signature_is_good(signed, ANNA, first.public, first.public)
    assert signature_is_good(signed, BAS, second.public, second.public)


def test_a_signing_key_shows_only_its_public_half() -> None:
    key = SigningKey(Ed25519PrivateKey.generate())

    assert repr(key) == f"SigningKey({key.public})"


def test_canonical_json_is_as_the_specification_shows_it() -> None:
    # Appendices, "Canonical JSON", examples.
    value = {"auth": {"success": True, "mxid": "@j:e.com", "profile": {"n": "日本"}}, "a": None}

    assert canonical_json(value) == (
        '{"a":null,"auth":{"mxid":"@j:e.com","profile":{"n":"日本"},"success":true}}'.encode()
    )


@pytest.mark.parametrize(
    ("signed", "policy", "may"),
    [
        (True, KeySharing.CROSS_SIGNED, True),
        (False, KeySharing.CROSS_SIGNED, False),
        (True, KeySharing.ALL, True),
        (False, KeySharing.ALL, True),
    ],
)
def test_who_may_have_keys(signed: bool, policy: KeySharing, may: bool) -> None:
    assert entitled(DeviceKeys(ANNA, PHONE, "curve", "ed", signed), policy) is may
