"""What a region is: a code for commands and room aliases, a name for people, its neighbours."""

from __future__ import annotations

from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict, StringConstraints

RegionCode = NewType("RegionCode", str)
"""Lower-case words joined by hyphens, at most 40 characters: ``midden-nederland``."""

NATIONWIDE: Final = RegionCode("landelijk")
"""Stands for every region at once in a command; no region may be called so."""

# The code becomes part of a room alias and is typed in commands beside other words.
Code = Annotated[RegionCode, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class Region(BaseModel):
    """An area with an alert room of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    """Unique among the regions of a network."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    """As people read it: ``Midden-Nederland``."""

    neighbours: tuple[Code, ...] = ()
    """Regions to which a moderator is offered to send an alert too."""

    police: bool = False
    """Whether there is a room in which police officers receive relayed alerts."""
