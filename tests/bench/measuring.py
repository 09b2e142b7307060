"""What is measured of a town of one size, and in which order.

::

    grow ─▶ two alerts nobody times ─▶ floor ─▶ alerts ─▶ floor ─▶ starts ─▶ keys shared again
"""

from __future__ import annotations

import itertools
import json
import os
import re
import statistics
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import vodozemac

from appservice.encryption.inbound import MEGOLM
from appservice.ids import EventID, RoomID
from tests.bench.town import Town

_words = itertools.count(1)
_towns = itertools.cycle(("Utrecht", "Amersfoort", "Zeist", "Nieuwegein", "Houten", "Veenendaal"))

_TIME_FOR_KEYS = 10
"""How often keys are fetched until everyone has them, at the most."""


@dataclass
class Figures:
    """What was measured at one size; times in seconds."""

    members: int
    floor: list[float] = field(default_factory=list)
    """From the tap to the alert decrypted by the last reader, each time."""
    alert: list[float] = field(default_factory=list)
    startup: list[float] = field(default_factory=list)
    """From the start of the process to the first handled event."""
    cpu_per_alert: float = 0.0
    """Of the service's process: a report, its card, its alert, and the answers."""
    keys_shared_again: int = 0
    """To-device messages that came to any device because of a restart and an alert after it."""
    preparing: float = 0.0

    @property
    def ratio(self) -> float:
        """How much longer than the floor an alert takes; medians."""
        return statistics.median(self.alert) / statistics.median(self.floor)


class Measuring:
    """Measures a town.

    Args:
        town: with its people.
        times: how often an alert is timed.
        told: hears what is going on.
    """

    def __init__(self, town: Town, times: int, told: Callable[[str], None]) -> None:
        self._town = town
        self._times = times
        self._told = told

    async def of(self, members: int) -> Figures:
        """Let the town grow and measure it.

        Raises:
            TimeoutError: somebody did not read something.
        """
        figures = Figures(members)
        began = time.perf_counter()
        self._told(f"{members} members arrive")
        await self._town.grow(members)
        since = time.time()
        await self._until_everyone_reads()
        figures.preparing = time.perf_counter() - began
        sizes = await self._sent_since(since)
        self._told(f"{members} members: measuring")
        half = (self._times + 1) // 2
        figures.floor += await self._floor(sizes, half)
        # The service was down for the floor: whoever starts has a look at every room, and shares
        # what is to be shared. That is done in the first minutes of a day, and not measured.
        await self._town.settled()
        await self._alert()
        used = self._town.cpu_seconds()
        figures.alert = [await self._alert() for _ in range(self._times)]
        figures.cpu_per_alert = (self._town.cpu_seconds() - used) / self._times
        figures.floor += await self._floor(sizes, half)
        await self._town.crowd.fetch_keys()
        figures.startup = [await self._start() for _ in range(3)]
        await self._alert()
        figures.keys_shared_again = await self._town.crowd.fetch_keys()
        return figures

    async def _until_everyone_reads(self) -> None:
        """Send alerts until every member has the key."""
        for _ in range(_TIME_FOR_KEYS):
            try:
                await self._alert(timeout=10)
                return
            except TimeoutError as late:
                self._told(f"{late}: they fetch their keys")
                await self._town.crowd.fetch_keys()
        raise TimeoutError("not everyone can read")

    async def _alert(self, timeout: float = 60.0) -> float:
        """Play a report to its alert; return how long the last reader waited after the tap."""
        town = self._town
        word = f"zilverling{next(_words)}q"
        body = f"!melding inbraak\nplaats: {next(_towns)}\ntijd: zojuist\nmo: deur open, {word}"
        await town.anna.say(town.private, body)
        await town.anna.reads(word, town.private)
        await town.anna.say(town.private, "!verstuur")
        card = await town.mila.reads(word, town.review)
        number = re.search(r"#\d+", card.body)
        assert number is not None, card.body
        await town.anna.reads(f"{number[0]} is bij", town.private)
        # The bot's own ✅ and ❌ on the card too: the tap finds nothing on its way, as the floor's.
        await town.quiet()
        reading = town.crowd.expect(town.alerts, word)
        began = time.perf_counter()
        await town.mila.react(town.review, card.event_id, "✅")
        try:
            return await reading.by_all(timeout) - began
        finally:
            await town.anna.reads(word, town.alerts)
            await town.mila.reads(lambda seen: seen.edits == card.event_id, town.review)
            await town.quiet()
            self._card: EventID = card.event_id

    async def _sent_since(self, since: float) -> list[tuple[RoomID, dict[str, Any]]]:
        """Return what the bot sends on an approval: one message for each room."""
        town = self._town
        return [
            (room, (await town.said_by_bot(room, since))[0])
            for room in (town.alerts, town.review, town.private)
        ]

    async def _floor(self, sizes: list[tuple[RoomID, dict[str, Any]]], times: int) -> list[float]:
        """Time the floor so often, after once untimed."""
        town = self._town
        session = vodozemac.GroupSession()
        for member in town.crowd.members:
            member.take_session(session.session_id, session.session_key.to_base64())
        words = [f"zilverling{next(_words)}q" for _ in range(times + 1)]
        answers: list[list[tuple[str, dict[str, Any]]]] = [
            [
                (room, _alike(content, session, word) if room == town.alerts else _noise(content))
                for room, content in sizes
            ]
            for word in words
        ]
        took = []
        async with town.floor(answers) as address:
            for number, word in enumerate(words):
                reading = town.crowd.expect(town.alerts, word)
                began = time.perf_counter()
                await town.mila.react(town.review, self._card, f"{number} {word}")
                took.append(await reading.by_all() - began)
                await town.idle(address)
        return took[1:]

    async def _start(self) -> float:
        """Ask something while the service is down; return how long it takes to handle it."""
        town = self._town
        await town.service.stop()
        said = await town.anna.say(town.private, "!help")
        began = time.perf_counter()
        await town.service.start()
        return await town.handled(said) - began


def ms(seconds: list[float]) -> str:
    """Return the median, to be read by a person."""
    return f"{statistics.median(seconds) * 1000:.0f} ms"


def spread(seconds: list[float]) -> dict[str, float]:
    """Return times as they are written down, in milliseconds."""
    return {
        "median": round(statistics.median(seconds) * 1000, 1),
        "least": round(min(seconds) * 1000, 1),
        "most": round(max(seconds) * 1000, 1),
        "times": len(seconds),
    }


def _alike(content: dict[str, Any], session: vodozemac.GroupSession, word: str) -> dict[str, Any]:
    """Return a message of the same size that the members can decrypt."""
    wanted = len(content["ciphertext"])
    padding = max(0, wanted * 3 // 4 - 200)
    while True:
        text = json.dumps({"body": word + "." * padding}).encode()
        ciphertext = session.encrypt(text).to_base64()
        if len(ciphertext) >= wanted:
            break
        padding += 16
    return {
        **content,
        **_another_device(content),
        "algorithm": MEGOLM,
        "session_id": session.session_id,
        "ciphertext": ciphertext,
    }


def _noise(content: dict[str, Any]) -> dict[str, Any]:
    """Return a message of the same size that says nothing."""
    size = len(content["ciphertext"])
    noise = b64encode(os.urandom(size)).decode()[:size]
    return {**content, **_another_device(content), "ciphertext": noise}


def _another_device(content: dict[str, Any]) -> dict[str, Any]:
    # Of the service's own it would look, at its next start, as if its database were an old one.
    return {"device_id": "F" * len(content["device_id"])} if "device_id" in content else {}
