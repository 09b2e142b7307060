"""What a member chose for themselves: the language the bot speaks to them."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text, select

from appservice.database import Work, metadata, upsert
from appservice.ids import UserID
from bridge.wording import Language

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("language", Text, nullable=False),
)


async def chosen_language(work: Work, user: UserID) -> Language | None:
    """Return the language somebody chose; None when they never did."""
    found = (
        await work.execute(select(preferences.c.language).where(preferences.c.user_id == user))
    ).scalar_one_or_none()
    return None if found is None else Language(found)


async def choose_language(work: Work, user: UserID, language: Language) -> None:
    """Keep somebody's choice."""
    await upsert(work, preferences, [{"user_id": user, "language": language}])
