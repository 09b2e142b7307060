"""What an operator's monitoring may know: counts, and how long things wait. No ids, no names.

::

    handling, sending, key requests ──count──▶ Metrics ◀──one read── database
                                                  └──▶ GET /metrics, in Prometheus' text format

What happened is counted where it happens and begins at nought with each start, as Prometheus
expects of a counter. What waits is read from the database when somebody asks.
"""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from sqlalchemy import Table, func, select

from appservice.database import Database, Work
from appservice.encryption.to_device import to_device_outbox
from appservice.inbox import Status as InboxStatus
from appservice.inbox import inbox
from appservice.outbox import Status as OutboxStatus
from appservice.outbox import outbox
from appservice.times import milliseconds


class Metrics:
    """The counters, and the gauges that are filled when they are asked for.

    Args:
        database: where what waits is counted.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._registry = CollectorRegistry()
        self.events_handled = self._counter("events_handled", "Events handled.")
        self.events_held = self._counter("events_held", "Times an event had to wait for its key.")
        self.events_unreadable = self._counter(
            "events_unreadable", "Events that could not be decrypted in the end."
        )
        self.events_set_aside = self._counter(
            "events_set_aside", "Events set aside because our own code raised on them."
        )
        self.messages_sent = self._counter("messages_sent", "Messages sent.")
        self.messages_refused = self._counter(
            "messages_refused", "Answers by which the homeserver refused a message."
        )
        self.messages_set_aside = self._counter(
            "messages_set_aside", "Messages set aside because they can never be sent."
        )
        self.key_requests = self._counter("key_requests", "Room keys asked for.")
        self.sessions_renewed = self._counter(
            "olm_sessions_renewed", "Olm sessions renewed because a message did not open."
        )
        self.ready = self._gauge(
            "ready", "1 when every room was compared with its plan since the start, 0 until then."
        )
        self._events = self._gauge("events", "Events of the inbox that are not done.", "status")
        self._messages = self._gauge(
            "messages", "Messages of the outbox that are not sent.", "status"
        )
        self._oldest_event = self._gauge(
            "oldest_event_waiting_seconds", "Age of the oldest event that waits to be handled."
        )
        self._oldest_message = self._gauge(
            "oldest_message_waiting_seconds", "Age of the oldest message that waits to be sent."
        )
        self._to_device = self._gauge(
            "to_device_waiting", "Requests with to-device messages that wait to be sent."
        )

    async def text(self) -> bytes:
        """Return everything in Prometheus' text format.

        Raises:
            SQLAlchemyError, OSError: the database is away.
        """
        now = milliseconds(datetime.now(UTC))
        async with self._database.read() as work:
            for event in (InboxStatus.WAITING, InboxStatus.HELD, InboxStatus.DEAD):
                count, _ = await _standing(work, inbox, event, "received_at")
                self._events.labels(event).set(count)
            for message in (OutboxStatus.WAITING, OutboxStatus.SET_ASIDE):
                count, _ = await _standing(work, outbox, message, "created_at")
                self._messages.labels(message).set(count)
            _, oldest = await _standing(work, inbox, InboxStatus.WAITING, "received_at")
            self._oldest_event.set(_seconds(oldest, now))
            _, oldest = await _standing(work, outbox, OutboxStatus.WAITING, "created_at")
            self._oldest_message.set(_seconds(oldest, now))
            waiting = await work.execute(select(func.count()).select_from(to_device_outbox))
            self._to_device.set(waiting.scalar_one())
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str) -> Counter:
        return Counter(name, meaning, namespace="appservice", registry=self._registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, namespace="appservice", registry=self._registry)


async def _standing(work: Work, table: Table, status: str, since: str) -> tuple[int, int | None]:
    row = (
        await work.execute(
            select(func.count(), func.min(table.c[since])).where(table.c.status == status)
        )
    ).one()
    return int(row[0]), row[1]


def _seconds(since: int | None, now: int) -> float:
    return 0.0 if since is None else max(0.0, (now - since) / 1000)
