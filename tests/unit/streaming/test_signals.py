"""Signals between processes: small, complete, and never heard twice or from a unit that failed."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from activitypub.events import Signal
from activitypub.instance import LocalInstance
from activitypub.unit import Unit
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.streaming.carrier import Carrier
from fediverse_kommune.streaming.signals import (
    MANY,
    SIGNALS,
    AccessChanged,
    FiltersChanged,
    LineRemoved,
    Notified,
    StatusWritten,
    portions,
)

NOTIFY_BYTES = 8_000  # https://www.postgresql.org/docs/current/sql-notify.html
LARGEST = 2**63 - 1


class Receiver(list[Signal]):
    """Keeps what it is handed."""


def carrier() -> tuple[Carrier, Receiver]:
    made, heard = Carrier(), Receiver()
    made.listen(SIGNALS, heard.append)
    return made, heard


def said_by_another(signal: Signal) -> str:
    return f"elsewhere {msgspec.json.encode(signal).decode()}"


@pytest.mark.parametrize(
    "signal",
    [
        LineRemoved(LARGEST, [LARGEST] * MANY),
        LineRemoved(LARGEST, [], public=True, local=True, tags=("ä" * 255,) * 12),
        Notified([(LARGEST, LARGEST)] * MANY),
        StatusWritten(LARGEST),
    ],
)
def test_what_another_process_says_is_heard_as_it_was_said_and_fits(signal: Signal) -> None:
    made, heard = carrier()
    payload = said_by_another(signal)
    assert len(payload.encode()) < NOTIFY_BYTES
    made.receive_payload(payload)
    assert heard == [signal]


def test_what_nobody_understands_counts_as_missed() -> None:
    made, heard = carrier()
    missed: list[str] = []
    made.when_missed(lambda: missed.append("missed"))
    for payload in ("", "x", 'elsewhere {"type":"Tomorrow"}', "elsewhere []", 'elsewhere {"type":"StatusWritten"}'):
        made.receive_payload(payload)
    assert heard == []
    assert len(missed) == 5


def test_one_receiver_that_fails_keeps_nothing_from_the_others() -> None:
    made = Carrier()
    heard = Receiver()

    def fail(_signal: Any) -> None:
        raise RuntimeError("nobody expected this")

    made.listen([FiltersChanged], fail)
    made.listen([FiltersChanged], heard.append)
    made.receive(FiltersChanged(1))
    assert heard == [FiltersChanged(1)]


def test_portions_hold_everything_once() -> None:
    parts = list(portions(range(2 * MANY + 1)))
    assert [len(part) for part in parts] == [MANY, MANY, 1]
    assert [item for part in parts for item in part] == list(range(2 * MANY + 1))
    assert list(portions([])) == []


async def test_a_signal_is_heard_at_the_commit_and_never_of_a_unit_that_failed(
    database_url: str,
) -> None:
    made, heard = carrier()
    instance = LocalInstance("https://a.example", "a.example", "A")
    database = Database(database_url, UnitSetting(lambda: datetime.now(UTC), instance, {}))

    def work(unit: Unit, *, fail: bool) -> None:
        made.carry(unit, AccessChanged())
        assert heard == []
        if fail:
            raise LookupError

    with pytest.raises(LookupError):
        await database.write(work, fail=True)
    assert heard == []
    await database.write(work, fail=False)
    assert heard == [AccessChanged()]
    database.close()
