"""Telling: the one way by which a local actor gets a notification, whatever happened.

`tell` takes a set of receivers and one piece of news, and costs the same few statements for a thousand who hear of it.
What it asks of each receiver in that set: does it want to hear of this actor (blocks, mutes, muted servers and
threads), and what does its policy say (`fanout/policies.py`)? The same thing is told once: `UNIQUE (actor_id, cause)`.

Notifications that say the same of the same post within some hours are one line in an app. `group_key` names that
line, and is written here, so that reading needs no rules. https://docs.joinmastodon.org/methods/grouped_notifications/
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, null, or_, select
from sqlalchemy.orm import aliased

from activitypub.models import Actor, Status, new_id
from activitypub.models.base import Id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.events import NotificationsWritten
from fediverse_kommune.fanout import policies
from fediverse_kommune.inserts import insert_new_rows_returning, insert_or_update_rows
from fediverse_kommune.models import (
    Decision,
    Notification,
    NotificationRequest,
    NotificationType,
    ThreadMute,
)
from fediverse_kommune.unwanted import is_unheard

GROUPED = frozenset(
    {
        NotificationType.FAVOURITE,
        NotificationType.REBLOG,
        NotificationType.FOLLOW,
        NotificationType.ADMIN_SIGN_UP,
    }
)
GROUP_HOURS = 12  # how long after its first notification a group takes more; Mastodon's figure
AT_ONCE = 1_000  # receivers that one statement asks for


class News(Struct, frozen=True):
    """What is told: the kind, who did it, and what it is about.

    `from_actor_id` is None for what concerns the receivers alone, such as a moderators' warning: apps want an account
    there, and get the receiver's own, as from Mastodon.
    """

    kind: NotificationType
    from_actor_id: int | None = None
    status: Status | None = None
    report_id: int | None = None
    warning_id: int | None = None
    severance_id: int | None = None
    collection_id: int | None = None
    reaction_id: int | None = None

    def cause(self, from_actor_id: int) -> str:
        """Return what makes two notifications of one receiver the same."""
        return cause(self.kind, from_actor_id, self._subject())

    def group(self) -> str:
        """Return the beginning of the group key, in front of the hour."""
        return f"{self.kind}-{self.status.id}" if self.status else str(self.kind)

    @property
    def thread(self) -> str | None:
        """The conversation it belongs to, if it belongs to one."""
        return self.status.conversation_uri if self.status else None

    @property
    def is_private(self) -> bool:
        """True for a mention that only those named can read."""
        is_direct = self.status is not None and self.status.visibility is Visibility.DIRECT
        return self.kind is NotificationType.MENTION and is_direct

    def _subject(self) -> int | None:
        others = (self.reaction_id, self.report_id, self.warning_id, self.severance_id, self.collection_id)
        status_id = self.status.id if self.status else None
        return next((number for number in others if number is not None), status_id)


def cause(kind: NotificationType, from_actor_id: int, subject_id: int | None) -> str:
    """Return the `cause` of a notification of this kind, by this actor, about this row."""
    return f"{kind}:{from_actor_id}:{subject_id or ''}"


def tell(unit: Unit, whom: Collection[int], news: News) -> list[int]:
    """Notify the local actors among these; return the ids of those who may hear of it.

    Who does not want to hear of it is left out, and who heard of the same before is not told again. Four statements at
    most, and one more for every further thousand.
    """
    rows = [_row(unit, receiver, news) for receiver in _receivers(unit, sorted(whom), news)]
    told = insert_new_rows_returning(unit, Notification, rows)
    _hold_back(unit, [row for row in rows if row["id"] in told and row["filtered"]])
    shown = tuple((row["id"], row["actor_id"]) for row in rows if row["id"] in told and not row["filtered"])
    if shown:
        unit.publish(NotificationsWritten(shown, news.kind))
    return [row["actor_id"] for row in rows]


def forget(unit: Unit, actor_id: int, from_actor_id: int, *kinds: NotificationType) -> None:
    """Remove what `actor_id` was told of the other; only of these kinds if any are given."""
    condition = and_(Notification.actor_id == actor_id, Notification.from_actor_id == from_actor_id)
    if kinds:
        condition = and_(condition, Notification.type.in_(kinds))
    else:
        asked = (NotificationRequest.actor_id == actor_id) & (NotificationRequest.from_actor_id == from_actor_id)
        unit.execute(delete(NotificationRequest).where(asked).execution_options(synchronize_session=False))
    unit.execute(delete(Notification).where(condition).execution_options(synchronize_session=False))


def take_back(unit: Unit, kind: NotificationType, from_actor_id: int, subject_id: int) -> None:
    """Remove what everybody was told about something that `from_actor_id` did and has undone."""
    unit.execute(
        delete(Notification)
        .where(
            Notification.from_actor_id == from_actor_id, Notification.cause == cause(kind, from_actor_id, subject_id)
        )
        .execution_options(synchronize_session=False)
    )


# --------------------------------------------------------------------------------------------- who hears


class _Receiver(Struct, frozen=True):
    actor_id: int
    decision: Decision
    # The key of a group that began a few hours ago and goes on.
    open_group: str | None


def _receivers(unit: Unit, whom: Sequence[int], news: News) -> Sequence[_Receiver]:
    """Return who hears of it, in one statement for every thousand."""
    statement = _receivers_statement(
        news.kind,
        by_somebody=news.from_actor_id is not None,
        in_thread=news.thread is not None,
        private=news.is_private,
    )
    hour = _hour(unit.now)
    asked = {
        "sender": news.from_actor_id,
        "thread": news.thread,
        "groups": [f"{news.group()}-{hour - passed}" for passed in range(GROUP_HOURS)],
    }
    found = []
    for begin in range(0, len(whom), AT_ONCE):
        for actor_id, group, *facts in unit.run(statement, {"whom": whom[begin : begin + AT_ONCE], **asked}):
            decision = policies.decide(policies.Facts(*facts), news.kind, unit.now) if facts else Decision.ACCEPT
            if decision is not Decision.DROP:
                found.append(_Receiver(actor_id, decision, group))
    return found


@cache
def _receivers_statement(
    kind: NotificationType, *, by_somebody: bool, in_thread: bool, private: bool
) -> policies.Receivers:
    """Select those of `:whom` who hear of news of `:sender`: their ids, their open groups, and what policies ask."""
    query: policies.Receivers = (
        select(Actor.id, _open_group(kind))
        .select_from(Actor)
        .where(Actor.id.in_(bindparam("whom", type_=Id, expanding=True)), Actor.domain.is_(None))
    )
    if not by_somebody:
        return query
    sender = aliased(Actor)
    query = query.join(sender, sender.id == bindparam("sender", type_=Id)).where(
        sender.suspended_at.is_(None), ~_is_unwelcome(sender, in_thread=in_thread)
    )
    return query if kind in policies.UNFILTERED else policies.with_facts(query, sender, private=private)


def _is_unwelcome(sender: type[Actor], *, in_thread: bool) -> ColumnElement[bool]:
    """Return the condition that holds if a receiver (`Actor`) wants to hear nothing of `sender`, or of this thread."""
    conditions = [is_unheard(Actor.id, sender.id)]
    if in_thread:
        muted = ThreadMute.conversation_uri == bindparam("thread")
        conditions.append(exists().where(ThreadMute.actor_id == Actor.id, muted))
    return or_(*conditions)


def _open_group(kind: NotificationType) -> ColumnElement[Any]:
    """Return a column with the key of the receiver's group that this notification joins, if there is one."""
    if kind not in GROUPED:
        return null()
    older = aliased(Notification)
    of_these = older.group_key.in_(bindparam("groups", expanding=True))
    return select(func.max(older.group_key)).where(older.actor_id == Actor.id, of_these).scalar_subquery()


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // 3600


# ------------------------------------------------------------------------------------------ what is kept


def _row(unit: Unit, receiver: _Receiver, news: News) -> dict[str, Any]:
    row_id = new_id(unit.now)
    from_actor_id = receiver.actor_id if news.from_actor_id is None else news.from_actor_id
    filtered = receiver.decision is Decision.FILTER
    # What is held back stands alone, or a group would show a part of what it counts.
    grouped = news.kind in GROUPED and not filtered
    new_group = f"{news.group()}-{_hour(unit.now)}" if grouped else f"ungrouped-{row_id}"
    return {
        "id": row_id,
        "actor_id": receiver.actor_id,
        "type": news.kind,
        "from_actor_id": from_actor_id,
        "status_id": news.status.id if news.status else None,
        "report_id": news.report_id,
        "warning_id": news.warning_id,
        "severance_id": news.severance_id,
        "collection_id": news.collection_id,
        "reaction_id": news.reaction_id,
        "cause": news.cause(from_actor_id),
        "group_key": (grouped and receiver.open_group) or new_group,
        "filtered": filtered,
        "created_at": unit.now,
    }


def _hold_back(unit: Unit, rows: Iterable[dict[str, Any]]) -> None:
    """Note that somebody asks to be heard whose notifications the policies of their receivers hold back."""
    requests = [
        {
            "id": new_id(unit.now),
            "actor_id": row["actor_id"],
            "from_actor_id": row["from_actor_id"],
            "last_status_id": row["status_id"],
            "created_at": unit.now,
            "updated_at": unit.now,
        }
        for row in rows
    ]
    key, changes = ("actor_id", "from_actor_id"), ("last_status_id", "updated_at")
    insert_or_update_rows(unit, NotificationRequest, requests, key=key, changes=changes)
