"""Posts that wait for their hour. https://docs.joinmastodon.org/methods/scheduled_statuses/

What waits is the form as it was filled in. It is checked when it is written and again when it is published, because
by then a file may be used, and the post to be answered gone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, Media, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import QuotePolicy, ScheduledStatus, User
from fediverse_kommune.services import statuses
from fediverse_kommune.services.polls import PollForm
from fediverse_kommune.services.refusals import Invalid, NotFound, Refusal
from fediverse_kommune.services.statuses import StatusForm

# Mastodon's figures.
SOONEST = timedelta(minutes=5)
IN_ALL = 300
A_DAY = 25
AT_ONCE = 100  # posts published in one round of the agenda


def schedule(unit: Unit, author: Actor, user_id: int, form: StatusForm, at: datetime) -> ScheduledStatus:
    """Keep a post to be published `at` that time; a repeated `idempotency_key` returns the first. Raises `Invalid`."""
    if form.idempotency_key and (earlier := _earlier(unit, author, form.idempotency_key)):
        return earlier
    _check_time(unit, author, at)
    statuses.check_form(unit, author, form)
    row = ScheduledStatus(
        id=new_id(unit.now),
        actor_id=author.id,
        user_id=user_id,
        params=_params(form),
        media_ids=list(form.media_ids),
        scheduled_at=at,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    _keep_media(unit, row, at)
    return row


def move(unit: Unit, author: Actor, scheduled_id: int, at: datetime) -> ScheduledStatus:
    """Let a post be published at another time. Raises `NotFound`, `Invalid`."""
    row = find_own(unit, author.id, scheduled_id)
    _check_time(unit, author, at, moved=row.id)
    row.scheduled_at, row.last_error = at, None
    unit.flush()
    _keep_media(unit, row, at)
    return row


def cancel(unit: Unit, author: Actor, scheduled_id: int) -> None:
    """Do not publish a post; its files wait for another one, as after an upload. Raises `NotFound`."""
    row = find_own(unit, author.id, scheduled_id)
    _keep_media(unit, row, unit.now)
    unit.delete(row)
    unit.flush()


def find_own(session: Session, actor_id: int, scheduled_id: int) -> ScheduledStatus:
    """Return a post of this actor that waits. Raises `NotFound` also for somebody else's."""
    row = session.get(ScheduledStatus, scheduled_id)
    if row is None or row.actor_id != actor_id:
        raise NotFound
    return row


def files(session: Session, rows: Sequence[ScheduledStatus]) -> dict[int, Media]:
    """Return the files of posts that wait, by id."""
    ids = {media_id for row in rows for media_id in row.media_ids}
    found = session.scalars(select(Media).where(Media.id.in_(ids))) if ids else ()
    return {media.id: media for media in found}


def due(session: Session, now: datetime) -> Sequence[tuple[int, str]]:
    """Return the posts whose time has come, with their texts."""
    query = select(ScheduledStatus.id, ScheduledStatus.params).where(
        ScheduledStatus.scheduled_at <= now, ScheduledStatus.last_error.is_(None)
    )
    rows = session.execute(query.order_by(ScheduledStatus.scheduled_at).limit(AT_ONCE))
    return [(scheduled_id, str(params["text"])) for scheduled_id, params in rows]


def publish(unit: Unit, scheduled_id: int) -> None:
    """Publish a post whose time has come, and take it off the list in the same transaction. Raises `Refusal`."""
    row = unit.scalar(
        select(ScheduledStatus)
        .where(ScheduledStatus.id == scheduled_id, ScheduledStatus.scheduled_at <= unit.now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return
    author = unit.get_one(Actor, row.actor_id)
    user = unit.get(User, row.user_id) if row.user_id else None
    if author.suspended_at is not None or (user is not None and user.disabled_at is not None):
        raise Invalid("Its author may not publish anything now.")
    statuses.create_status(unit, author, _form(row))
    unit.delete(row)
    unit.flush()


def note_failure(unit: Unit, scheduled_id: int, refusal: Refusal) -> None:
    """Note why a post could not be published. It stays on the list and is not tried again until it is moved."""
    row = unit.get(ScheduledStatus, scheduled_id)
    if row is not None:
        row.last_error = refusal.message
        unit.flush()


def _earlier(unit: Unit, author: Actor, key: str) -> ScheduledStatus | None:
    since = ScheduledStatus.created_at > unit.now - statuses.KEY_LASTS
    rows = unit.scalars(select(ScheduledStatus).where(ScheduledStatus.actor_id == author.id, since))
    return next((row for row in rows if row.params["idempotency"] == key), None)


def _check_time(unit: Unit, author: Actor, at: datetime, *, moved: int | None = None) -> None:
    if at < unit.now + SOONEST:
        raise Invalid("scheduled_at has to be at least five minutes from now.")
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    others = (ScheduledStatus.actor_id == author.id, ScheduledStatus.id != (moved or 0))
    same_day = func.count().filter(ScheduledStatus.scheduled_at.between(day, day + timedelta(days=1)))
    in_all, that_day = unit.execute(select(func.count(), same_day).where(*others)).one()
    if in_all >= IN_ALL:
        raise Invalid(f"{IN_ALL} posts wait already: that is as many as may.")
    if that_day >= A_DAY:
        raise Invalid(f"{A_DAY} posts wait for that day already: that is as many as may.")


def _keep_media(unit: Unit, row: ScheduledStatus, since: datetime) -> None:
    """Let its files count as uploaded at that time, so that housekeeping leaves them until a day after."""
    mine = (Media.id.in_(row.media_ids), Media.actor_id == row.actor_id, Media.status_id.is_(None))
    unit.execute(update(Media).where(*mine).values(created_at=since).execution_options(synchronize_session=False))


def _params(form: StatusForm) -> dict[str, Any]:
    """Return a form in the names of the client API."""
    return {
        "text": form.text,
        "poll": None if form.poll is None else {**asdict(form.poll), "options": list(form.poll.options)},
        "media_ids": [str(media_id) for media_id in form.media_ids] or None,
        "sensitive": form.sensitive,
        "spoiler_text": form.spoiler_text,
        "visibility": form.visibility,
        "in_reply_to_id": form.in_reply_to_id,
        "language": form.language,
        "local_only": form.local_only,
        "bubble_only": form.bubble_only,
        "quoted_status_id": None if form.quoted_status_id is None else str(form.quoted_status_id),
        "quote_approval_policy": form.quote_policy,
        "interaction_policy": form.interaction_policy,
        "idempotency": form.idempotency_key,
    }


def _form(row: ScheduledStatus) -> StatusForm:
    params = row.params
    return StatusForm(
        text=params["text"],
        visibility=Visibility(params["visibility"]),
        in_reply_to_id=params["in_reply_to_id"],
        media_ids=row.media_ids,
        spoiler_text=params["spoiler_text"],
        sensitive=params["sensitive"],
        language=params["language"],
        local_only=params["local_only"],
        bubble_only=params.get("bubble_only", False),
        quoted_status_id=int(params["quoted_status_id"]) if params.get("quoted_status_id") else None,
        quote_policy=QuotePolicy(params["quote_approval_policy"]) if params.get("quote_approval_policy") else None,
        interaction_policy=params.get("interaction_policy"),
        poll=PollForm(**params["poll"]) if params["poll"] else None,
    )
