"""What has had its time is taken back in the rooms, by the service that runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appservice.database import Database
from appservice.vault import Vault
from bridge.configuration import load
from bridge.configuration.settings import RetentionSettings
from bridge.network import Network
from bridge.wording import Wording, templates_directory
from tests.network.guild import Guild

# Conversations and keys are those of every test that shares the guild: they are left alone.
TERMS = RetentionSettings(alerts_days=10, conversations_days=3_650, room_keys_days=3_650)


async def swept(guild: Guild) -> None:
    """Do what `goudwacht purge` does beside the service, when alerts have had their time."""
    path = guild.network.directory / "goudwacht.yaml"
    configuration = load(path).model_copy(update={"retention": TERMS})
    database = Database(configuration.database.url)
    try:
        wording = Wording(templates_directory())
        network = Network(configuration, Vault(configuration.database.secret), wording)
        await network.privacy.sweep.whole(database, datetime.now(UTC) + timedelta(days=11))
    finally:
        await database.close()


async def test_an_alert_and_its_card_are_redacted_when_their_time_is_over(guild: Guild) -> None:
    sent = await guild.published()
    cast = guild.cast
    alert = await cast.bas.reads(sent.word, guild.alerts)

    await swept(guild)

    for who, room, event in (
        (cast.bas, guild.alerts, alert.event_id),
        (cast.mia, guild.review, sent.card.event_id),
    ):
        await who.until(
            lambda who=who, room=room, event=event: (  # type: ignore[misc]
                any(one.event_id == event and one.redacted for one in who.timeline(room)) or None
            ),
            "to see it redacted",
        )
