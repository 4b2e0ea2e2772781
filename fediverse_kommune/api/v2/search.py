"""https://docs.joinmastodon.org/methods/search/"""

import logging

from msgspec import Struct
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from activitypub.models import Actor, Status
from activitypub.unit import StorageUnavailable
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.pagination import read_limit
from fediverse_kommune.api.preload import Reader, status_entities
from fediverse_kommune.api.preload_tags import tag_entities
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.services import search
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.search_query import parse_query
from fediverse_kommune.services.search_statuses import StatusSearch, find_statuses

log = logging.getLogger(__name__)
routes = Routes()

KINDS = ("accounts", "hashtags", "statuses")
LIMIT = 20
MOST = 40


class Wanted(Struct, frozen=True):
    """What a search is for. `following` is whose follows alone count."""

    text: str
    kinds: tuple[str, ...]
    limit: int
    offset: int
    following: int | None
    only_used_tags: bool
    max_id: int | None
    min_id: int | None
    author_id: int | None


@routes.get("/api/v2/search", scope="read:search", auth=Auth.OPTIONAL)
async def show(call: Call) -> Entity:
    """Find accounts, posts and hashtags; who is logged in can have a handle or an address looked up elsewhere."""
    wanted = _wanted(call)
    person = call.viewer.person if call.viewer else None
    if call.params.boolean("resolve") and person is not None:
        await search.resolve(call.server.resolver, call.server.blocks, wanted.text)
    found = await call.read(_search, call.reader, wanted)
    if person is not None and "statuses" in wanted.kinds and search.as_url(wanted.text, call.server.instance) is None:
        found["statuses"] = await _find_statuses(call, wanted)
    return found


async def _find_statuses(call: Call, wanted: Wanted) -> list[Entity]:
    """Return the posts that are found. An index that is broken finds none; the rest of the answer stands."""
    try:
        return await call.read(_statuses, call.reader, call.me.actor, wanted)
    except (DatabaseError, StorageUnavailable) as error:
        log.error("posts cannot be searched; 'fediverse-kommune db reindex' makes the index anew: %s", error)
        return []


def _statuses(session: Session, reader: Reader, me: Actor, wanted: Wanted) -> list[Entity]:
    asked = StatusSearch(
        parse_query(wanted.text), wanted.limit, wanted.offset, wanted.max_id, wanted.min_id, wanted.author_id
    )
    ids = find_statuses(session, me, asked, reader.instance)
    return list(status_entities(session, reader, ids).values())


def _wanted(call: Call) -> Wanted:
    params, person = call.params, call.viewer.person if call.viewer else None
    kind = params.text("type")
    if kind and kind not in KINDS:
        raise Invalid(f"type is one of {', '.join(KINDS)}.")
    offset = params.integer("offset") or 0 if kind else 0
    if person is None and (offset or params.boolean("resolve")):
        raise Invalid("Searching further pages and other servers needs an authenticated user.")
    return Wanted(
        text=params.required("q").strip(),
        kinds=(kind,) if kind else KINDS,
        limit=read_limit(params, default=LIMIT, most=MOST),
        offset=max(0, offset),
        following=person.actor.id if person and params.boolean("following") else None,
        # Nobody reviews hashtags here: what is used counts as reviewed.
        only_used_tags=params.boolean("exclude_unreviewed") or False,
        max_id=params.integer("max_id"),
        min_id=params.integer("min_id"),
        author_id=params.integer("account_id"),
    )


def _search(session: Session, reader: Reader, wanted: Wanted) -> Entity:
    url = search.as_url(wanted.text, reader.instance)
    if url is not None:
        return _at_address(session, reader, url, wanted)
    actors, tags = [], []
    if "accounts" in wanted.kinds:
        me = reader.actor.id if reader.actor else None
        asked = search.AccountSearch(wanted.text, wanted.limit, wanted.offset, wanted.following, me)
        actors = list(search.find_accounts(session, asked, reader.instance))
    if "hashtags" in wanted.kinds:
        tags = search.find_tags(session, wanted.text, wanted.limit, wanted.offset, only_used=wanted.only_used_tags)
    return {
        "accounts": [account_entity(actor, reader.instance) for actor in actors],
        "statuses": [],
        "hashtags": tag_entities(session, reader, tags),
    }


def _at_address(session: Session, reader: Reader, url: str, wanted: Wanted) -> Entity:
    """Return the one account or post at an address, if the reader may see it."""
    found = search.find_by_url(session, url)
    accounts = [account_entity(found, reader.instance)] if isinstance(found, Actor) else []
    statuses = list(status_entities(session, reader, [found.id]).values()) if isinstance(found, Status) else []
    return {
        "accounts": accounts if "accounts" in wanted.kinds else [],
        "statuses": statuses if "statuses" in wanted.kinds else [],
        "hashtags": [],
    }
