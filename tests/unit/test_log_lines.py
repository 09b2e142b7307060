"""A mistake is logged by where it was made: what an exception says may be somebody's text."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
from collections.abc import Iterator

import pytest

from bridge import command_line
from bridge.command_line.log import Line, without_words

TEXT = "een man in een rode jas"
HERE = "tests.unit.test_log_lines"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as `goudwacht run` prints it."""
    printed = io.StringIO()
    handler = logging.StreamHandler(printed)
    handler.setFormatter(Line("%(message)s"))
    logger = logging.getLogger()
    logger.addHandler(handler)
    yield printed
    logger.removeHandler(handler)


def fails() -> None:
    try:
        raise KeyError(TEXT)
    except KeyError as error:
        raise ValueError(f"no field: {TEXT}") from error


def test_an_exception_that_a_library_logs_is_where_it_came_from(log: io.StringIO) -> None:
    try:
        fails()
    except ValueError:
        logging.getLogger("aiohttp.server").exception("a request failed")

    assert f"ValueError < {HERE}.fails:" in log.getvalue()
    assert TEXT not in log.getvalue()


def test_what_nobody_caught_in_a_task_is_where_it_came_from(log: io.StringIO) -> None:
    async def forgotten() -> None:
        fails()

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(without_words)
        task = asyncio.create_task(forgotten())
        await asyncio.wait({task})
        del task
        gc.collect()

    asyncio.run(main())

    assert f"ValueError < {HERE}.fails:" in log.getvalue()
    assert TEXT not in log.getvalue()


def test_a_command_that_stumbles_says_where_and_not_over_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "app_for", lambda *_: fails)
    with pytest.raises(SystemExit) as ended:
        command_line.main()

    printed = capsys.readouterr().err
    assert (ended.value.code, TEXT in printed) == (1, False)
    assert f"ValueError < {HERE}.fails:" in printed
