"""Homeservers that a coordinator put out, of those that the configuration allows."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text, delete, select

from appservice.database import Work, insert_missing, metadata

withdrawn_servers = Table("withdrawn_servers", metadata, Column("server", Text, primary_key=True))


async def withdrawn(work: Work) -> frozenset[str]:
    """Return which are out."""
    return frozenset((await work.execute(select(withdrawn_servers.c.server))).scalars())


async def withdraw(work: Work, server: str) -> None:
    """Put one out."""
    await insert_missing(work, withdrawn_servers, [{"server": server}])


async def restore(work: Work, server: str) -> None:
    """Let one in again."""
    await work.execute(delete(withdrawn_servers).where(withdrawn_servers.c.server == server))
