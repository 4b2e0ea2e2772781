"""Quotes of a post: who quotes it, who may, and taking the consent back.

https://docs.joinmastodon.org/methods/statuses/#quotes
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import readable_by
from activitypub.models import Actor, Quote, QuoteState, Status
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.pagination import Page
from fediverse_kommune.api.preload import Listing, Reader, show_status, status_entities
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.api.v1.statuses import quote_policy
from fediverse_kommune.models import QuotePolicy, Standing
from fediverse_kommune.services import quotes
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.refusals import Invalid

routes = Routes()


@routes.get("/api/v1/statuses/<status_id>/quotes", scope="read:statuses", auth=Auth.OPTIONAL)
async def list_quotes(call: Call, status_id: int) -> Answer:
    """Return the posts that quote a post with its author's consent, as far as the reader may read them."""
    found = await call.read(_quotes, call.reader, status_id, call.page())
    return call.listing(found.entities, found.ids)


@routes.post(
    "/api/v1/statuses/<status_id>/quotes/<quoting_status_id>/revoke", scope="write:statuses", standing=Standing.EDITOR
)
async def revoke(call: Call, status_id: int, quoting_status_id: int) -> Entity:
    """Take the consent to a quote back; the answer is the post that quoted."""
    return await call.write(_revoke, call.reader, status_id, quoting_status_id)


@routes.put("/api/v1/statuses/<status_id>/interaction_policy", scope="write:statuses", standing=Standing.EDITOR)
async def change_policy(call: Call, status_id: int) -> Entity:
    """Say anew who may quote an own post."""
    wanted = quote_policy(call.params)
    if wanted is None:
        raise Invalid("quote_approval_policy is missing.")
    return await call.write(_change_policy, call.reader, status_id, wanted)


def _quotes(session: Session, reader: Reader, status_id: int, page: Page) -> Listing:
    quoted = find_readable(session, reader.actor, status_id)
    query = (
        select(Status.id)
        .join(Quote, Quote.status_id == Status.id)
        .where(Quote.quoted_id == quoted.id, Quote.state == QuoteState.ACCEPTED, readable_by(reader.actor))
    )
    ids = page.in_order(list(session.scalars(page.select(query, Status.id))))
    return Listing(list(status_entities(session, reader, ids).values()), ids)


def _revoke(unit: Unit, reader: Reader, status_id: int, quoting_id: int) -> Entity:
    quoting = quotes.revoke(unit, _actor(unit, reader), status_id, quoting_id)
    return show_status(unit, reader, quoting.id)


def _change_policy(unit: Unit, reader: Reader, status_id: int, wanted: QuotePolicy) -> Entity:
    status = quotes.set_policy(unit, _actor(unit, reader), status_id, wanted)
    return show_status(unit, reader, status.id)


def _actor(unit: Unit, reader: Reader) -> Actor:
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    return unit.get_one(Actor, reader.actor.id)
