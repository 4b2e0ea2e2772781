"""What is talked about these days: hashtags, pages and posts, counted from what is public here.

Moderators can let something be no trend, or, if the town wants that, have to allow each first (`trend_reviews`). One
person makes no trend: a hashtag or a page needs two people. Counted every few minutes, however many ask.
https://docs.joinmastodon.org/methods/trends/
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, joinedload

from activitypub.access import readable_by
from activitypub.context import Clock
from activitypub.models import Actor, Status, StatusHashtag, first_id_at
from activitypub.unit import UnitsOfWork
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import HashtagRule, PreviewCard, StatusCard, TrendKind
from fediverse_kommune.services.tags import DAYS, Tag, Use, count_uses
from fediverse_kommune.services.trend_reviews import Undecided, by_number, may_trend

COUNTED_EVERY = timedelta(minutes=5)
LATELY = timedelta(days=2)  # what counts for hashtags and pages
LATELY_POSTED = timedelta(days=3)  # of what age posts can be
PEOPLE = 2
TAGS, LINKS, STATUSES = 20, 20, 40
_DAY = 86_400_000 << 16  # as the ids of statuses count time


class Talk(Struct, frozen=True):
    """What is talked about, most first: hashtags and pages with how they were used, and ids of posts."""

    tags: Sequence[tuple[Tag, Sequence[Use]]] = ()
    links: Sequence[tuple[int, Sequence[Use]]] = ()
    statuses: Sequence[int] = ()


class Trends:
    """Counts at most every five minutes, once however many ask at that moment.

    `reviewed` if nothing is a trend before a moderator has allowed it.
    """

    def __init__(self, db: UnitsOfWork, clock: Clock, *, reviewed: bool) -> None:
        self._db = db
        self._clock = clock
        self.reviewed = reviewed
        self._heard: dict[bool, tuple[datetime, Talk]] = {}
        self._lock = asyncio.Lock()

    async def now(self, *, everything: bool = False) -> Talk:
        """Return what is talked about, at most five minutes old; with `everything`, also what may be no trend."""
        async with self._lock:
            now = self._clock()
            heard = self._heard.get(everything)
            if heard is None or now - heard[0] > COUNTED_EVERY:
                rest = Undecided.HIDDEN if self.reviewed else Undecided.SHOWN
                talk = await self._db.read(listen, now, Undecided.NO_MATTER if everything else rest)
                heard = self._heard[everything] = now, talk
            return heard[1]

    def forget(self) -> None:
        """Count anew when somebody asks next: what may be a trend has changed."""
        self._heard.clear()


def listen(session: Session, now: datetime, rest: Undecided = Undecided.SHOWN) -> Talk:
    """Count, in five statements. `rest`: what becomes of that about which no moderator decided."""
    tags = _top_tags(session, now, rest)
    uses = count_uses(session, [tag.key for tag in tags], now)
    links = _top_links(session, now, rest)
    shown = count_links(session, links, now)
    return Talk(
        tags=[(tag, uses[tag.key]) for tag in tags],
        links=[(card_id, shown[card_id]) for card_id in links],
        statuses=_top_statuses(session, now, rest),
    )


def load_links(session: Session, card_ids: Sequence[int]) -> Mapping[int, PreviewCard]:
    """Return previews by id, with their authors."""
    query = select(PreviewCard).where(PreviewCard.id.in_(card_ids)).options(joinedload(PreviewCard.author))
    return {card.id: card for card in session.scalars(query)}


def _public() -> ColumnElement[bool]:
    """For everybody, and by somebody whom the moderators have not silenced."""
    silenced = exists().where(Actor.id == Status.actor_id, Actor.silenced_at.is_not(None))
    return and_(Status.visibility == Visibility.PUBLIC, readable_by(None), ~silenced)


def _top_tags(session: Session, now: datetime, rest: Undecided) -> list[Tag]:
    people = func.count(Status.actor_id.distinct())
    name = select(HashtagRule.name).where(HashtagRule.tag == StatusHashtag.tag).scalar_subquery()
    rows = session.execute(
        select(StatusHashtag.tag, func.coalesce(name, func.max(StatusHashtag.name)))
        .join(Status, Status.id == StatusHashtag.status_id)
        .where(StatusHashtag.status_id >= first_id_at(now - LATELY), _public())
        .where(may_trend(rest, (TrendKind.TAG, StatusHashtag.tag)))
        .group_by(StatusHashtag.tag)
        .having(people >= PEOPLE)
        .order_by(people.desc(), func.count().desc(), StatusHashtag.tag)
        .limit(TAGS)
    )
    return [Tag(key, name) for key, name in rows]


def _top_links(session: Session, now: datetime, rest: Undecided) -> list[int]:
    people = func.count(Status.actor_id.distinct())
    named = (TrendKind.LINK, by_number(StatusCard.card_id)), (TrendKind.PUBLISHER, PreviewCard.provider_url)
    rows = session.scalars(
        select(StatusCard.card_id)
        .join(Status, Status.id == StatusCard.status_id)
        .join(PreviewCard, PreviewCard.id == StatusCard.card_id)
        .where(StatusCard.status_id >= first_id_at(now - LATELY), PreviewCard.fetched_at.is_not(None), _public())
        .where(may_trend(rest, *named))
        .group_by(StatusCard.card_id)
        .having(people >= PEOPLE)
        .order_by(people.desc(), func.count().desc(), StatusCard.card_id.desc())
        .limit(LINKS)
    )
    return list(rows)


def count_links(session: Session, card_ids: Sequence[int], now: datetime) -> Mapping[int, Sequence[Use]]:
    """Return for each page how it was linked to in public on each day of the week, today first."""
    days = [(now.astimezone(UTC) - timedelta(days=back)).date() for back in range(DAYS)]
    since = first_id_at(datetime.combine(days[-1], time(), UTC))
    day: ColumnElement[int] = StatusCard.status_id // _DAY
    rows = session.execute(
        select(StatusCard.card_id, day, func.count(), func.count(Status.actor_id.distinct()))
        .join(Status, Status.id == StatusCard.status_id)
        .where(StatusCard.card_id.in_(card_ids), StatusCard.status_id >= since, Status.visibility == Visibility.PUBLIC)
        .group_by(StatusCard.card_id, day)
    )
    counted = {(card, date(1970, 1, 1) + timedelta(days=number)): (uses, users) for card, number, uses, users in rows}
    return {card: [Use(one, *counted.get((card, one), (0, 0))) for one in days] for card in card_ids}


def _top_statuses(session: Session, now: datetime, rest: Undecided) -> list[int]:
    """Return posts that many liked or passed on, by authors who want to be found, with nothing to be warned of."""
    warmth = Status.likes_count + 2 * Status.announces_count
    findable = exists().where(Actor.id == Status.actor_id, Actor.discoverable)
    query = select(Status.id).where(
        Status.id >= first_id_at(now - LATELY_POSTED),
        warmth > 0,
        Status.sensitive.is_(False),
        Status.summary == "",
        Status.in_reply_to_uri.is_(None),
        findable,
        _public(),
        may_trend(rest, (TrendKind.STATUS, by_number(Status.id))),
    )
    return list(session.scalars(query.order_by(warmth.desc(), Status.id.desc()).limit(STATUSES)))
