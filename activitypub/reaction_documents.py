"""Reactions with an emoji as others read them (FEP-c0e0)."""

from activitypub.documents import Document, emoji_document
from activitypub.jsonld import OUTGOING_CONTEXT
from activitypub.models import Actor, EmojiReaction


def reaction_document(row: EmojiReaction, *, actor: Actor, status_uri: str) -> Document:
    """Return the activity of a reaction: for Mastodon a like, for Misskey, Pleroma and Akkoma an emoji.

    Pleroma and Akkoma look for `_misskey_reaction` at a Like, the others for `content`.
    """
    shortcode = row.name.partition("@")[0]
    text = f":{shortcode}:" if row.url else row.name
    tag = {"tag": [emoji_document({"shortcode": shortcode, "url": row.url})]} if row.url else {}
    return {
        "@context": OUTGOING_CONTEXT,
        "id": row.uri,
        "type": row.kind,
        "actor": actor.uri,
        "object": status_uri,
        "content": text,
        "_misskey_reaction": text,
        **tag,
    }
