"""The emoji of a reaction: an EmojiReact, or a Like that has one (FEP-c0e0)."""

import re
from typing import Any

from activitypub.emojis import emoji_in
from activitypub.parse_media import picture
from activitypub.parse_tags import SHORTCODE, tags_by_type
from activitypub.properties import uri_of
from activitypub.sanitize import safe_link
from activitypub.uris import InvalidUri, host_of
from activitypub.vocabulary import Activity, RemoteReaction

REACTIONS = frozenset({"Like", "EmojiReact"})

# Misskey names the server of a picture behind the shortcode, "." if it is its own.
_CUSTOM = re.compile(r":([^:@]{1,128})(?:@[^:@]{1,255})?:")


def names_emoji(activity: Activity) -> bool:
    """True if an activity may be a reaction: only then is it to be read as one."""
    return activity.type in REACTIONS and activity.content is not None


def read_reaction(activity: Activity, *, allow_http: bool) -> RemoteReaction | None:
    """Return the emoji that an activity puts below a status; None if it is a plain like, or anything else.

    What is neither one emoji of Unicode nor a shortcode whose picture comes along is no reaction.
    """
    text = activity.content if activity.type in REACTIONS else None
    if text is None:
        return None
    name = emoji_in(text)
    if name is not None:
        return RemoteReaction(activity.type, name)
    custom = _CUSTOM.fullmatch(text)
    return _custom(activity, custom[1], allow_http=allow_http) if custom else None


def shortcode_of(activity: Activity) -> str | None:
    """Return the shortcode that a reaction names, whether its picture comes along or not."""
    custom = _CUSTOM.fullmatch(activity.content or "")
    return custom[1] if custom else None


def _custom(activity: Activity, shortcode: str, *, allow_http: bool) -> RemoteReaction | None:
    for tag in tags_by_type(activity.document).get("Emoji", ()):
        if _shortcode(tag) != shortcode or not SHORTCODE.fullmatch(shortcode):
            continue
        url = picture(tag, "icon", allow_http=allow_http)
        shown = safe_link(url) if url else None
        if shown:
            return RemoteReaction(activity.type, f"{shortcode}@{_home(tag, shown, activity.actor)}", shown)
    return None


def _shortcode(tag: dict[str, Any]) -> str:
    """Return the name of an emoji without colons, which Akkoma leaves out, and without a server's name."""
    name = tag.get("name")
    return name.strip(":").partition("@")[0] if isinstance(name, str) else ""


def _home(tag: dict[str, Any], url: str, actor: str) -> str:
    """Return the host that an emoji is from: of its id, if its picture lies there as well, else who reacts with it.

    So nobody can hang another picture on the name of somebody else's.
    """
    claimed = uri_of(tag.get("id"))
    try:
        home = host_of(claimed) if claimed else ""
        return home if home and home == host_of(url) else host_of(actor)
    except InvalidUri:
        return host_of(actor)
