"""The configuration: what it fills in, and how it tells everything that is wrong at once."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from appservice.encryption.trust import KeySharing
from bridge.configuration import Configuration, ConfigurationError, Problem, load, parse
from bridge.regions import DEFAULT_REGIONS, Region, RegionCode
from bridge.wording import Language

EXAMPLE = Path(__file__).parents[2] / "goudwacht.example.yaml"
FILE = Path("/srv/goudwacht/goudwacht.yaml")
SECRET = "s" * 43
LEAST = f"""\
homeserver: {{url: "http://localhost:8008", name: example.org}}
database: {{secret: {SECRET}}}
"""


def configured(text: str = "", least: str = LEAST) -> Configuration:
    return parse(least + text, FILE)


def problems(text: str, least: str = LEAST) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as refusal:
        parse(least + text, FILE)
    return refusal.value.problems


def only_problem(text: str, least: str = LEAST) -> str:
    (problem,) = problems(text, least)
    return str(problem)


class TestWhatIsFilledIn:
    def test_a_homeserver_and_a_secret_are_enough(self) -> None:
        assert configured().bot_user == "@goudwacht:example.org"

    def test_regions_are_the_police_units_when_none_are_named(self) -> None:
        assert configured().regions == DEFAULT_REGIONS

    def test_keys_go_to_cross_signed_devices_unless_said_otherwise(self) -> None:
        assert configured().encryption.share_keys_with is KeySharing.CROSS_SIGNED

    def test_the_registration_is_beside_the_configuration(self) -> None:
        assert configured().registration == Path("/srv/goudwacht/registration.yaml")

    def test_an_absolute_registration_stays_where_it_is(self) -> None:
        assert configured("registration: /etc/r.yaml").registration == Path("/etc/r.yaml")

    def test_a_relative_sqlite_file_is_beside_the_configuration(self) -> None:
        url = configured().database.url
        assert url == "sqlite+aiosqlite:////srv/goudwacht/goudwacht.db"

    def test_an_absolute_sqlite_file_stays_where_it_is(self) -> None:
        least = LEAST.replace("{secret", "{url: 'sqlite+aiosqlite:////var/g.db', secret")
        assert configured(least=least).database.url == "sqlite+aiosqlite:////var/g.db"

    def test_a_postgresql_address_keeps_its_password(self) -> None:
        url = "postgresql+asyncpg://goud:p%40ss@localhost/goudwacht"
        least = LEAST.replace("{secret", f"{{url: '{url}', secret")
        assert configured(least=least).database.url == url

    def test_an_alert_is_late_after_half_an_hour_unless_said_otherwise(self) -> None:
        assert configured().network.late_after_minutes == 30

    def test_only_our_own_homeserver_is_trusted_for_reactions(self) -> None:
        assert configured().reactions.trusted_homeservers == ("example.org",)

    def test_homeservers_trusted_for_reactions_replace_our_own(self) -> None:
        configuration = configured("reactions: {trusted_homeservers: [federation.example]}")
        assert configuration.reactions.trusted_homeservers == ("federation.example",)

    def test_a_member_reads_the_networks_language(self) -> None:
        configuration = configured(
            "network: {language: en}\nmembers: [{user: '@j:example.org', region: limburg}]"
        )
        assert configuration.members[0].language is Language.EN

    def test_a_member_may_read_another_language(self) -> None:
        configuration = configured(
            "network: {language: en}\n"
            "members: [{user: '@j:example.org', region: limburg, language: nl}]"
        )
        assert configuration.members[0].language is Language.NL

    def test_the_time_zone_is_the_dutch_one(self) -> None:
        assert configured().network.timezone == ZoneInfo("Europe/Amsterdam")

    def test_a_slash_behind_an_address_is_dropped(self) -> None:
        least = LEAST.replace(":8008", ":8008/")
        assert configured(least=least).homeserver.url == "http://localhost:8008"


class TestWhatIsRefused:
    def test_every_problem_is_told_in_the_order_of_the_file(self) -> None:
        found = problems(
            "door: {port: 0}\n"
            "bot: {localpart: Goud Wacht}\n"
            "members:\n"
            "  - {user: anna, region: limburg}\n"
            "  - {user: '@b:example.org', region: limbrug}\n"
            "membrs: []\n"
        )
        assert [(problem.line, ".".join(map(str, problem.place))) for problem in found] == [
            (3, "door.port"),
            (4, "bot.localpart"),
            (6, "members.0.user"),
            (7, "members.1.region"),
            (8, "membrs"),
        ]

    def test_the_message_names_the_file_and_counts(self) -> None:
        with pytest.raises(
            ConfigurationError, match=r"^/srv/goudwacht/goudwacht\.yaml .*1 problem:"
        ):
            configured("x: 1")

    def test_an_unknown_key_is_told_with_the_nearest_known_one(self) -> None:
        assert only_problem("membrs: []") == (
            "line 3: membrs: is not a key here; nearest: 'members'"
        )

    def test_an_unknown_key_deeper_down_is_compared_with_the_keys_there(self) -> None:
        told = only_problem("members:\n  - {user: '@a:b.nl', region: limburg, shp: X}")
        assert told == "line 4: members.0.shp: is not a key here; nearest: 'shop'"

    def test_an_unknown_key_like_no_other_is_told_with_all_of_them(self) -> None:
        told = only_problem("network: {qqq: 1}")
        assert told.endswith("known: 'name', 'language', 'timezone', 'late_after_minutes'")

    def test_a_missing_value_is_told_on_the_line_of_what_it_is_missing_from(self) -> None:
        told = only_problem("members:\n  - {region: limburg}\n")
        assert told == "line 4: members.0.user: is missing"

    def test_a_key_that_stands_twice_is_told_with_both_lines(self) -> None:
        told = only_problem("network: {name: A}\nmoderators: []\nnetwork: {name: B}")
        assert told == "line 5: network: stands here a second time; first on line 3"

    def test_text_that_is_not_yaml_is_told_with_its_line(self) -> None:
        assert only_problem("network: [").startswith("line 3: is not YAML")

    @pytest.mark.parametrize("text", ["", "# only a comment\n", "- a list\n", "a word"])
    def test_a_file_without_keys_is_told_as_such(self, text: str) -> None:
        assert len(problems(text, least="")) == 1

    def test_a_file_that_holds_itself_is_refused(self) -> None:
        assert problems("network: &n {name: *n}")

    def test_a_language_we_do_not_speak_is_refused(self) -> None:
        told = only_problem("network: {language: fr}")
        assert told.endswith("'fr' is none of the values known; known: 'nl', 'en'")

    def test_a_time_zone_that_is_none_is_told_with_the_nearest(self) -> None:
        assert "nearest: 'Europe/Amsterdam'" in only_problem("network: {timezone: Amsterdam}")

    @pytest.mark.parametrize(
        "user",
        ["anna", "@anna", "anna:example.org", "@an na:example.org", "@anna:http://b", "@:b.nl"],
    )
    def test_what_is_no_user_id_is_refused(self, user: str) -> None:
        assert "is not a user id" in only_problem(f"moderators: ['{user}']")

    @pytest.mark.parametrize("user", ["@anna:example.org:8448", "@a=b:[::1]:80", "@A:1.2.3.4"])
    def test_user_ids_of_any_homeserver_are_taken(self, user: str) -> None:
        assert configured(f"moderators: ['{user}']").moderators == (user,)

    def test_a_door_that_would_refuse_a_whole_transaction_is_refused(self) -> None:
        assert "max_body_bytes" in only_problem("door: {max_body_bytes: 1000000}")


class TestTheDatabase:
    @staticmethod
    def told(database: str) -> str:
        return only_problem("", least=LEAST.replace(f"{{secret: {SECRET}}}", database))

    def test_a_secret_too_short_to_be_one_is_refused_with_the_way_to_a_good_one(self) -> None:
        assert "goudwacht init" in self.told("{secret: hunter2}")

    def test_a_wrong_secret_is_not_repeated(self) -> None:
        assert "hunter2" not in self.told("{secret: hunter2}")

    def test_a_password_in_a_wrong_address_is_not_repeated(self) -> None:
        told = self.told(f"{{url: 'mysql://u:hunter2@h/d', secret: {SECRET}}}")
        assert "hunter2" not in told

    def test_a_driver_that_blocks_is_told_with_those_that_do_not(self) -> None:
        told = self.told(f"{{url: 'sqlite:///g.db', secret: {SECRET}}}")
        assert "known: 'sqlite+aiosqlite', 'postgresql+asyncpg'" in told

    def test_a_database_in_memory_is_refused(self) -> None:
        assert "names no file" in self.told(f"{{url: 'sqlite+aiosqlite://', secret: {SECRET}}}")

    def test_the_secret_is_not_shown_where_a_configuration_is_printed(self) -> None:
        assert SECRET not in repr(configured())


class TestRegions:
    TWO = (
        "regions:\n"
        "  - {code: oost, name: Oost, neighbours: [west], police: true}\n"
        "  - {code: west, name: West}\n"
    )

    def test_a_network_has_the_regions_it_names(self) -> None:
        assert configured(self.TWO).regions == (
            Region(
                code=RegionCode("oost"),
                name="Oost",
                neighbours=(RegionCode("west"),),
                police=True,
            ),
            Region(code=RegionCode("west"), name="West"),
        )

    def test_a_network_has_at_least_one(self) -> None:
        assert "regions" in only_problem("regions: []")

    def test_no_two_have_the_same_code(self) -> None:
        told = only_problem(self.TWO + "  - {code: oost, name: Ook oost}\n")
        assert told == "line 6: regions.2.code: 'oost' is the code of an earlier region too"

    def test_neighbours_exist(self) -> None:
        told = only_problem(self.TWO.replace("[west]", "[wst]"))
        assert told == "line 4: regions.0.neighbours.0: 'wst' is not a region; nearest: 'west'"

    def test_no_region_is_its_own_neighbour(self) -> None:
        assert "no neighbour of itself" in only_problem(self.TWO.replace("[west]", "[oost]"))

    def test_none_has_the_name_that_stands_for_all(self) -> None:
        assert "'landelijk' stands for every" in only_problem(
            self.TWO + "  - {code: landelijk, name: Alles}\n"
        )

    def test_a_code_that_cannot_be_typed_in_a_command_is_refused(self) -> None:
        assert "regions.2.code" in only_problem(self.TWO + "  - {code: Zuid Oost, name: ZO}\n")


class TestPeople:
    def test_a_members_region_exists(self) -> None:
        told = only_problem("members: [{user: '@j:example.org', region: midden-nederlnd}]")
        assert told == (
            "line 3: members.0.region: 'midden-nederlnd' is not a region; "
            "nearest: 'midden-nederland'"
        )

    def test_a_liaisons_region_has_a_room_for_the_police(self) -> None:
        told = only_problem(
            TestRegions.TWO + "liaisons: [{user: '@p:police.example', region: west}]"
        )
        assert told.endswith("'west' has no liaison room; give the region 'police: true'")

    def test_nobody_is_both_member_and_liaison(self) -> None:
        told = only_problem(
            "members: [{user: '@j:example.org', region: limburg}]\n"
            "liaisons: [{user: '@j:example.org', region: limburg}]\n"
        )
        assert told.startswith("line 4: liaisons.0.user: '@j:example.org' is a member too")

    def test_a_member_stands_in_the_list_once(self) -> None:
        told = only_problem(
            "members:\n"
            "  - {user: '@j:example.org', region: limburg}\n"
            "  - {user: '@j:example.org', region: amsterdam}\n"
        )
        assert told == "line 5: members.1.user: '@j:example.org' stands in members a second time"

    def test_a_liaison_may_serve_two_regions(self) -> None:
        configuration = configured(
            "liaisons:\n"
            "  - {user: '@p:police.example', region: limburg}\n"
            "  - {user: '@p:police.example', region: amsterdam}\n"
        )
        assert [entry.region for entry in configuration.liaisons] == ["limburg", "amsterdam"]

    def test_a_moderator_may_be_a_member(self) -> None:
        configuration = configured(
            "moderators: ['@j:example.org']\nmembers: [{user: '@j:example.org', region: limburg}]\n"
        )
        assert configuration.members[0].user in configuration.moderators

    @pytest.mark.parametrize("role", ["coordinators", "moderators"])
    def test_the_bot_is_nobody_in_the_network(self, role: str) -> None:
        told = only_problem(f"{role}: ['@goudwacht:example.org']")
        assert told.endswith("'@goudwacht:example.org' is the bot itself")

    def test_the_bot_is_known_by_the_name_given_to_it(self) -> None:
        told = only_problem(
            "bot: {localpart: gw}\nmembers: [{user: '@gw:example.org', region: limburg}]"
        )
        assert told.endswith("is the bot itself")


class TestTheFile:
    def test_is_read_with_paths_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "goudwacht.yaml").write_text(LEAST, encoding="utf-8")
        configuration = load(tmp_path / "goudwacht.yaml")
        assert configuration.registration == tmp_path / "registration.yaml"

    def test_that_is_missing_is_told_with_the_way_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="goudwacht init"):
            load(tmp_path / "goudwacht.yaml")

    def test_that_is_a_directory_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="cannot be read"):
            load(tmp_path)

    def test_that_is_not_text_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "goudwacht.yaml").write_bytes(b"\xff\xfe")
        with pytest.raises(ConfigurationError, match="UTF-8"):
            load(tmp_path / "goudwacht.yaml")


class TestTheExampleInTheRepository:
    def test_has_no_usable_secret(self) -> None:
        with pytest.raises(ConfigurationError) as refusal:
            load(EXAMPLE)
        assert [problem.place for problem in refusal.value.problems] == [("database", "secret")]

    def test_works_with_a_secret(self) -> None:
        content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        content["database"]["secret"] = SECRET
        assert parse(yaml.safe_dump(content), EXAMPLE).moderators


class TestThePoliceUnits:
    def test_are_ten(self) -> None:
        assert len({region.code for region in DEFAULT_REGIONS}) == 10

    def test_each_has_a_room_for_the_police(self) -> None:
        assert all(region.police for region in DEFAULT_REGIONS)

    def test_who_borders_on_another_is_bordered_on_by_it(self) -> None:
        units = {region.code: region for region in DEFAULT_REGIONS}
        assert all(
            region.code in units[neighbour].neighbours
            for region in DEFAULT_REGIONS
            for neighbour in region.neighbours
        )

    def test_each_can_be_left(self) -> None:
        assert all(region.neighbours for region in DEFAULT_REGIONS)
