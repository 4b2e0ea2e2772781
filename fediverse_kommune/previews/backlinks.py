"""Whether a page says that it belongs to the owner of a profile: a link back to that with rel="me".

https://docs.joinmastodon.org/user/profile/#verification, https://microformats.org/wiki/rel-me
"""

from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urljoin

from activitypub.uris import InvalidUri, validated_url
from fediverse_kommune.previews.tags import UNREAD, decoded, tags_of

MOST_TAGS = 20_000
LINKS = frozenset({"a", "link"})
# In these stands what somebody typed, or what no browser shows as links.
WITHOUT = UNREAD | {"iframe", "noembed", "noframes", "noscript", "template", "textarea", "title", "xmp"}


def links_back(body: bytes, content_type: str | None, url: str, profiles: Collection[str]) -> bool:
    """True if the page at `url` links to one of these addresses with rel="me"."""
    wanted = {_comparable(profile) for profile in profiles}
    for tag in tags_of(decoded(body, content_type), LINKS, MOST_TAGS, WITHOUT):
        attributes = tag.attributes()
        if "me" in attributes.get("rel", "").lower().split() and "href" in attributes:
            with suppress(ValueError):
                if _comparable(urljoin(url, attributes["href"].strip())) in wanted:
                    return True
    return False


def _comparable(url: str) -> str:
    """Return an address without what people add or leave out: a slash at the end, a fragment, capitals."""
    with suppress(InvalidUri):
        url = validated_url(url, allow_http=True)
    return url.partition("#")[0].rstrip("/").lower()
