"""https://docs.joinmastodon.org/methods/search/"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from activitypub.models import Actor, Status
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.preload import Reader, status_entities
from fediverse_kommune.api.preload_tags import tag_entities
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.services import search
from fediverse_kommune.services.refusals import Invalid

routes = Routes()

KINDS = ("accounts", "hashtags", "statuses")
LIMIT = 20
MOST = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search is for. `following` is whose follows alone count."""

    text: str
    kinds: tuple[str, ...]
    limit: int
    offset: int
    following: int | None


@routes.get("/api/v2/search", scope="read:search", auth=Auth.OPTIONAL)
async def show(call: Call) -> Entity:
    """Find accounts, posts and hashtags; who is logged in can have a handle or an address looked up elsewhere."""
    wanted = _wanted(call)
    person = call.viewer.person if call.viewer else None
    if call.params.boolean("resolve") and person is not None:
        await search.resolve(call.server.resolver, call.server.blocks, wanted.text)
    return await call.read(_search, call.reader, wanted)


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
        limit=call.page(default=LIMIT, most=MOST).limit,
        offset=max(0, offset),
        following=person.actor.id if person and params.boolean("following") else None,
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
        tags = search.find_tags(session, wanted.text, wanted.limit, wanted.offset)
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
