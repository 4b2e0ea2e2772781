"""Status, as clients know a post and an announce of it. https://docs.joinmastodon.org/entities/Status/"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from urllib.parse import quote

from msgspec import Struct, field, json

from activitypub.access import Bond
from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Announce, Mention, QuoteState, Status, StatusHashtag, Taking
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity, acct
from fediverse_kommune.api.entities.calendar_event import event_content, event_entity
from fediverse_kommune.api.entities.custom_emoji import custom_emoji_entity
from fediverse_kommune.api.entities.emoji_reaction import emoji_reaction_entities
from fediverse_kommune.api.entities.interaction_policy import interaction_policy_entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity
from fediverse_kommune.api.entities.poll import poll_entity
from fediverse_kommune.api.entities.preview_card import preview_card_entity
from fediverse_kommune.api.entities.quote import quote_approval_entity, quote_entity, shallow_quote_entity
from fediverse_kommune.models import PreviewCard

# Why somebody wants nothing of an author: states of a quote. https://docs.joinmastodon.org/entities/Quote/#state
ALOOF = ("blocked_account", "blocked_domain", "muted_account")
REACTED = "react:"  # a fact about a post: in front of the name of the emoji that the viewer has put below it
POLICIES_KEPT = 4096  # what these posts' rules let somebody do; about a kilobyte each


class ViewerState(Struct, frozen=True):
    """What goes with the statuses of a page beside their rows, for one viewer at one moment; by id of the status.

    `actor_id` is None for nobody in particular, who has done nothing. `muted` are statuses of threads the viewer
    wants to hear no more of, `votes` what it chose in their polls, `filtered` which of its filters they meet
    (FilterResult), `hidden` those that one of them leaves out of the list at hand. `cards` holds what they link to;
    `quoted`, by its own id, what they quote and the viewer may read.
    `facts` are the statuses of which something else is true, by the words of `preload_quotes.facts_about` and of
    `preload_events.takings_of`.
    """

    actor_id: int | None = None
    actor_uri: str = ""
    liked: frozenset[int] = frozenset()
    announced: frozenset[int] = frozenset()
    bookmarked: frozenset[int] = frozenset()
    muted: frozenset[int] = frozenset()
    votes: Mapping[int, Sequence[int]] = field(default_factory=dict)
    filtered: Mapping[int, Sequence[Entity]] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    cards: Mapping[int, PreviewCard] = field(default_factory=dict)
    # What `shared_entity` returned earlier for the very same rows, its parts encoded (`api/kept_statuses.py`).
    shared: Mapping[int, Entity] = field(default_factory=dict)
    quoted: Mapping[int, Status] = field(default_factory=dict)
    facts: Mapping[str, frozenset[int]] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def holds(self, fact: str, status_id: int) -> bool:
        """True if this is so of a status."""
        return status_id in self.facts.get(fact, ())


def status_entity(status: Status, instance: LocalInstance, state: ViewerState) -> Entity:
    """Return a status with what it quotes: what is the same for everybody, and what is this viewer's."""
    return _plain(status, instance, state) | {"quote": _quote(status, instance, state)}


def announce_entity(announce: Announce, status: Status, instance: LocalInstance, state: ViewerState) -> Entity:
    """Return an announce: a status without content of its own that carries the one passed on in `reblog`."""
    inner = status_entity(status, instance, state)
    return inner | {
        "id": str(announce.id),
        "uri": announce.uri,
        "url": announce.uri,
        "created_at": timestamp(announce.published_at),
        "account": account_entity(announce.actor, instance),
        "visibility": announce.visibility,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "reblog": inner,
    }


def _plain(status: Status, instance: LocalInstance, state: ViewerState) -> Entity:
    shared = state.shared.get(status.id)
    policy = json.encode(status.interaction_policy)
    return (
        (shared_entity(status, instance, state) if shared is None else shared)
        | _pleroma(status, state)
        | _policies(policy, status.visibility, _bond(status, state))
        | _own(status, state)
    )


@lru_cache(maxsize=POLICIES_KEPT)
def _policies(policy: bytes, visibility: Visibility, bond: Bond | None) -> Entity:
    """Return what a post's policy, as JSON, lets the viewer do. On one page nearly all posts have the same."""
    rules = json.decode(policy)
    return {
        "quote_approval": quote_approval_entity(rules, visibility, bond),
        "interaction_policy": interaction_policy_entity(rules, visibility, bond),
    }


def shared_entity(status: Status, instance: LocalInstance, state: ViewerState) -> Entity:
    """Return what everybody sees alike of a status without poll and quote; it is kept for other viewers, too.

    What depends on the viewer stands in `_own` and in `_plain`.
    """
    card = state.cards.get(status.id)
    return {
        "id": str(status.id),
        "uri": status.uri,
        "url": status.url or status.uri,
        "created_at": timestamp(status.published_at),
        "edited_at": status.edited_at and timestamp(status.edited_at),
        "account": account_entity(status.actor, instance),
        "in_reply_to_id": status.in_reply_to_id and str(status.in_reply_to_id),
        "in_reply_to_account_id": status.in_reply_to_actor_id and str(status.in_reply_to_actor_id),
        "visibility": status.visibility,
        "local_only": status.local_only,
        "bubble_only": status.bubble_only,
        "language": status.language,
        "sensitive": status.sensitive or status.actor.sensitized_at is not None,
        "spoiler_text": status.summary,
        "content": _content(status),
        "media_attachments": [media_attachment_entity(media, instance) for media in status.media],
        "mentions": [_mention(mention) for mention in status.mentions if not mention.silent],
        "tags": [_tag(hashtag, instance) for hashtag in status.hashtags],
        "emojis": [custom_emoji_entity(emoji) for emoji in status.emojis],
        "replies_count": status.replies_count,
        "reblogs_count": status.announces_count,
        "favourites_count": status.likes_count,
        "quotes_count": status.quotes_count,
        "reblog": None,
        "application": None,
        "card": preview_card_entity(card, instance) if card else None,
        "poll": _poll(status, state),
        "quote": None,
    }


def _own(status: Status, state: ViewerState) -> Entity:
    if state.actor_id is None:
        return {}
    own = {
        "favourited": status.id in state.liked,
        "reblogged": status.id in state.announced,
        "bookmarked": status.id in state.bookmarked,
        "muted": status.id in state.muted,
        "filtered": list(state.filtered.get(status.id, ())),
    }
    return own | {"pinned": status.pinned_at is not None} if status.actor_id == state.actor_id else own


def content(title: str | None, html: str) -> str:
    """Return what a client shows as the text: a title, which posts of blogs and events have, stands above it."""
    return f"<p><strong>{escape(title)}</strong></p>{html}" if title else html


def _content(status: Status) -> str:
    if status.event is None:
        return content(status.title, str(status.content))
    return event_content(status.title or "", status.event, status.url or status.uri, str(status.content))


def _pleroma(status: Status, state: ViewerState) -> Entity:
    """Return the emoji below a post and what makes it an event, where Pleroma's apps look for it.

    The emoji stand beside it as Akkoma and Fedibird, and as glitch-soc have them: each app knows one of the three.
    """
    reactions = emoji_reaction_entities(status.reactions, lambda name: state.holds(REACTED + name, status.id))
    shown: Entity = {"emoji_reactions": reactions}
    if status.event is not None:
        taking = next((taking for taking in Taking if state.holds(taking, status.id)), None)
        shown["event"] = event_entity(status, status.event, taking)
    return {"pleroma": shown, "emoji_reactions": reactions, "reactions": reactions}


def _poll(status: Status, state: ViewerState) -> Entity | None:
    if status.poll is None:
        return None
    own_votes = None if state.actor_id is None else state.votes.get(status.id, ())
    is_author = status.actor_id == state.actor_id
    return poll_entity(status.poll, status.emojis, state.now, own_votes=own_votes, is_author=is_author)


def _quote(status: Status, instance: LocalInstance, state: ViewerState) -> Entity | None:
    """Return what a status quotes, one level deep: what the quoted one quotes is only named."""
    if status.quote is None:
        return None
    shown = status.quote.quoted_id if status.quote.state is QuoteState.ACCEPTED else None
    quoted = state.quoted.get(shown) if shown else None
    if quoted is None:
        return quote_entity(status.quote, None)
    inner = _plain(quoted, instance, state)
    if quoted.quote is not None:
        nested = quoted.quote.quoted_id or 0
        readable = nested in state.quoted or state.holds("readable", nested)
        inner["quote"] = shallow_quote_entity(quoted.quote, readable=readable, aloof=_aloof(nested, state))
    return quote_entity(status.quote, inner, _aloof(quoted.id, state))


def _aloof(status_id: int, state: ViewerState) -> str | None:
    """Return why the viewer wants nothing of the author of a quoted status."""
    return next((why for why in ALOOF if state.holds(why, status_id)), None)


def _bond(status: Status, state: ViewerState) -> Bond | None:
    """Return what ties the viewer to a status."""
    if state.actor_id is None:
        return None
    return Bond(
        state.actor_uri,
        is_author=status.actor_id == state.actor_id,
        follows=state.holds("follows", status.id),
        followed=state.holds("followed", status.id),
        mentioned=any(mention.actor.id == state.actor_id for mention in status.mentions),
    )


def _mention(mention: Mention) -> Entity:
    actor = mention.actor
    return {"id": str(actor.id), "username": actor.username, "url": actor.url or actor.uri, "acct": acct(actor)}


def _tag(hashtag: StatusHashtag, instance: LocalInstance) -> Entity:
    return {"name": hashtag.name, "url": instance.tag_url(quote(hashtag.tag))}
