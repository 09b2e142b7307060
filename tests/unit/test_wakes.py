"""Tasks that go on beside each other."""

from __future__ import annotations

import asyncio

from appservice.wakes import OneEach


class Works:
    """Begins what is asked, and ends when told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_end = asyncio.Event()
        self.over: list[tuple[str, BaseException | None]] = []
        self.one_is_over = asyncio.Event()
        self.tasks = OneEach(self.run, self.ended)

    async def run(self, key: str) -> None:
        self.begun.append(key)
        await self.may_end.wait()
        if key == "raises":
            raise ValueError(key)

    def ended(self, key: str, error: BaseException | None) -> None:
        self.over.append((key, error))
        self.one_is_over.set()


async def test_of_one_key_there_is_one_at_a_time() -> None:
    works = Works()
    for key in ("a", "b", "a"):
        works.tasks.begin(key)
    await asyncio.sleep(0)

    assert (works.begun, len(works.tasks)) == (["a", "b"], 2)
    await works.tasks.end()


async def test_one_that_is_over_can_begin_again() -> None:
    works = Works()
    works.may_end.set()
    works.tasks.begin("a")
    await works.one_is_over.wait()
    works.tasks.begin("a")
    await asyncio.sleep(0)

    assert works.begun == ["a", "a"]
    await works.tasks.end()


async def test_who_hears_of_the_end_hears_of_the_error() -> None:
    works = Works()
    works.may_end.set()
    works.tasks.begin("raises")
    await works.one_is_over.wait()

    ((key, error),) = works.over
    assert (key, type(error)) == ("raises", ValueError)


async def test_of_those_that_were_stopped_nobody_hears() -> None:
    works = Works()
    works.tasks.begin("a")
    await works.tasks.end()
    await asyncio.sleep(0)

    assert (works.over, len(works.tasks)) == ([], 0)
