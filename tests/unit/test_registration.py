"""The registration: made with fresh tokens, kept private, refused when it cannot work."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from appservice.ids import RoomAlias, UserID
from appservice.registration import Registration, RegistrationError

EXAMPLE = Path(__file__).parents[2] / "registration.yaml"


def fresh() -> Registration:
    return Registration.fresh(server_name="example.org", url="http://localhost:29350")


def edited(path: Path, **changes: object) -> Path:
    """A written registration of which some keys were changed by hand."""
    content = yaml.safe_load(fresh().to_yaml()) | changes
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


class TestFresh:
    def test_no_two_have_a_token_in_common(self) -> None:
        one, other = fresh(), fresh()
        assert len({one.as_token, one.hs_token, other.as_token, other.hs_token}) == 4

    def test_tokens_hold_256_bits(self) -> None:
        assert len(bytes.fromhex(fresh().as_token)) == len(bytes.fromhex(fresh().hs_token)) == 32

    def test_the_bot_is_the_only_user_it_claims(self) -> None:
        registration = fresh()
        assert registration.owns_user(UserID("@goudwacht:example.org"))
        assert not registration.owns_user(UserID("@goudwacht2:example.org"))
        assert not registration.owns_user(UserID("@anna:example.org"))

    def test_a_dot_in_the_server_name_is_a_dot_and_nothing_else(self) -> None:
        assert not fresh().owns_user(UserID("@goudwacht:exampleXorg"))

    def test_aliases_with_the_bots_name_before_them_are_its_own(self) -> None:
        registration = fresh()
        assert registration.owns_alias(RoomAlias("#goudwacht_limburg:example.org"))
        assert not registration.owns_alias(RoomAlias("#limburg:example.org"))

    def test_the_sender_is_not_the_bot(self) -> None:
        assert not fresh().owns_user(UserID(f"@{fresh().sender_localpart}:example.org"))

    def test_a_sender_that_is_the_bot_is_refused(self) -> None:
        with pytest.raises(RegistrationError, match="goudwacht_as"):
            Registration.fresh(
                server_name="example.org", url="http://localhost", sender_localpart="goudwacht"
            )

    def test_an_address_that_is_no_url_is_refused(self) -> None:
        with pytest.raises(RegistrationError, match="url"):
            Registration.fresh(server_name="example.org", url="localhost:29350")


class TestWriting:
    def test_what_was_written_is_what_is_loaded(self, tmp_path: Path) -> None:
        registration = fresh()
        registration.write(tmp_path / "registration.yaml")
        assert Registration.load(tmp_path / "registration.yaml") == registration

    def test_only_the_owner_can_read_it(self, tmp_path: Path) -> None:
        fresh().write(tmp_path / "registration.yaml")
        assert stat.S_IMODE((tmp_path / "registration.yaml").stat().st_mode) == 0o600

    def test_an_existing_one_is_not_replaced(self, tmp_path: Path) -> None:
        first = fresh()
        first.write(tmp_path / "registration.yaml")
        with pytest.raises(RegistrationError, match="--force"):
            fresh().write(tmp_path / "registration.yaml")
        assert Registration.load(tmp_path / "registration.yaml") == first

    def test_with_force_it_is(self, tmp_path: Path) -> None:
        fresh().write(tmp_path / "registration.yaml")
        second = fresh()
        second.write(tmp_path / "registration.yaml", force=True)
        assert Registration.load(tmp_path / "registration.yaml") == second

    def test_a_forced_one_is_private_where_the_former_was_not(self, tmp_path: Path) -> None:
        path = tmp_path / "registration.yaml"
        path.touch(mode=0o644)
        fresh().write(path, force=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_nothing_else_is_left_in_the_directory(self, tmp_path: Path) -> None:
        fresh().write(tmp_path / "registration.yaml")
        with pytest.raises(RegistrationError):
            fresh().write(tmp_path / "registration.yaml")
        assert [path.name for path in tmp_path.iterdir()] == ["registration.yaml"]

    def test_the_homeserver_finds_the_keys_by_their_names_in_the_specification(self) -> None:
        content = yaml.safe_load(fresh().to_yaml())
        assert set(content) == {
            "id",
            "url",
            "as_token",
            "hs_token",
            "sender_localpart",
            "namespaces",
            "rate_limited",
            "receive_ephemeral",
            "io.element.msc4190",
        }


class TestLoading:
    def test_a_missing_file_is_told_with_the_way_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(RegistrationError, match="goudwacht init"):
            Registration.load(tmp_path / "registration.yaml")

    def test_every_fault_is_named(self, tmp_path: Path) -> None:
        path = edited(tmp_path / "r.yaml", url="nowhere", as_token="short", sender_localpart="É")
        with pytest.raises(RegistrationError) as refusal:
            Registration.load(path)
        assert all(key in str(refusal.value) for key in ("url", "as_token", "sender_localpart"))

    def test_a_token_is_not_repeated_in_the_fault(self, tmp_path: Path) -> None:
        with pytest.raises(RegistrationError) as refusal:
            Registration.load(edited(tmp_path / "r.yaml", as_token="hunter2"))
        assert "hunter2" not in str(refusal.value)

    def test_the_same_token_twice_is_refused(self, tmp_path: Path) -> None:
        path = edited(tmp_path / "r.yaml", as_token="x" * 40, hs_token="x" * 40)
        with pytest.raises(RegistrationError, match="must differ"):
            Registration.load(path)

    def test_a_namespace_that_is_no_regular_expression_is_refused(self, tmp_path: Path) -> None:
        path = edited(tmp_path / "r.yaml", namespaces={"users": [{"regex": "("}]})
        with pytest.raises(RegistrationError, match=r"namespaces\.users\.0\.regex"):
            Registration.load(path)

    @pytest.mark.parametrize("text", ["a: [", "just words", "", "- 1"])
    def test_what_is_no_registration_at_all_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(RegistrationError):
            Registration.load(tmp_path / "r.yaml")

    def test_keys_of_other_homeservers_are_passed_over(self, tmp_path: Path) -> None:
        path = edited(tmp_path / "r.yaml", protocols=[], **{"org.example.extension": True})
        assert Registration.load(path).id == "goudwacht"


def test_tokens_are_not_shown_where_a_registration_is_printed() -> None:
    registration = fresh()
    assert registration.as_token not in repr(registration)
    assert registration.hs_token not in repr(registration)


class TestTheExampleInTheRepository:
    def test_has_no_usable_token(self) -> None:
        with pytest.raises(RegistrationError, match="as_token"):
            Registration.load(EXAMPLE)

    def test_is_otherwise_what_init_writes(self) -> None:
        example = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        made = yaml.safe_load(fresh().to_yaml())
        for tokens in (example, made):
            del tokens["as_token"], tokens["hs_token"]
        assert example == made
