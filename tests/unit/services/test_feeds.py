"""Home timelines do not grow for ever."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.fanout import timelines
from fediverse_kommune.models import FeedEntry
from tests.client import app_of
from tests.town import Town


async def test_a_feed_keeps_its_newest_lines(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "FEED_LIMIT", 3)
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.follow(bert)
    ids = [int((await bert.write(str(number)))["id"]) for number in range(5)]
    await anna.write("eins")
    await stadt.write(timelines.trim_feeds)
    assert await stadt.read(feed, int(bert.id)) == ids[2:]
    assert (await stadt.read(feed, int(anna.id)))[:2] == ids[3:]


async def test_trimming_leaves_short_feeds_alone(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.write("eins")
    await stadt.write(timelines.trim_feeds)
    assert len(await stadt.read(feed, int(anna.id))) == 1


def feed(session: Session, actor_id: int) -> list[int]:
    query = select(FeedEntry.status_id).where(FeedEntry.actor_id == actor_id).order_by(FeedEntry.id)
    return list(session.scalars(query))
