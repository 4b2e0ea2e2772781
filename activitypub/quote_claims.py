"""What an arriving status quotes, and whether the stamp it shows is good: asked of the quoted author's own server.

FEP-044f, "Verifying third-party quote posts"
"""

import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.context import FederationContext
from activitypub.fetch import FetchBudget, FetchError, Unavailable, fetch_object
from activitypub.graph.quotes import QuoteClaim
from activitypub.graph.statuses import find_status
from activitypub.models import Actor, Status
from activitypub.parse_policy import vouches_for
from activitypub.uris import same_origin
from activitypub.vocabulary import RemoteStatus

log = logging.getLogger(__name__)

ReadStatus = Callable[[str, FetchBudget], Awaitable[Status]]


async def look_up_quote(
    ctx: FederationContext, read: ReadStatus, remote: RemoteStatus, budget: FetchBudget, *, known_only: bool
) -> QuoteClaim | None:
    """Return what a status quotes, with the stamp it shows if that is valid; None if it quotes nothing.

    `read` returns the quoted status, from its origin if it is unknown; with `known_only` it is not asked for one. The
    stamp is always read from the quoted author's server: what a status says of its own stamp proves nothing (row A17).
    What cannot be had leaves the quote waiting, and is no error.
    """
    if remote.quote is None or remote.quote == remote.uri:
        return None
    if known_only and await ctx.db.read(find_status, remote.quote) is None:
        return QuoteClaim(remote.quote)
    try:
        quoted = await read(remote.quote, budget)
    except FetchError as error:
        log.info("the quote in %s waits: %s", remote.uri, error)
        return QuoteClaim(remote.quote)
    try:
        stamped = await _is_stamped(ctx, remote, quoted, budget)
    except Unavailable:
        return QuoteClaim(quoted.uri)
    except FetchError as error:
        log.info("the stamp of %s is worth nothing: %s", remote.uri, error)
        stamped = False
    return QuoteClaim(quoted.uri, remote.quote_stamp if stamped else None, is_unstamped=not stamped)


async def _is_stamped(ctx: FederationContext, remote: RemoteStatus, quoted: Status, budget: FetchBudget) -> bool:
    """True if the author of the quoted status says at its own origin that this very status may quote it."""
    stamp_uri = remote.quote_stamp
    author_uri = await ctx.db.read(_author_uri, quoted.id)
    if stamp_uri is None or ctx.instance.owns(stamp_uri) or not same_origin(stamp_uri, author_uri):
        return False
    stamp = await fetch_object(ctx, stamp_uri, budget)
    return vouches_for(stamp, "QuoteAuthorization", remote.uri, quoted.uri, author_uri)


def _author_uri(session: Session, status_id: int) -> str:
    query = select(Actor.uri).join(Status, Status.actor_id == Actor.id).where(Status.id == status_id)
    return session.scalars(query).one()
