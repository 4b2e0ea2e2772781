"""Who is told, in which group, and at what cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, Collection, Report, Status, new_id
from activitypub.models.base import Base
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import GROUP_HOURS, News, forget, tell
from fediverse_kommune.models import (
    AccountWarning,
    DomainMute,
    Mute,
    Notification,
    NotificationPolicy,
    NotificationRequest,
    NotificationType,
    Severance,
    ThreadMute,
    WarningAction,
)
from tests.client import Client, app_of
from tests.town import Town

LIKE, FOLLOW, MENTION = NotificationType.FAVOURITE, NotificationType.FOLLOW, NotificationType.MENTION


async def several(stadt: Town, *names: str) -> list[Client]:
    return [await app_of(stadt, name) for name in names]


async def told(stadt: Town, news: News, *receivers: Client) -> list[int]:
    return await stadt.write(tell, [int(receiver.id) for receiver in receivers], news)


async def keep(stadt: Town, table: type[Base], **values: Any) -> None:
    await stadt.write(lambda unit: unit.execute(insert(table), [{"created_at": unit.now} | values]) and None)


def set_actor(unit: Unit, client: Client, **values: Any) -> None:
    unit.execute(update(Actor).where(Actor.id == int(client.id)).values(**values))


async def notifications(stadt: Town, receiver: Client) -> list[Notification]:
    def work(session: Session) -> list[Notification]:
        query = select(Notification).where(Notification.actor_id == int(receiver.id)).order_by(Notification.id)
        return list(session.scalars(query))

    return await stadt.read(work)


async def status_of(stadt: Town, author: Client, text: str = "Guten Tag") -> Status:
    status_id = int((await author.write(text))["id"])
    status = await stadt.read(lambda session: session.get(Status, status_id))
    assert status is not None
    return status


@contextmanager
def writing(town: Town) -> Iterator[list[str]]:
    """Collect the statements on the connections for writing, without those that begin and end a transaction."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(maxsplit=1)[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            seen.append(statement)

    event.listen(town.app.server.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(town.app.server.db.engine, "before_cursor_execute", note)


# -------------------------------------------------------------------------------------------- whom, and how often


async def test_a_hundred_cost_as_many_statements_as_one(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    for number in range(30):
        await stadt.resident(f"nachbar{number}")
    strict = dict.fromkeys(("for_not_following", "for_not_followers", "for_new_accounts"), "filter")

    def choose(unit: Unit) -> None:
        for actor_id in unit.scalars(select(Actor.id).where(Actor.handle.like("nachbar%"))):
            unit.add(NotificationPolicy(actor_id=actor_id, **strict))

    await stadt.write(choose)
    status = await status_of(stadt, anna)
    counts = []
    for kind, names in ((MENTION, "nachbar1"), (NotificationType.QUOTE, "nachbar%")):
        called = select(Actor.id).where(Actor.handle.like(names))
        whom = await stadt.read(lambda session, called=called: list(session.scalars(called)))
        with writing(stadt) as seen:
            ids = await stadt.write(tell, whom, News(kind, int(anna.id), status))
        counts.append((len(ids), len(seen)))
    assert counts == [(1, 3), (30, 3)]
    assert await stadt.count(NotificationRequest) == 30


async def test_the_same_is_told_once_and_nobody_elsewhere_is_told(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await stadt.write(
        lambda unit: unit.execute(update(Actor).where(Actor.handle == "anna").values(domain=None)) and None
    )
    for _ in range(2):
        assert await told(stadt, News(FOLLOW, int(bert.id)), anna) == [int(anna.id)]
    assert len(await notifications(stadt, anna)) == 1


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ({}, False),
        ({"hides_notifications": False}, True),
        ({"expires_at": timedelta(seconds=-1)}, True),
        ({"expires_at": timedelta(hours=1)}, False),
    ],
)
async def test_mutes(stadt: Town, changes: dict[str, Any], heard: bool) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    now = stadt.app.server.clock()
    if "expires_at" in changes:
        changes = {"expires_at": now + changes["expires_at"]}
    row = {"id": 1, "actor_id": int(anna.id), "target_id": int(bert.id), "hides_notifications": True}
    await keep(stadt, Mute, **row | changes)
    assert await told(stadt, News(FOLLOW, int(bert.id)), anna) == ([int(anna.id)] if heard else [])


async def test_muted_servers(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    await stadt.write(set_actor, bert, domain="nord.example", host="social.nord.example")
    await keep(stadt, DomainMute, id=1, actor_id=int(anna.id), domain="nord.example")
    await keep(stadt, DomainMute, id=2, actor_id=int(carla.id), domain="social.nord.example")
    assert await told(stadt, News(MENTION, int(bert.id)), anna, carla) == []


async def test_muted_threads(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    status, other = await status_of(stadt, anna), await status_of(stadt, anna)
    await keep(stadt, ThreadMute, actor_id=int(anna.id), conversation_uri=status.conversation_uri)
    assert await told(stadt, News(LIKE, int(bert.id), status), anna) == []
    assert await told(stadt, News(LIKE, int(bert.id), other), anna) == [int(anna.id)]


async def test_nobody_is_told_of_who_is_suspended_or_blocked(stadt: Town) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    assert await told(stadt, News(FOLLOW, int(bert.id)), anna) == []
    assert await told(stadt, News(FOLLOW, int(anna.id)), bert) == []
    await stadt.write(set_actor, carla, suspended_at=stadt.app.server.clock())
    assert await told(stadt, News(FOLLOW, int(carla.id)), anna) == []


# --------------------------------------------------------------------------------------------------- in which group


async def test_what_says_the_same_within_hours_is_one_group(stadt: Town) -> None:
    anna, *others = await several(stadt, "anna", "bert", "carla", "dora")
    status, other = await status_of(stadt, anna), await status_of(stadt, anna)
    for somebody in others:
        await told(stadt, News(LIKE, int(somebody.id), status), anna)
    await told(stadt, News(LIKE, int(others[0].id), other), anna)
    await told(stadt, News(NotificationType.REBLOG, int(others[0].id), status), anna)
    await told(stadt, News(MENTION, int(others[0].id), status), anna)
    rows = await notifications(stadt, anna)
    hour = int(rows[0].created_at.timestamp()) // 3600
    expected = [
        *[f"favourite-{status.id}-{hour}"] * 3,
        f"favourite-{other.id}-{hour}",
        f"reblog-{status.id}-{hour}",
        f"ungrouped-{rows[5].id}",
    ]
    assert [row.group_key for row in rows] == expected


@pytest.mark.parametrize(("hours", "groups"), [(GROUP_HOURS - 1, 1), (GROUP_HOURS, 2)])
async def test_a_group_takes_more_for_some_hours(stadt: Town, hours: int, groups: int) -> None:
    anna, bert, carla = await several(stadt, "anna", "bert", "carla")

    def earlier(unit: Unit) -> None:
        unit.now -= timedelta(hours=hours)
        tell(unit, [int(anna.id)], News(FOLLOW, int(bert.id)))

    await stadt.write(earlier)
    await told(stadt, News(FOLLOW, int(carla.id)), anna)
    assert len({row.group_key for row in await notifications(stadt, anna)}) == groups


async def test_what_is_held_back_stands_alone_and_its_sender_asks_to_be_let_in(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")
    await stadt.write(lambda unit: unit.add(NotificationPolicy(actor_id=int(anna.id), for_not_following="filter")))
    statuses = [await status_of(stadt, anna), await status_of(stadt, anna)]
    for status in statuses:
        await told(stadt, News(LIKE, int(bert.id), status), anna)
    await told(stadt, News(FOLLOW, int(bert.id)), anna)
    rows = await notifications(stadt, anna)
    assert [(row.filtered, row.group_key) for row in rows] == [(True, f"ungrouped-{row.id}") for row in rows]
    request = await stadt.read(lambda session: session.scalars(select(NotificationRequest)).one())
    assert (request.from_actor_id, request.last_status_id) == (int(bert.id), statuses[1].id)
    await stadt.write(forget, int(anna.id), int(bert.id))
    assert await stadt.count(NotificationRequest) == await stadt.count(Notification) == 0


# ------------------------------------------------------------------------------------------------------- about what


async def test_every_subject_is_kept_and_told_once(stadt: Town) -> None:
    anna, bert = await several(stadt, "anna", "bert")

    def make(unit: Unit) -> dict[str, int]:
        ids = {name: new_id(unit.now) for name in ("report_id", "warning_id", "severance_id", "collection_id")}
        anna_id, bert_id, now = int(anna.id), int(bert.id), unit.now
        unit.add_all(
            [
                Report(
                    id=ids["report_id"], uri="r:1", actor_id=anna_id, target_id=bert_id, created_at=now, updated_at=now
                ),
                AccountWarning(id=ids["warning_id"], target_id=anna_id, action=WarningAction.NONE, created_at=now),
                Severance(
                    id=ids["severance_id"], actor_id=anna_id, type="domain_block", target_name="x", created_at=now
                ),
                Collection(
                    id=ids["collection_id"], uri="c:1", actor_id=bert_id, name="x", created_at=now, updated_at=now
                ),
            ]
        )
        return ids

    ids = await stadt.write(make)
    news = [
        News(NotificationType.ADMIN_REPORT, int(bert.id), report_id=ids["report_id"]),
        News(NotificationType.MODERATION_WARNING, warning_id=ids["warning_id"]),
        News(NotificationType.SEVERED_RELATIONSHIPS, severance_id=ids["severance_id"]),
        News(NotificationType.ADDED_TO_COLLECTION, int(bert.id), collection_id=ids["collection_id"]),
    ]
    for item in [*news, *news]:
        await told(stadt, item, anna)
    rows = await notifications(stadt, anna)
    assert [(row.type, row.from_actor_id) for row in rows] == [
        ("admin.report", int(bert.id)),
        ("moderation_warning", int(anna.id)),
        ("severed_relationships", int(anna.id)),
        ("added_to_collection", int(bert.id)),
    ]
    assert [{name: getattr(row, name) for name in ids if getattr(row, name) is not None} for row in rows] == [
        {name: number} for name, number in ids.items()
    ]
