"""Creating, editing and deleting statuses, wherever they were written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import (
    Insert,
    Select,
    String,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, make_transient_to_detached

from activitypub.access import Approval, Interaction
from activitypub.events import StatusCreated, StatusDeleted, StatusEdited, StatusFound
from activitypub.graph.attachments import keep_media, media_changed, place_media
from activitypub.graph.calendar import EventDraft, reschedule, schedule
from activitypub.graph.domains import rejects_media
from activitypub.graph.polls import PollDraft, ask, ask_anew, titles
from activitypub.graph.quotes import QuoteClaim, adopt_quotes, forget_quotes, record_quote, waiting_quote
from activitypub.graph.requests import Asked, ask_author, settle_all_about, verdict_on
from activitypub.graph.status_counts import COUNTED, count_status
from activitypub.models import (
    Actor,
    Media,
    Mention,
    Status,
    StatusEdit,
    StatusHashtag,
    Tombstone,
    Wish,
    attach,
    new_id,
)
from activitypub.on_conflict import insert_for
from activitypub.sanitize import SafeHTML
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility

_THREAD_CHARACTERS = 2_000  # of the first post's id, which with "#thread" has to fit into the column
VERSIONS_APART = timedelta(milliseconds=1)  # at least; each version of a status begins at a time of its own


class StatusText(Struct, frozen=True):
    """What an edit can change. `hashtags` maps the folded key to what was written; both without #."""

    content: SafeHTML
    content_map: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    title: str | None = None
    summary: str = ""
    sensitive: bool = False
    language: str | None = None
    mentions: Sequence[Actor] = ()
    hashtags: Mapping[str, str] = field(default_factory=dict)
    emojis: Sequence[Mapping[str, Any]] = ()
    media: Sequence[Media] = ()
    poll: PollDraft | None = None
    event: EventDraft | None = None


class StatusDraft(Struct, frozen=True):
    """A status about to exist. `audience` are actors addressed without being mentioned.

    `group_uri` is the group it says it is posted in; one that says nothing is in that of what it answers, or else in
    the first group it is addressed to.

    `published_at` is the author's word and is believed up to now (row L07). A local draft brings its `id`,
    because its URI contains it. One that is `unheard` was read in the background, and nobody is told of it.
    """

    uri: str
    author: Actor
    visibility: Visibility
    text: StatusText
    published_at: datetime
    id: int | None = None
    type: str = "Note"
    url: str | None = None
    in_reply_to_uri: str | None = None
    conversation_uri: str | None = None
    audience: Sequence[Actor] = ()
    group_uri: str | None = None
    locked: bool = False
    local_only: bool = False
    bubble_only: bool = False
    logged_in_only: bool = False
    searchable_by: str | None = None
    attached_link: Mapping[str, Any] | None = None
    edited_at: datetime | None = None
    interaction_policy: Mapping[str, Any] = field(default_factory=dict)
    quote: QuoteClaim | None = None
    unheard: bool = False


def find_status(session: Session, uri: str) -> Status | None:
    """Return the status with this id."""
    return session.scalar(select(Status).where(Status.uri == uri))


def is_buried(session: Session, uri: str) -> bool:
    """True if this URI was deleted, here or before it arrived."""
    return session.get(Tombstone, uri) is not None


class Seen(NamedTuple):
    """Whether a status is stored, whether its URI was deleted, and whether nobody was told of it so far."""

    exists: bool
    buried: bool
    unheard: bool


def seen(unit: Unit, uri: str) -> Seen:
    """Return what is known of a URI, in one statement."""
    return Seen(*unit.run(_seen(), {"uri": uri}).one())


@cache
def _seen() -> Select[bool, bool, bool]:
    uri = bindparam("uri", type_=String)
    stored = Status.uri == uri
    return select(exists().where(stored), exists().where(Tombstone.uri == uri), exists().where(stored, Status.unheard))


def create_status(unit: Unit, draft: StatusDraft) -> Status:
    """Store a status and tell of it; one that exists already is returned as it is, without an event.

    An answer that needs consent is stored, but `held`: nobody hears of it until that has come, and what it quotes is
    left out. So is one that was denied and is read from elsewhere all the same, and that stays so.
    """
    if seen(unit, draft.uri).exists:
        return unit.scalars(select(Status).where(Status.uri == draft.uri)).one()
    parent = find_status(unit, draft.in_reply_to_uri) if draft.in_reply_to_uri else None
    draft = replace(draft, text=_without_rejected(unit, draft.author, draft.text))
    verdict = verdict_on(unit, draft.author, parent, Interaction.REPLY) if parent else Approval.AUTOMATIC
    held = (parent is not None and parent.held) or verdict is not Approval.AUTOMATIC
    status = _insert(unit, draft, parent, held=held)
    _add_mentions(unit, status, draft.text.mentions, draft.audience)
    _add_hashtags(unit, status, draft.text.hashtags)
    place_media(unit, status, draft.text.media)
    ask(unit, status, draft.text.poll)
    schedule(unit, status, draft.text.event)
    count_status(unit, status, by=1)
    _adopt(unit, status)
    attach(status, quote=None, card=None)
    if parent is not None and verdict is Approval.MANUAL:
        ask_author(unit, draft.author, parent, Asked(Wish.REPLY, status.uri), status)
    if held:
        return status
    if draft.quote is not None:
        record_quote(unit, status, draft.quote)
    unit.publish(StatusFound(status) if draft.unheard else StatusCreated(status))
    return status


def hear(unit: Unit, status: Status) -> None:
    """Tell of a status that was read in the background and arrives now. It has all loaded that its document reads."""
    status.unheard = False
    unit.flush()
    unit.publish(StatusCreated(status))


def release_status(unit: Unit, status: Status, authorization_uri: str) -> None:
    """Let everybody see an answer whose consent has come: only now it is told and counted, with its authorization.

    `status` is a row of this unit with all that its document reads.
    """
    status.held, status.authorization_uri = False, authorization_uri
    unit.flush()
    count_status(unit, status, by=1)
    unit.publish(StatusCreated(status))


def edit_status(unit: Unit, status: Status, text: StatusText, edited_at: datetime) -> bool:
    """Replace what a status says and keep the old version; False if nothing changed or the edit is an old one.

    `status` is a row of this unit with `mentions` (and their actors), `media`, `poll` and `event` loaded. Whoever could
    read it still can; only those the new text names join them, never silent readers (row H08). New tallies, and how
    many take part in an event, are no edit.
    """
    text = _without_rejected(unit, status.actor, text)
    since = status.edited_at or status.published_at
    if status.edited_at and _is_overtaken(edited_at, since):
        return False
    version = _version(unit, status)
    changed = {name: value for name, value in _columns(text).items() if getattr(status, name) != value}
    asks_anew = ask_anew(unit, status, text.poll)
    takes_place_otherwise = reschedule(unit, status, text.event)
    if not changed and not asks_anew and not takes_place_otherwise and not media_changed(status, text.media):
        return False
    unit.execute(insert(StatusEdit).values(version))
    for name, value in changed.items():
        setattr(status, name, value)
    status.edited_at = max(min(edited_at, unit.now), since + VERSIONS_APART)
    unit.flush()
    earlier = [mention.actor for mention in status.mentions]
    unit.execute(delete(Mention).where(Mention.status_id == status.id))
    _add_mentions(unit, status, text.mentions, earlier)
    unit.execute(delete(StatusHashtag).where(StatusHashtag.status_id == status.id))
    _add_hashtags(unit, status, text.hashtags)
    place_media(unit, status, keep_media(status, text.media))
    if not status.held:
        unit.publish(StatusEdited(status))
    return True


def _without_rejected(unit: Unit, author: Actor, text: StatusText) -> StatusText:
    """Return a text without its files, if moderators want none from the author's server."""
    if author.is_local or not (text.media or text.emojis) or not rejects_media(unit, author):
        return text
    return replace(text, media=(), emojis=())


def _is_overtaken(edited_at: datetime, since: datetime) -> bool:
    """True for an edit older than the version that stands `since` then.

    GoToSocial tells whole seconds: of two edits in one of them, the one that arrives later counts.
    """
    return edited_at <= since if edited_at.microsecond else edited_at < since.replace(microsecond=0)


def delete_status(unit: Unit, status: Status) -> None:
    """Remove a status with all that hangs on it; a tombstone keeps its URI from coming back."""
    # Published before the row goes: the feeds and counters that name it must still be found.
    unit.publish(StatusDeleted(status.id, status.actor_id))
    settle_all_about(unit, status)
    forget_quotes(unit, status)
    count_status(unit, status, by=-1)
    bury(unit, status.uri, former_type=status.type)
    unit.execute(delete(Status).where(Status.id == status.id))
    unit.expunge(status)


def bury(unit: Unit, uri: str, *, former_type: str = "Note") -> None:
    """Note that this URI is gone, whether or not we ever had it. The caller has checked the deleter's authority."""
    insert = insert_for(unit.get_bind().dialect.name, Tombstone)
    unit.execute(insert.values(uri=uri, former_type=former_type, deleted_at=unit.now).on_conflict_do_nothing())


def _insert(unit: Unit, draft: StatusDraft, parent: Status | None, *, held: bool) -> Status:
    """Write the row past the ORM, which would take ten times as long, and return it as a row of this unit."""
    published_at = min(draft.published_at, unit.now)
    status = Status(
        id=draft.id or new_id(published_at),
        uri=draft.uri,
        url=draft.url,
        type=draft.type,
        actor_id=draft.author.id,
        local=draft.author.is_local,
        visibility=draft.visibility,
        local_only=draft.local_only,
        logged_in_only=draft.logged_in_only,
        searchable_by=draft.searchable_by,
        attached_link=dict(draft.attached_link) if draft.attached_link else None,
        bubble_only=draft.bubble_only,
        held=held,
        unheard=draft.unheard,
        in_reply_to_uri=draft.in_reply_to_uri,
        in_reply_to_id=parent.id if parent else None,
        in_reply_to_actor_id=parent.actor_id if parent else None,
        conversation_uri=_conversation_of(unit, draft, parent),
        audience_uri=_group_of(draft, parent),
        in_group=False,
        locked=draft.locked,
        replies_count=0,
        likes_count=0,
        announces_count=0,
        quotes_count=0,
        reactions=[],
        interaction_policy=dict(draft.interaction_policy),
        authorization_uri=None,
        published_at=published_at,
        edited_at=draft.edited_at,
        received_at=unit.now,
        version=0,
        pinned_at=None,
        **_columns(draft.text),
    )
    unit.run(_insert_into(Status), {column.name: getattr(status, column.name) for column in Status.__table__.c})
    make_transient_to_detached(status)
    unit.add(status)
    return attach(status, actor=draft.author, quote=None)


def _conversation_of(unit: Unit, draft: StatusDraft, parent: Status | None) -> str:
    """Return the id of the thread. What is in a thread that began here, its parents say, and nobody elsewhere.

    What stands for a thread elsewhere that has no id bears a fragment, so that nobody takes it for a `context`.
    """
    if parent is not None and parent.conversation_uri is not None:
        return parent.conversation_uri
    claimed = draft.conversation_uri
    if claimed and not unit.instance.owns(claimed):
        return claimed
    return draft.uri if draft.author.is_local else f"{draft.uri[:_THREAD_CHARACTERS]}#thread"


def _group_of(draft: StatusDraft, parent: Status | None) -> str | None:
    """Return the id of the group that a status is posted in; what is not for everybody is in none."""
    if draft.visibility not in COUNTED:
        return None
    addressed = (actor.uri for actor in (*draft.text.mentions, *draft.audience) if actor.type == "Group")
    return draft.group_uri or (parent.audience_uri if parent else None) or next(addressed, None)


@cache
def _insert_into(table: type[Status | Mention | StatusHashtag]) -> Insert:
    return insert(table)


def _columns(text: StatusText) -> dict[str, Any]:
    return {
        "title": text.title,
        "content": text.content,
        "content_map": dict(text.content_map),
        "source": text.source,
        "summary": text.summary,
        "sensitive": text.sensitive,
        "language": text.language,
        "emojis": [dict(emoji) for emoji in text.emojis],
    }


def _add_mentions(unit: Unit, status: Status, named: Sequence[Actor], silent: Sequence[Actor]) -> None:
    """Write one row per actor; who is named is not also silent."""
    actors = {actor.id: (actor, True) for actor in silent} | {actor.id: (actor, False) for actor in named}
    rows = [{"status_id": status.id, "actor_id": key, "silent": quiet} for key, (_, quiet) in actors.items()]
    if rows:
        unit.run(_insert_into(Mention), rows)
    attach(status, mentions=[attach(Mention(**row), actor=actors[row["actor_id"]][0]) for row in rows])


def _add_hashtags(unit: Unit, status: Status, hashtags: Mapping[str, str]) -> None:
    rows = [{"status_id": status.id, "tag": tag, "name": name} for tag, name in hashtags.items()]
    if rows:
        unit.run(_insert_into(StatusHashtag), rows)
    attach(status, hashtags=[StatusHashtag(**row) for row in rows])


def _version(unit: Unit, status: Status) -> dict[str, Any]:
    """Return what a status says before an edit, as it is kept."""
    return {
        "id": new_id(unit.now),
        "status_id": status.id,
        "title": status.title,
        "content": status.content,
        "summary": status.summary,
        "sensitive": status.sensitive,
        "media": [{"id": str(item.id), "description": item.description} for item in status.media],
        "poll_options": titles(status.poll) if status.poll else None,
        "created_at": status.edited_at or status.published_at,
    }


def _adopt(unit: Unit, status: Status) -> None:
    """Tie replies and quotes that arrived before this status to it."""
    children, counted, quoted = unit.run(_orphans(), {"uri": status.uri}).one()
    if children:
        _adopt_replies(unit, status, counted)
    if quoted:
        adopt_quotes(unit, status)


def _adopt_replies(unit: Unit, status: Status, counted: int) -> None:
    unit.execute(
        update(Status)
        .where(Status.in_reply_to_uri == status.uri, Status.in_reply_to_id.is_(None))
        .values(in_reply_to_id=status.id, in_reply_to_actor_id=status.actor_id)
        .execution_options(synchronize_session=False)
    )
    status.replies_count = counted
    unit.flush()


@cache
def _orphans() -> Select[int, int, bool]:
    waiting = (Status.in_reply_to_uri == bindparam("uri")) & Status.in_reply_to_id.is_(None)
    counted = func.count().filter(or_(*(Status.visibility == word for word in sorted(COUNTED))))
    return select(func.count(), counted, waiting_quote()).select_from(Status).where(waiting)
