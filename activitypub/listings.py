"""Collections of other servers, read page by page and never to an end that they choose (row E04)."""

import logging
from collections.abc import Mapping
from typing import Any

from activitypub.caps import CAPS, Caps
from activitypub.context import FederationContext
from activitypub.fetch import FetchBudget, FetchError, fetch_listing
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
    page: Mapping[str, Any] | None = await fetch_listing(ctx, uri, budget)
    found: list[Any] = []
    read = {uri}
    follow = "first"
    for _ in range(caps.collection_pages):
        if page is None:
            break
        found += items(page, "orderedItems", most) + items(page, "items", most)
        if len(found) >= most:
            break
        page = await _following(ctx, page, follow, read, uri, budget)
        follow = "next"
    return found[:most]


async def _following(
    ctx: FederationContext, page: Mapping[str, Any], follow: str, read: set[str], home: str, budget: FetchBudget
) -> Mapping[str, Any] | None:
    """Return the page after this one; None if there is none, or none that is read."""
    following = page.get(follow) or page.get("next")
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
