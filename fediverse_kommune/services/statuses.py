"""Writing, editing and deleting posts, as a local actor does it.

https://docs.joinmastodon.org/methods/statuses/
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from activitypub.access import Approval, Interaction, Policy
from activitypub.compose import compose
from activitypub.documents import STATUS_OPTIONS
from activitypub.events import StatusEdited
from activitypub.graph import statuses as graph
from activitypub.graph.actors import folded_handle
from activitypub.graph.calendar import EventDraft, takes_comments
from activitypub.graph.groups import find_group, is_locked
from activitypub.graph.requests import Asked, authorize_at_once, verdict_on
from activitypub.hashtags import hashtag_key
from activitypub.instance import LocalInstance
from activitypub.marks import MentionTarget, find_hashtags, find_mentions
from activitypub.models import Actor, Media, MediaState, Status, Wish, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import IdempotencyKey, QuotePolicy
from fediverse_kommune.services import policies, polls, quotes
from fediverse_kommune.services.emojis import emojis_in
from fediverse_kommune.services.interactions import check_policy, find_readable
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound, Repeated
from fediverse_kommune.services.trend_reviews import unusable_among
from outbox import send, send_consent
from webfinger.handle import Handle, parse_handle

CHARACTERS = 5_000
TYPED_CHARACTERS = 4 * CHARACTERS  # the same with all that links and handles do not count
MEDIA = 4
URL_CHARACTERS = 23  # what every link counts, however long it is
DESCRIPTION_CHARACTERS = 1_500  # of a picture, for those who cannot see it; Mastodon's figure
MENTIONS = 50  # actors one post names; Mastodon has no such cap, and spam lives off that
KEY_LASTS = timedelta(hours=1)  # how long an Idempotency-Key is remembered

# From everybody to nobody else: a reply is never wider than what it answers.
WIDTHS = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE, Visibility.DIRECT)
NARROW = frozenset({Visibility.PRIVATE, Visibility.DIRECT})

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_URL = re.compile(r"https?://[^\s<>\"]+")
_REMOTE_PART = re.compile(r"(@\w+)@[\w.:-]+\w")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


class StatusForm(Struct, frozen=True):
    """A post as somebody filled it in. `language` is None if the author's default is meant.

    `title` and `event` make an event of it (`services/events.py`), which need not have a text.
    """

    text: str = ""
    visibility: Visibility = Visibility.PUBLIC
    in_reply_to_id: int | None = None
    media_ids: Sequence[int] = ()
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    local_only: bool = False
    bubble_only: bool = False
    poll: polls.PollForm | None = None
    quoted_status_id: int | None = None
    quote_policy: QuotePolicy | None = None
    interaction_policy: Policy | None = None
    idempotency_key: str | None = None
    title: str | None = None
    event: EventDraft | None = None


class MediaEdit(Struct, frozen=True):
    """New words for a picture that a post shows already."""

    media_id: int
    description: str | None
    focus: tuple[float, float] | None


class EditForm(Struct, frozen=True):
    """What an edit of a post says; it replaces all of what was there. Without new ones title and event stay."""

    text: str = ""
    media_ids: Sequence[int] = ()
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    media_edits: Sequence[MediaEdit] = ()
    poll: polls.PollForm | None = None
    quote_policy: QuotePolicy | None = None
    interaction_policy: Policy | None = None
    title: str | None = None
    event: EventDraft | None = None


def create_status(unit: Unit, author: Actor, form: StatusForm) -> Status:
    """Write a post, tell whoever it is for, and return it; a repeated `idempotency_key` returns the first one.

    Remote people named in the text are named only if they are stored already: whoever calls resolves them before
    (`named_handles`). Raises `Invalid`, and `Repeated` if the same key is being worked on at this moment.
    """
    if earlier := _earlier(unit, author, form.idempotency_key):
        return earlier
    media = _own_media(unit, author, form.media_ids)
    _check_content(form, media)
    parent = _parent(unit, author, form.in_reply_to_id)
    quoted = quotes.find_quotable(unit, author, form.quoted_status_id)
    visibility = _no_wider_than(quoted, _no_wider_than(parent, form.visibility))
    bubble_only = form.bubble_only or any(other is not None and other.bubble_only for other in (parent, quoted))
    if bubble_only and visibility is not Visibility.DIRECT:
        visibility = Visibility.PRIVATE
    text = _composed(unit, form, media)
    beside = (parent, quoted, author, *text.mentions)
    local_only = form.local_only or any(other is not None and other.local_only for other in beside)
    _check_consent(unit, author, parent, quoted, local_only=local_only)
    named = [actor.id for actor in text.mentions]
    status_id = new_id(unit.now)
    draft = graph.StatusDraft(
        id=status_id,
        uri=unit.instance.status_uri(author.username, status_id),
        url=unit.instance.status_url(author.username, status_id),
        type="Event" if form.event else "Question" if form.poll else "Note",
        author=author,
        visibility=visibility,
        text=text,
        published_at=unit.now,
        in_reply_to_uri=parent.uri if parent else None,
        conversation_uri=parent.conversation_uri if parent else None,
        audience=_group_of(unit, author, parent, visibility),
        local_only=local_only,
        bubble_only=bubble_only,
        interaction_policy=policies.new_policy(unit, author, visibility, form.interaction_policy, form.quote_policy),
        quote=quotes.claim_of(quoted, author, visibility=visibility, local_only=local_only, mentions=named),
    )
    status = graph.create_status(unit, draft)
    if parent is not None and not status.held:
        status.authorization_uri = authorize_at_once(unit, author, parent, Asked(Wish.REPLY, status.uri), status)
        unit.flush()
    _remember(unit, author, form.idempotency_key, status)
    send.send_status(unit, status)
    if status.quote is not None:
        send_consent.send_quote_request(unit, status.quote, status)
    return status


def check_form(unit: Unit, author: Actor, form: StatusForm) -> None:
    """Raise what `create_status` would raise for this form now: `Invalid`, `NotFound`."""
    _check_content(form, _own_media(unit, author, form.media_ids))
    parent = _parent(unit, author, form.in_reply_to_id)
    quoted = quotes.find_quotable(unit, author, form.quoted_status_id)
    _check_consent(unit, author, parent, quoted, local_only=form.local_only)
    _language(form.language)
    polls.draft(form.poll, unit.now)


def edit_status(unit: Unit, author: Actor, status_id: int, form: EditForm) -> Status:
    """Replace what an own post says, and tell whoever has it. Raises `NotFound`, `Invalid`."""
    status = _own_status(unit, author, status_id)
    for edit in form.media_edits:
        _edit_media(status, edit)
    media = _own_media(unit, author, form.media_ids, shown_by=status.id)
    _check_content(form if form.title else replace(form, title=status.title), media)
    policy_changed = quotes.change_policy(unit, status, form.quote_policy)
    policy_changed = policies.change_policy(unit, status, form.interaction_policy) or policy_changed
    text = _composed(unit, form, media)
    if graph.edit_status(unit, status, replace(text, title=form.title or status.title), unit.now):
        send.send_status_update(unit, status)
    elif form.media_edits or form.poll:
        # A better description, or more time to vote, is told, but is no version of the post to keep.
        status.edited_at = unit.now
        unit.flush()
        if not status.held:
            unit.publish(StatusEdited(status))
        send.send_status_update(unit, status)
    elif policy_changed:
        send.send_status_update(unit, status)
    return status


def delete_status(unit: Unit, author: Actor, status_id: int, *, keep_media: bool = True) -> None:
    """Delete an own post and tell whoever has it. Raises `NotFound`.

    With `keep_media` its files wait for another post, as after an upload: "delete and write anew" needs them. Without,
    they go at the next round of housekeeping.
    """
    status = _own_status(unit, author, status_id)
    send.send_status_delete(unit, status)
    waiting_since = unit.now if keep_media else _LONG_AGO
    unit.execute(update(Media).where(Media.status_id == status.id).values(status_id=None, created_at=waiting_since))
    graph.delete_status(unit, status)


def named_handles(text: str, instance: LocalInstance) -> dict[str, Handle]:
    """Return the handles that a text names, our own people's included, by how they are written; up to a cap."""
    written = find_mentions(text, test_network=instance.test_network)[:MENTIONS]
    return {
        acct: parse_handle(acct, default_domain=instance.account_domain, test_network=instance.test_network)
        for acct in written
    }


def text_length(text: str) -> int:
    """Return how many characters a text counts: links count 23, and of a remote handle only the name."""
    return len(_REMOTE_PART.sub(r"\1", _URL.sub("x" * URL_CHARACTERS, text)))


# --------------------------------------------------------------------------------------------- the steps


def _earlier(unit: Unit, author: Actor, key: str | None) -> Status | None:
    if key is None:
        return None
    recent = IdempotencyKey.created_at > unit.now - KEY_LASTS
    return unit.scalar(
        select(Status)
        .join(IdempotencyKey, IdempotencyKey.status_id == Status.id)
        .where(IdempotencyKey.actor_id == author.id, IdempotencyKey.key == key, recent)
    )


def _remember(unit: Unit, author: Actor, key: str | None, status: Status) -> None:
    """Keep the key with the status; where another transaction has just done the same, take all of this back."""
    if key is None:
        return
    outdated = IdempotencyKey.created_at <= unit.now - KEY_LASTS
    unit.execute(delete(IdempotencyKey).where(IdempotencyKey.actor_id == author.id, outdated))
    row = {"actor_id": author.id, "key": key, "status_id": status.id, "created_at": unit.now}
    if not insert_new_row(unit, IdempotencyKey, **row):
        raise Repeated


def _check_content(form: StatusForm | EditForm, media: Sequence[Media]) -> None:
    text, spoiler_text = form.text, form.spoiler_text
    if form.poll and media:
        raise Invalid("A post shows files or asks a question, not both.")
    if not text.strip() and not media and not form.title:
        raise Invalid("A poll needs a question above it." if form.poll else "A post needs a text or a picture.")
    typed = len(text) + len(spoiler_text)
    if typed > TYPED_CHARACTERS or text_length(text) + text_length(spoiler_text) > CHARACTERS:
        raise Invalid(f"The post is longer than {CHARACTERS} characters.")


def _parent(unit: Unit, author: Actor, status_id: int | None) -> Status | None:
    if status_id is None:
        return None
    try:
        parent = find_readable(unit, author, status_id)
    except NotFound:
        raise NotFound("The post you are answering does not exist any more.") from None
    if parent.held:
        raise Forbidden("This answer waits for consent: it can be answered when that has come.")
    check_policy(unit, author, parent, Interaction.REPLY)
    if is_locked(unit, parent):
        raise Forbidden("The group takes no more answers in this thread.")
    if not takes_comments(unit, parent):
        raise Forbidden("The organiser of this event takes no comments.")
    return parent


def _group_of(unit: Unit, author: Actor, parent: Status | None, visibility: Visibility) -> Sequence[Actor]:
    """Return the group in whose thread an open answer stands: it gets it without being named."""
    if parent is None or visibility in NARROW:
        return ()
    group = find_group(unit, parent.audience_uri)
    return () if group is None or group.id == author.id else (group,)


def _check_consent(
    unit: Unit, author: Actor, parent: Status | None, quoted: Status | None, *, local_only: bool
) -> None:
    """Raise `Invalid` for an answer that has to be allowed first and never could be, or not whole (decision 19)."""
    if parent is None or verdict_on(unit, author, parent, Interaction.REPLY) is Approval.AUTOMATIC:
        return
    if quoted is not None:
        raise Invalid("An answer that has to be allowed first cannot quote a post at the same time.")
    if local_only and not parent.local:
        raise Invalid("An answer that stays on this server cannot be allowed by an author elsewhere.")


def _no_wider_than(parent: Status | None, wanted: Visibility) -> Visibility:
    """Return the visibility of an answer or a quote: what was said to few is not passed on to many (row H08)."""
    if parent is None or parent.visibility not in NARROW:
        return wanted
    return max(wanted, parent.visibility, key=WIDTHS.index)


def _composed(unit: Unit, form: StatusForm | EditForm, media: Sequence[Media]) -> graph.StatusText:
    named = _named(unit, form.text)
    links = {acct: MentionTarget(actor.url or actor.uri, _acct(actor)) for acct, actor in named.items()}
    hashtags = {hashtag_key(name): name for name in find_hashtags(form.text)}
    unusable = unusable_among(unit, hashtags)
    return graph.StatusText(
        content=compose(form.text, mentions=links, tag_url=unit.instance.tag_url, unusable=unusable),
        source=form.text,
        title=form.title,
        event=form.event,
        summary=form.spoiler_text.strip(),
        sensitive=form.sensitive or bool(form.spoiler_text.strip()),
        language=_language(form.language),
        mentions=list({actor.id: actor for actor in named.values()}.values()),
        hashtags={key: name for key, name in hashtags.items() if key not in unusable},
        emojis=emojis_in(unit, unit.instance, form.text, form.spoiler_text, *(form.poll.options if form.poll else ())),
        media=media,
        poll=polls.draft(form.poll, unit.now),
    )


def _named(unit: Unit, text: str) -> Mapping[str, Actor]:
    """Return the stored actors that a text names, by how they are written."""
    ours = unit.instance.hosts
    wanted = {
        acct: folded_handle(handle.username, None if handle.domain in ours else handle.domain)
        for acct, handle in named_handles(text, unit.instance).items()
    }
    if not wanted:
        return {}
    rows = unit.scalars(select(Actor).where(Actor.handle.in_(wanted.values()), Actor.suspended_at.is_(None)))
    actors = {actor.handle: actor for actor in rows}
    return {acct: actors[handle] for acct, handle in wanted.items() if handle in actors}


def _acct(actor: Actor) -> str:
    return f"{actor.username}@{actor.domain}" if actor.domain else actor.username


def _language(tag: str | None) -> str | None:
    """Return a language tag (BCP 47). Raises `Invalid` for what cannot be one."""
    if not tag:
        return None
    if not _LANGUAGE.fullmatch(tag):
        raise Invalid(f"{tag[:40]!r} is no language tag such as de or en-GB.")
    return tag


def _own_media(unit: Unit, author: Actor, ids: Sequence[int], *, shown_by: int | None = None) -> list[Media]:
    """Return the author's files in the order asked for: free ones, or those that `shown_by` shows already.

    One text for "somebody else's", "taken" and "does not exist": ids of other people's uploads tell nothing (row F08).
    """
    if len(ids) > MEDIA:
        raise Invalid(f"A post shows at most {MEDIA} files.")
    rows = unit.scalars(select(Media).where(Media.id.in_(ids), Media.actor_id == author.id)) if ids else ()
    usable = {row.id: row for row in rows if row.status_id is None or row.status_id == shown_by}
    if any(media_id not in usable for media_id in ids):
        raise Invalid("One of the files does not exist, or is shown by a post already.")
    media = [usable[media_id] for media_id in dict.fromkeys(ids)]
    if any(row.state is not MediaState.READY for row in media):
        raise Invalid("One of the files is still being worked on. Please try again in a moment.")
    return media


def _own_status(session: Session, author: Actor, status_id: int) -> Status:
    status = session.scalar(
        select(Status).where(Status.id == status_id, Status.actor_id == author.id).options(*STATUS_OPTIONS)
    )
    if status is None:
        raise NotFound
    return status


def _edit_media(status: Status, edit: MediaEdit) -> None:
    for media in status.media:
        if media.id == edit.media_id:
            media.description = edit.description if edit.description is not None else media.description
            media.focus_x, media.focus_y = edit.focus or (media.focus_x, media.focus_y)
