"""Collections of other servers, read page by page and never to an end that they choose (row E04)."""

import logging
from collections.abc import Mapping
from typing import Any

from activitypub.caps import CAPS, Caps
from activitypub.context import FederationContext
from activitypub.fetch import FetchBudget, FetchError, Untrusted, fetch_listing
from activitypub.properties import items
from activitypub.uris import same_origin

log = logging.getLogger(__name__)


async def read_listing(
    ctx: FederationContext, uri: str, budget: FetchBudget, *, most: int = CAPS.collection_items, caps: Caps = CAPS
) -> list[Any]:
    """Return what a collection lists, in its order: at most `most` entries of `Caps.collection_pages` pages.

    Pages on another server are not read, and none twice. What is read before a page cannot be had is returned; only
    if the collection itself cannot be had, `FetchError` is raised.
    """
    found, _ = await _read(ctx, uri, budget, most, caps)
    return found


async def read_whole_listing(
    ctx: FederationContext, uri: str, budget: FetchBudget, *, most: int = CAPS.followers_compared, caps: Caps = CAPS
) -> list[Any]:
    """Return all that a collection lists. Raises `Untrusted` for one that is longer or cannot be read to its end."""
    found, is_whole = await _read(ctx, uri, budget, most + 1, caps)
    if not is_whole:
        raise Untrusted(f"the listing {uri} cannot be read to its end")
    return found


async def _read(ctx: FederationContext, uri: str, budget: FetchBudget, most: int, caps: Caps) -> tuple[list[Any], bool]:
    """Return at most `most` entries of a collection, and whether that is all it has."""
    page: Mapping[str, Any] | None = await fetch_listing(ctx, uri, budget)
    found: list[Any] = []
    read = {uri}
    follow = "first"
    for _ in range(caps.collection_pages + 1):
        if page is None:
            return found[:most], False
        found += items(page, "orderedItems", most) + items(page, "items", most)
        further = page.get(follow) or page.get("next")
        if further is None:
            return found[:most], len(found) < most
        if len(found) >= most:
            break
        page = await _following(ctx, further, read, uri, budget)
        follow = "next"
    return found[:most], False


async def _following(
    ctx: FederationContext, following: object, read: set[str], home: str, budget: FetchBudget
) -> Mapping[str, Any] | None:
    """Return the page that another one names as following; None if it is none that is read."""
    if isinstance(following, dict):
        return following
    if not isinstance(following, str) or following in read or not same_origin(following, home):
        return None
    read.add(following)
    try:
        return await fetch_listing(ctx, following, budget)
    except FetchError as error:
        log.info("the listing %s ends at %s: %s", home, following, error)
        return None
