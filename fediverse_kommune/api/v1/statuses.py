"""https://docs.joinmastodon.org/methods/statuses/"""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.models import Actor, Announce, Like, Quote, Status, StatusEdit
from activitypub.unit import StorageUnavailable, Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.status_edit import history_entities, source_entity
from fediverse_kommune.api.limits import Budget
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import (
    Listing,
    Reader,
    load_accounts,
    load_statuses,
    show_announce,
    show_status,
    status_entities,
)
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.api.v1.async_refreshes import refresh_header
from fediverse_kommune.api.v1.interaction_policies import interaction_policy
from fediverse_kommune.api.v1.scheduled_statuses import schedule
from fediverse_kommune.mentions import resolve_mentions
from fediverse_kommune.models import QuotePolicy, Standing
from fediverse_kommune.services import backfill, interactions, keeping, statuses
from fediverse_kommune.services.backfill import Refresh
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.polls import PollForm
from fediverse_kommune.services.refusals import Invalid, NotFound, Repeated
from fediverse_kommune.services.threads import Thread, load_thread
from fediverse_kommune.services.timelines import is_welcome

routes = Routes()

# The documentation says read:statuses, Mastodon itself takes read:accounts.
SEEN_BY = ("read:statuses", "read:accounts")

MANY = 20  # statuses that one request may ask for by id, as in Mastodon
KEY_CHARACTERS = 255


# ------------------------------------------------------------------------------------- writing and reading


@routes.post("/api/v1/statuses", scope="write:statuses")
async def create(call: Call) -> Entity:
    """Publish a post, or keep it for later. Unknown people it names are looked up before, outside the transaction."""
    form, at = _status_form(call), call.params.instant("scheduled_at")
    if at is not None:
        return await call.write(schedule, call, form, at)
    await resolve_mentions(call.server, form.text)
    try:
        return await call.write(_create, call.reader, form)
    except Repeated:
        # Two at once with one Idempotency-Key: the other one has been committed, so this finds its status.
        return await call.write(_create, call.reader, form)


@routes.get("/api/v1/statuses", scope="read:statuses", auth=Auth.OPTIONAL)
async def show_many(call: Call) -> list[Entity]:
    """Return several posts by id, leaving out what is not there or not for this reader."""
    ids = call.params.ids("id")
    if len(ids) > MANY:
        raise Invalid(f"Ask for at most {MANY} posts at once.")
    return list((await call.read(status_entities, call.reader, ids)).values())


@routes.get("/api/v1/statuses/<status_id>", scope="read:statuses", auth=Auth.OPTIONAL, kept=True)
async def show(call: Call, status_id: int) -> Entity:
    """Return one post."""
    return await call.read(show_status, call.reader, status_id)


@routes.put("/api/v1/statuses/<status_id>", scope="write:statuses", standing=Standing.EDITOR)
async def edit(call: Call, status_id: int) -> Entity:
    """Replace what an own post says."""
    form = _edit_form(call)
    await resolve_mentions(call.server, form.text)
    return await call.write(_edit, call.reader, status_id, form)


@routes.delete(
    "/api/v1/statuses/<status_id>", scope="write:statuses", standing=Standing.EDITOR, budget=Budget.DELETIONS
)
async def delete(call: Call, status_id: int) -> Entity:
    """Delete an own post, or take an own announce back; the answer holds what was typed, to write it anew."""
    keep_media = not call.params.boolean("delete_media")
    return await call.write(_delete, call.reader, status_id, keep_media=keep_media)


@routes.get("/api/v1/statuses/<status_id>/context", scope="read:statuses", auth=Auth.OPTIONAL, kept=True)
async def context(call: Call, status_id: int) -> Entity | Answer:
    """Return what a post answers, and what answers it. Of one from elsewhere more is read in the background."""
    entity, refresh, is_due = await call.read(_context, call.reader_of("thread"), status_id)
    if is_due:
        with suppress(StorageUnavailable):  # reading goes on where nothing can be written
            refresh = await call.write(backfill.want_thread, status_id)
    return Answer(entity, headers=refresh_header(refresh), passing=True) if refresh and refresh.running else entity


@routes.get("/api/v1/statuses/<status_id>/source", scope="read:statuses")
async def source(call: Call, status_id: int) -> Entity:
    """Return what the author typed, to edit it."""
    return await call.read(_source, call.reader, status_id)


@routes.get("/api/v1/statuses/<status_id>/history", scope="read:statuses", auth=Auth.OPTIONAL)
async def history(call: Call, status_id: int) -> list[Entity]:
    """Return all versions of a post."""
    return await call.read(_history, call.reader, status_id)


# -------------------------------------------------------------------------------------------- interactions


@routes.post("/api/v1/statuses/<status_id>/favourite", scope="write:favourites")
async def favourite(call: Call, status_id: int) -> Entity:
    """Like a post."""
    return await call.write(_act, call.reader, status_id, interactions.like)


@routes.post("/api/v1/statuses/<status_id>/unfavourite", scope="write:favourites")
async def unfavourite(call: Call, status_id: int) -> Entity:
    """Take a like back."""
    return await call.write(_act, call.reader, status_id, interactions.unlike)


@routes.post("/api/v1/statuses/<status_id>/reblog", scope="write:statuses")
async def reblog(call: Call, status_id: int) -> Entity:
    """Pass a post on; the answer is the announce."""
    wanted = visibility(call.params) or Visibility.PUBLIC
    return await call.write(_announce, call.reader, status_id, wanted)


@routes.post("/api/v1/statuses/<status_id>/unreblog", scope="write:statuses")
async def unreblog(call: Call, status_id: int) -> Entity:
    """Take an announce back; the answer is the post."""
    return await call.write(_unannounce, call.reader, status_id)


@routes.post("/api/v1/statuses/<status_id>/pin", scope="write:accounts")
async def pin(call: Call, status_id: int) -> Entity:
    """Show an own post on top of the profile."""
    return await call.write(_act, call.reader, status_id, interactions.pin)


@routes.post("/api/v1/statuses/<status_id>/unpin", scope="write:accounts")
async def unpin(call: Call, status_id: int) -> Entity:
    """Show it there no longer."""
    return await call.write(_act, call.reader, status_id, interactions.unpin)


@routes.post("/api/v1/statuses/<status_id>/bookmark", scope="write:bookmarks")
async def bookmark(call: Call, status_id: int) -> Entity:
    """Keep a post to find it again."""
    return await call.write(_act, call.reader, status_id, keeping.bookmark)


@routes.post("/api/v1/statuses/<status_id>/unbookmark", scope="write:bookmarks")
async def unbookmark(call: Call, status_id: int) -> Entity:
    """Keep it no longer."""
    return await call.write(_act, call.reader, status_id, keeping.unbookmark)


@routes.post("/api/v1/statuses/<status_id>/mute", scope="write:mutes")
async def mute(call: Call, status_id: int) -> Entity:
    """Hear no more of the conversation around a post."""
    return await call.write(_act, call.reader, status_id, keeping.mute_thread)


@routes.post("/api/v1/statuses/<status_id>/unmute", scope="write:mutes")
async def unmute(call: Call, status_id: int) -> Entity:
    """Hear of it again."""
    return await call.write(_act, call.reader, status_id, keeping.unmute_thread)


@routes.get("/api/v1/statuses/<status_id>/favourited_by", scope=SEEN_BY, auth=Auth.OPTIONAL)
async def favourited_by(call: Call, status_id: int) -> Answer:
    """Return who likes a post."""
    found = await call.read(_hands, call.reader, status_id, Like, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


@routes.get("/api/v1/statuses/<status_id>/reblogged_by", scope=SEEN_BY, auth=Auth.OPTIONAL)
async def reblogged_by(call: Call, status_id: int) -> Answer:
    """Return who passed a post on."""
    found = await call.read(_hands, call.reader, status_id, Announce, call.page(default=40, most=80))
    return call.listing(found.entities, found.ids)


# ------------------------------------------------------------------------------------------------- forms


def _status_form(call: Call) -> statuses.StatusForm:
    params = call.params
    key = call.request.headers.get("Idempotency-Key")
    return statuses.StatusForm(
        text=params.text("status") or "",
        visibility=visibility(params) or Visibility.PUBLIC,
        in_reply_to_id=params.integer("in_reply_to_id"),
        media_ids=params.ids("media_ids"),
        spoiler_text=params.text("spoiler_text") or "",
        sensitive=params.boolean("sensitive") or False,
        language=params.text("language") or call.me.locale.partition("-")[0],
        local_only=params.boolean("local_only") or False,
        bubble_only=params.boolean("bubble_only") or False,
        poll=_poll_form(params),
        quoted_status_id=params.integer("quoted_status_id"),
        quote_policy=quote_policy(params),
        interaction_policy=interaction_policy(params, call.server.instance),
        idempotency_key=key[:KEY_CHARACTERS] if key else None,
    )


def _edit_form(call: Call) -> statuses.EditForm:
    params = call.params
    return statuses.EditForm(
        text=params.text("status") or "",
        media_ids=params.ids("media_ids"),
        spoiler_text=params.text("spoiler_text") or "",
        sensitive=params.boolean("sensitive") or False,
        language=params.text("language") or call.me.locale.partition("-")[0],
        quote_policy=quote_policy(params),
        interaction_policy=interaction_policy(params, call.server.instance),
        media_edits=[_media_edit(item) for item in params.entries("media_attributes") or ()],
        poll=_poll_form(params),
    )


def _poll_form(params: Params) -> PollForm | None:
    """Return the question that is asked with a post. Some apps send an empty one for none."""
    asked = params.nested("poll")
    options = asked.many("options") or []
    if not options and asked.integer("expires_in") is None:
        return None
    return PollForm(
        options=options,
        expires_in=asked.integer("expires_in"),
        multiple=asked.boolean("multiple") or False,
        hide_totals=asked.boolean("hide_totals") or False,
    )


def _media_edit(item: Params) -> statuses.MediaEdit:
    return statuses.MediaEdit(item.integer("id") or 0, item.text("description"), item.focus("focus"))


def quote_policy(params: Params) -> QuotePolicy | None:
    """Return `quote_approval_policy`; None if it was not sent. Raises `Invalid`."""
    text = params.text("quote_approval_policy")
    if not text:
        return None
    if text not in set(QuotePolicy):
        raise Invalid("quote_approval_policy is public, followers or nobody.")
    return QuotePolicy(text)


def visibility(params: Params) -> Visibility | None:
    """Return `visibility`; None if it was not sent. Raises `Invalid`."""
    text = params.text("visibility")
    if not text:
        return None
    if text not in set(Visibility):
        raise Invalid("visibility is public, unlisted, private or direct.")
    return Visibility(text)


# ------------------------------------------------------------------------------------------ units of work


def _create(unit: Unit, reader: Reader, form: statuses.StatusForm) -> Entity:
    status = statuses.create_status(unit, _author(unit, reader), form)
    return show_status(unit, reader, status.id)


def _edit(unit: Unit, reader: Reader, status_id: int, form: statuses.EditForm) -> Entity:
    statuses.edit_status(unit, _author(unit, reader), status_id, form)
    return show_status(unit, reader, status_id)


def _delete(unit: Unit, reader: Reader, status_id: int, *, keep_media: bool) -> Entity:
    author = _author(unit, reader)
    if announced := unit.get(Announce, status_id):
        entity = show_announce(unit, reader, announced.id)
        if announced.actor_id != author.id:
            raise NotFound
        interactions.unannounce(unit, author, status_id)
        return entity
    entity = _with_quoted(unit, reader, status_id, show_status(unit, reader, status_id))
    typed = unit.scalar(select(Status.source).where(Status.id == status_id))
    statuses.delete_status(unit, author, status_id, keep_media=keep_media)
    return entity | {"text": typed or ""}


def _with_quoted(unit: Unit, reader: Reader, status_id: int, entity: Entity) -> Entity:
    """Show what a post quotes whether or not it was allowed to, as it is needed to write the post anew."""
    quoted_id = unit.scalar(select(Quote.quoted_id).where(Quote.status_id == status_id))
    found = status_entities(unit, reader, [quoted_id]) if quoted_id and not entity["quote"]["quoted_status"] else {}
    return entity | {"quote": entity["quote"] | {"quoted_status": found[quoted_id]}} if quoted_id in found else entity


def _act(unit: Unit, reader: Reader, status_id: int, act: Callable[[Unit, Actor, int], None]) -> Entity:
    """Do something with a post and show it as it is afterwards."""
    act(unit, _author(unit, reader), status_id)
    return show_status(unit, reader, status_id)


def _announce(unit: Unit, reader: Reader, status_id: int, visibility: Visibility) -> Entity:
    row = interactions.announce(unit, _author(unit, reader), status_id, visibility)
    return show_announce(unit, reader, row.id) if row else show_status(unit, reader, status_id)


def _unannounce(unit: Unit, reader: Reader, status_id: int) -> Entity:
    status = interactions.unannounce(unit, _author(unit, reader), status_id)
    return show_status(unit, reader, status.id)


def _author(unit: Unit, reader: Reader) -> Actor:
    """Return the acting actor as a row of this unit."""
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    return unit.get_one(Actor, reader.actor.id)


def _context(session: Session, reader: Reader, status_id: int) -> tuple[Entity, Refresh | None, bool]:
    """Return what is around a post, what is being read of it, and whether it is time to read more of it.

    Only for people who are logged in: whoever passes by must not make us ask other servers.
    """
    status = find_readable(session, reader.actor, status_id)
    thread: Thread = load_thread(session, status, signed_in=reader.actor is not None)
    shown = status_entities(session, reader, [*thread.ancestors, *thread.descendants], is_welcome)
    entity = {
        "ancestors": [shown[key] for key in thread.ancestors if key in shown],
        "descendants": [shown[key] for key in thread.descendants if key in shown],
    }
    if status.local or reader.actor is None or not reader.instance.backfills:
        return entity, None, False
    refresh = backfill.find_refresh(session, status, thread, reader.now)
    return entity, refresh, refresh is None


def _source(session: Session, reader: Reader, status_id: int) -> Entity:
    status = session.scalar(select(Status).where(Status.id == status_id, readable_by(reader.actor)))
    if status is None or reader.actor is None or status.actor_id != reader.actor.id:
        raise NotFound
    return source_entity(status)


def _history(session: Session, reader: Reader, status_id: int) -> list[Entity]:
    status = load_statuses(session, reader, [find_readable(session, reader.actor, status_id).id]).popitem()[1]
    earlier = select(StatusEdit).where(StatusEdit.status_id == status.id).order_by(StatusEdit.created_at)
    return history_entities(status, session.scalars(earlier).all(), reader.instance)


def _hands(session: Session, reader: Reader, status_id: int, table: type[Like | Announce], page: Page) -> Listing:
    """Return who liked or announced a post."""
    status = find_readable(session, reader.actor, status_id)
    query = (
        select(table.id, Actor)
        .join(Actor, Actor.id == table.actor_id)
        .where(table.status_id == status.id, Actor.suspended_at.is_(None))
    )
    return load_accounts(session, reader, page, query, table.id)
