"""Which values fit together: regions that exist, people who stand in the right lists.

The checks look at the values as they stand in the file, before anything else judged them, so
that one wrong value does not keep another from being told. What has the wrong shape is left
to :mod:`bridge.configuration.settings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bridge.configuration.nearest import suggestion
from bridge.configuration.settings import BotSettings
from bridge.configuration.source import Place
from bridge.regions import DEFAULT_REGIONS, NATIONWIDE

Values = Mapping[object, object]


class Fault(NamedTuple):
    """Something that does not fit, and the place of the value to change."""

    place: Place
    message: str


class _Named(NamedTuple):
    """A user id in one of the lists of people."""

    place: Place
    user: str
    region: str | None


def misfits(values: Values, *, shops: bool = True) -> Iterator[Fault]:
    """Find every value that is good by itself and does not fit another.

    Args:
        shops: judge the names of shops, of which a thousand take a second.
    """
    yield from _regions(values)
    yield from _police_units(values)
    yield from _regions_of_people(values)
    yield from _people(values)
    if shops:
        yield from _shops(values)


def _regions(values: Values) -> Iterator[Fault]:
    codes = [region.get("code") for _, region in _mappings(values, "regions")]
    seen: set[str] = set()
    for position, region in _mappings(values, "regions"):
        code = region.get("code")
        place: Place = ("regions", position)
        if code == NATIONWIDE:
            message = f"'{code}' stands for every region at once; choose another code"
            yield Fault((*place, "code"), message)
        if isinstance(code, str):
            if code in seen:
                yield Fault((*place, "code"), f"'{code}' is the code of an earlier region too")
            seen.add(code)
        neighbours = region.get("neighbours")
        for number, neighbour in enumerate(neighbours if isinstance(neighbours, list) else ()):
            if isinstance(neighbour, str) and neighbour == code:
                message = "a region is no neighbour of itself"
                yield Fault((*place, "neighbours", number), message)
            elif isinstance(neighbour, str) and neighbour not in codes:
                message = _no_region(neighbour, codes)
                yield Fault((*place, "neighbours", number), message)


def _police_units(values: Values) -> Iterator[Fault]:
    regions = _police_by_region(values)
    codes: set[str] = set(regions) | {NATIONWIDE}
    served: set[str] = set()
    for position, unit in _unit_entries(values):
        place: Place = ("police", "units", position)
        code, own = unit.get("code"), unit.get("regions")
        listed = [one for one in own if isinstance(one, str)] if isinstance(own, list) else []
        if isinstance(code, str) and code in codes and listed != [code]:
            yield Fault((*place, "code"), f"'{code}' is the code of something else; choose another")
        if isinstance(code, str):
            codes.add(code)
        for number, region in enumerate(listed):
            where = (*place, "regions", number)
            if region not in regions:
                yield Fault(where, _no_region(region, regions))
            elif region in served:
                yield Fault(where, f"'{region}' is served by an earlier unit too")
            served.add(region)


def _regions_of_people(values: Values) -> Iterator[Fault]:
    police, units = _police_by_region(values), _units(values)
    for role in ("members", "liaisons"):
        for named in _entries(values, role):
            if named.region is None:
                continue
            place = (*named.place[:2], "region")
            if role == "liaisons" and named.region in units:
                continue
            if named.region not in police:
                yield Fault(place, _no_region(named.region, police))
            elif role == "liaisons" and not police[named.region]:
                yield Fault(
                    place,
                    f"'{named.region}' has no liaison room; give the region 'police: true'",
                )


def _people(values: Values) -> Iterator[Fault]:
    members = {named.user: named for named in _entries(values, "members")}
    bot = _bot(values)
    for role in ("coordinators", "moderators", "members", "liaisons"):
        seen: set[tuple[str, str | None]] = set()
        for named in _entries(values, role):
            # A liaison may serve more than one region; everyone else stands in a list once.
            key = (named.user, named.region if role == "liaisons" else None)
            if key in seen:
                yield Fault(named.place, f"'{named.user}' stands in {role} a second time")
            seen.add(key)
            if named.user == bot:
                yield Fault(named.place, f"'{named.user}' is the bot itself")
            if role == "liaisons" and named.user in members:
                position = members[named.user].place[1]
                message = (
                    f"'{named.user}' is a member too (members.{position}); nobody can be both: "
                    "a liaison sees what members must not"
                )
                yield Fault(named.place, message)


def _shops(values: Values) -> Iterator[Fault]:
    named = [
        (position, shop)
        for position, member in _mappings(values, "members")
        if isinstance(shop := member.get("shop"), str)
    ]
    if not named:
        return
    # Only here: most files name no shop, and to know every name takes the gate a while.
    from bridge.gate.shops import unfit

    for position, shop in named:
        kinds = sorted({str(one.kind) for one in unfit(shop)})
        if kinds:
            yield Fault(
                ("members", position, "shop"),
                f"has more in it than a name ({', '.join(kinds)}); name the shop alone",
            )


def _entries(values: Values, role: str) -> Iterator[_Named]:
    people = values.get(role)
    for position, entry in enumerate(people if isinstance(people, list) else ()):
        if isinstance(entry, str):
            yield _Named((role, position), entry, None)
        elif isinstance(entry, dict) and isinstance(entry.get("user"), str):
            region = entry.get("region")
            yield _Named(
                (role, position, "user"),
                entry["user"],
                region if isinstance(region, str) else None,
            )


def _mappings(values: Values, key: str) -> Iterator[tuple[int, Values]]:
    entries = values.get(key)
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _police_by_region(values: Values) -> dict[str, bool]:
    if "regions" not in values:
        return {region.code: region.police for region in DEFAULT_REGIONS}
    return {
        code: region.get("police") is True
        for _, region in _mappings(values, "regions")
        if isinstance(code := region.get("code"), str)
    }


def _unit_entries(values: Values) -> Iterator[tuple[int, Values]]:
    police = values.get("police")
    yield from _mappings(police, "units") if isinstance(police, dict) else ()


def _units(values: Values) -> set[str]:
    codes = (unit.get("code") for _, unit in _unit_entries(values))
    return {NATIONWIDE, *(code for code in codes if isinstance(code, str))}


def _bot(values: Values) -> str | None:
    homeserver, bot = values.get("homeserver"), values.get("bot")
    name = homeserver.get("name") if isinstance(homeserver, dict) else None
    default = BotSettings().localpart
    localpart = bot.get("localpart", default) if isinstance(bot, dict) else default
    return f"@{localpart}:{name}" if isinstance(name, str) else None


def _no_region(typed: str, codes: Iterable[object]) -> str:
    known = [code for code in codes if isinstance(code, str)]
    return f"'{typed}' is not a region{suggestion(typed, known)}"
