"""The words by which a member speaks of the report they are making."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.commands import Command, Run, Where
from bridge.dialogue.dialogue import Dialogue
from bridge.members.roster import Role


def commands(dialogue: Dialogue) -> Sequence[Command]:
    """Return what a member can ask for of a report, in the order of the help."""

    def command(name: str, dutch: tuple[str, ...], english: str, run: Run) -> Command:
        return Command(name, dutch, (english,), frozenset({Role.MEMBER}), Where.PRIVATE, run)

    return (
        command("report", ("melding",), "report", dialogue.report),
        command(
            "reconnaissance", ("verkenning", "voorverkenning"), "recon", dialogue.reconnaissance
        ),
        command("send", ("verstuur",), "send", dialogue.send),
        command("edit", ("wijzig",), "edit", dialogue.edit),
        command("cancel", ("annuleer",), "cancel", dialogue.cancel),
    )
