"""What happened on an instance, day by day. https://docs.joinmastodon.org/methods/admin/measures/

Every figure is counted from what is stored, in one statement for each period; what is not stored is not made up. Nobody
keeps who was here on which day, so an active person is one who wrote, liked or announced something on it, or was seen
last then.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select, union, union_all
from sqlalchemy.orm import Session, aliased

from activitypub.graph.domains import of_domain
from activitypub.models import Actor, Announce, Follow, Like, Report, Status, StatusHashtag
from fediverse_kommune.models import AccessToken, User, WebSession
from fediverse_kommune.services.periods import Period, date_of, day_of

# What a measure is about: a hashtag by its folded key, a domain in canonical form, or (None) the whole instance.
Subject = str | None


class Figures(Struct, frozen=True):
    """The figure of each day and of all days together: people who come back are counted once there."""

    total: int
    days: Mapping[date, int]


class Measure(Struct, frozen=True):
    """How something is counted. `compared`: also for the period before, as the documentation has it."""

    count: Callable[[Session, Period, Subject], Figures]
    compared: bool = True
    unit: str | None = None


def _count(session: Session, period: Period, query: Select[Any]) -> Figures:
    """Count the rows of a query for ids, by day."""
    ids = query.subquery()
    key = ids.c[0]
    rows = session.execute(select(day_of(key), func.count()).where(period.holds(key)).group_by(day_of(key)))
    days = {date_of(number): counted for number, counted in rows}
    return Figures(sum(days.values()), days)


def _count_distinct(session: Session, period: Period, query: Select[Any]) -> Figures:
    """Count different values (the second column) by the day of an id (the first)."""
    pairs = query.subquery()
    key, value = pairs.c[0], pairs.c[1]
    day = day_of(key)
    rows = session.execute(select(day, func.count(value.distinct())).where(period.holds(key)).group_by(day))
    days = {date_of(number): counted for number, counted in rows}
    total = session.scalar(select(func.count(value.distinct())).where(period.holds(key)))
    return Figures(total or 0, days)


# ---------------------------------------------------------------------------------------------- the instance


def active_users(session: Session, period: Period, _subject: Subject) -> Figures:
    """Count people who did something, or were seen last."""
    local = select(Actor.id).where(Actor.domain.is_(None))
    done = [
        select(day_of(table.id).label("day"), table.actor_id.label("actor"))
        .where(period.holds(table.id), table.actor_id.in_(local))
        .distinct()
        for table in (Status, Like, Announce)
    ]
    found = {(date_of(day), actor) for day, actor in session.execute(union(*done))}
    for actor, seen_at in last_seen(session, period.begin):
        if seen_at < period.end:
            found.add((seen_at.date(), actor))
    return Figures(len({actor for _, actor in found}), Counter(day for day, _ in found))


def last_seen(session: Session, since: datetime) -> list[tuple[int, datetime]]:
    """Return when people were seen last by app or browser, if that was after `since`: the actor and the moment."""
    seen = union_all(
        select(AccessToken.user_id.label("user"), AccessToken.last_used_at.label("at")).where(
            AccessToken.last_used_at >= since, AccessToken.user_id.is_not(None)
        ),
        select(WebSession.user_id, WebSession.last_seen_at).where(WebSession.last_seen_at >= since),
        select(User.id, User.last_active_at).where(User.last_active_at >= since),
    ).subquery()
    rows = session.execute(select(User.actor_id, seen.c.at).join(seen, seen.c.user == User.id))
    latest: dict[int, datetime] = {}
    for actor, moment in rows:
        latest[actor] = max(moment, latest.get(actor, moment))
    return list(latest.items())


def new_users(session: Session, period: Period, _subject: Subject) -> Figures:
    """Count people who joined."""
    return _count(session, period, select(User.id))


def interactions(session: Session, period: Period, _subject: Subject) -> Figures:
    """Count likes and announces of posts written here, and replies to them."""
    parent = aliased(Status)
    kinds = [
        select(table.id).join(Status, Status.id == table.status_id).where(Status.local, period.holds(table.id))
        for table in (Like, Announce)
    ]
    replies = select(Status.id).join(parent, parent.id == Status.in_reply_to_id)
    kinds.append(replies.where(parent.local, Status.held.is_(False), period.holds(Status.id)))
    return _count(session, period, select(union_all(*kinds).subquery()))


def opened_reports(session: Session, period: Period, _subject: Subject) -> Figures:
    """Count reports that came."""
    return _count(session, period, select(Report.id))


def resolved_reports(session: Session, period: Period, _subject: Subject) -> Figures:
    """Count reports that were closed."""
    closed = select(Report.resolved_at).where(Report.resolved_at >= period.begin, Report.resolved_at < period.end)
    days = Counter(moment.date() for moment in session.scalars(closed) if moment is not None)
    return Figures(days.total(), days)


# ---------------------------------------------------------------------------------------------- a hashtag


def _tagged(subject: Subject, *columns: Any) -> Select[Any]:
    query = select(StatusHashtag.status_id, *columns).join(Status, Status.id == StatusHashtag.status_id)
    return query.where(StatusHashtag.tag == subject, Status.held.is_(False))


def tag_accounts(session: Session, period: Period, subject: Subject) -> Figures:
    """Count who used a hashtag."""
    return _count_distinct(session, period, _tagged(subject, Status.actor_id))


def tag_uses(session: Session, period: Period, subject: Subject) -> Figures:
    """Count posts with a hashtag."""
    return _count(session, period, _tagged(subject))


def tag_servers(session: Session, period: Period, subject: Subject) -> Figures:
    """Count servers from which posts with a hashtag came."""
    remote = _tagged(subject, Actor.host).join(Actor, Actor.id == Status.actor_id)
    return _count_distinct(session, period, remote.where(Actor.domain.is_not(None)))


# ----------------------------------------------------------------------------------------- another server


def instance_accounts(session: Session, period: Period, subject: Subject) -> Figures:
    """Count actors of a server who were met for the first time."""
    return _count(session, period, select(Actor.id).where(of_domain(subject or "")))


def instance_media_attachments(_session: Session, _period: Period, _subject: Subject) -> Figures:
    """Count the bytes that files of a server take up here: none, because they stay where they are."""
    return Figures(0, {})


def instance_reports(session: Session, period: Period, subject: Subject) -> Figures:
    """Count reports about actors of a server."""
    return _count(session, period, select(Report.id).join(Actor, Actor.id == Report.target_id).where(_of(subject)))


def instance_statuses(session: Session, period: Period, subject: Subject) -> Figures:
    """Count posts from a server."""
    return _count(session, period, select(Status.id).join(Actor, Actor.id == Status.actor_id).where(_of(subject)))


def instance_follows(session: Session, period: Period, subject: Subject) -> Figures:
    """Count follows of actors of a server by ours."""
    return _count(session, period, select(Follow.id).join(Actor, Actor.id == Follow.followed_id).where(_of(subject)))


def instance_followers(session: Session, period: Period, subject: Subject) -> Figures:
    """Count follows of ours by actors of a server."""
    return _count(session, period, select(Follow.id).join(Actor, Actor.id == Follow.follower_id).where(_of(subject)))


def _of(subject: Subject) -> ColumnElement[bool]:
    return of_domain(subject or "")


OF_INSTANCE: Mapping[str, Measure] = {
    "active_users": Measure(active_users),
    "new_users": Measure(new_users),
    "interactions": Measure(interactions),
    "opened_reports": Measure(opened_reports),
    "resolved_reports": Measure(resolved_reports),
}
OF_TAG: Mapping[str, Measure] = {
    "tag_accounts": Measure(tag_accounts),
    "tag_uses": Measure(tag_uses),
    "tag_servers": Measure(tag_servers),
}
OF_SERVER: Mapping[str, Measure] = {
    "instance_accounts": Measure(instance_accounts, compared=False),
    "instance_media_attachments": Measure(instance_media_attachments, compared=False, unit="bytes"),
    "instance_reports": Measure(instance_reports, compared=False),
    "instance_statuses": Measure(instance_statuses, compared=False),
    "instance_follows": Measure(instance_follows, compared=False),
    "instance_followers": Measure(instance_followers, compared=False),
}
MEASURES: Mapping[str, Measure] = {**OF_INSTANCE, **OF_TAG, **OF_SERVER}
"""What can be measured, by the `keys` of the method."""
