"""One of every document that this server emits, made from rows that have everything, as other programs receive it.

`specimens()` maps the function that makes a document, and what it is made of where that matters ("undo of a like"), to
the document after its way through JSON.
"""

import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from activitypub import actor_documents, collection_documents, documents, quote_documents, reaction_documents
from activitypub.instance import LocalInstance
from activitypub.models import (
    Actor,
    ActorKey,
    Announce,
    Block,
    CalendarEvent,
    Collection,
    CollectionItem,
    EmojiReaction,
    FeaturedTag,
    Follow,
    InteractionRequest,
    ItemState,
    Like,
    Media,
    Mention,
    Participation,
    Poll,
    PollVote,
    PreviewCard,
    ProofKey,
    Quote,
    QuoteState,
    Report,
    Status,
    StatusHashtag,
    Wish,
    attach,
)
from activitypub.multikey import multikey
from activitypub.proofs import prove
from activitypub.sanitize import SafeHTML
from activitypub.signatures.keys import public_pem
from activitypub.vocabulary import EventState, JoinMode, Visibility
from outbox import activities, consent_activities
from tests.fediverse import shared_key

Document = dict[str, Any]

AT = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)
INSTANCE = LocalInstance(origin="https://social.stadt.example", account_domain="stadt.example", name="Stadt")
ANNA = INSTANCE.user_uri("anna")
NORA = "https://nord.example/users/nora"
STATUS = f"{ANNA}/statuses/7"
REMOTE_STATUS = f"{NORA}/statuses/1"
STAMP = f"{NORA}/stamps/1"
PROOF_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KINDS = ("Person", "Group", "Organization", "Service")


def local_actor(kind: str = "Person") -> Actor:
    """Return an actor of ours whose profile is filled in to the last line."""
    username = INSTANCE.actor_username if kind == "Application" else "anna"
    uri = INSTANCE.actor_uri if kind == "Application" else ANNA
    actor = Actor(
        id=1,
        uri=uri,
        type=kind,
        host=INSTANCE.host,
        username=username,
        name="Anna Müller :stadt:",
        summary=SafeHTML.stored("<p>Guten Tag</p>"),
        url=INSTANCE.profile_url("anna"),
        fields=[{"name": "Web", "value": '<a href="https://anna.example" rel="me">anna.example</a>'}],
        emojis=[{"shortcode": "stadt", "url": "https://social.stadt.example/emoji/stadt.png"}],
        also_known_as=[NORA],
        attribution_domains=[],
        moved_to_uri=NORA,
        avatar_key="aa/avatar.png",
        header_key="hh/header.png",
        inbox_uri=f"{uri}/inbox",
        outbox_uri=f"{uri}/outbox",
        followers_uri=f"{uri}/followers",
        following_uri=f"{uri}/following",
        featured_uri=f"{uri}/featured",
        manually_approves_followers=True,
        discoverable=True,
        indexable=True,
        created_at=AT,
    )
    key = ActorKey(id=1, actor_id=1, uri=f"{uri}#main-key", public_pem=public_pem(shared_key()), created_at=AT)
    return attach(actor, keys=[key], proof_key=ProofKey(multibase=multikey(PROOF_KEY.public_key())))


def remote_actor() -> Actor:
    return Actor(id=2, uri=NORA, username="nora", domain="nord.example", followers_uri=f"{NORA}/followers")


def status(kind: str = "Note", visibility: Visibility = Visibility.PUBLIC) -> Status:
    """Return a status of ours with everything that one can have."""
    row = Status(
        id=7,
        uri=STATUS,
        url=INSTANCE.status_url("anna", 7),
        type=kind,
        visibility=visibility,
        in_reply_to_uri=REMOTE_STATUS,
        conversation_uri=f"{REMOTE_STATUS}#thread",
        title=None if kind == "Note" else "Markt",
        content=SafeHTML.stored("<p>Heute ist Markt</p>"),
        content_map={"de": "<p>Heute ist Markt</p>", "en": "<p>Market today</p>"},
        summary="Gedränge",
        sensitive=True,
        language="de",
        emojis=[{"shortcode": "fisch", "url": "https://social.stadt.example/emoji/fisch.png"}],
        replies_count=2,
        likes_count=3,
        reactions=[{"name": "🔥", "count": 2}],
        announces_count=4,
        interaction_policy={"canQuote": {"automatic": ["followers"], "manual": ["public"]}},
        published_at=AT,
        edited_at=AT + timedelta(hours=1),
    )
    picture = Media(
        media_type="image/png",
        storage_key="pp/markt.png",
        description="Ein Fischstand",
        blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        focus_x=0.5,
        focus_y=-0.25,
        width=800,
        height=600,
        duration=1.5,
    )
    named = attach(Mention(actor_id=2, silent=False), actor=remote_actor())
    hashtag = StatusHashtag(tag="markt", name="Markt")
    return attach(
        row,
        actor=local_actor(),
        mentions=[named],
        hashtags=[hashtag],
        media=[picture],
        poll=None,
        event=None,
        quote=None,
    )


def linking_status() -> Status:
    """Return a status of ours that links to a page whose preview is known."""
    row = attach(status(), media=[])
    row.content = SafeHTML.stored('<p><a href="https://zeitung.example/fest">Fest</a></p>')
    card = PreviewCard(
        url="https://zeitung.example/fest",
        title="Straßenfest",
        description="Am Samstag",
        image_key="cc/fest.png",
        image_description="Eine Bühne",
        width=640,
        height=360,
    )
    return attach(row, card=card)


def event_status() -> Status:
    """Return an event of ours at a place and on the internet."""
    place = {"name": "Halle", "street": "Markt 1", "postal_code": "74001", "locality": "Ort", "latitude": 49.5}
    row = CalendarEvent(
        starts_at=AT,
        ends_at=AT + timedelta(hours=2),
        shows_end=False,
        time_zone="Europe/Berlin",
        state=EventState.CANCELLED,
        place=place,
        online_url="https://raum.stadt.example/fest",
        join_mode=JoinMode.FREE,
        external_url="https://stadt.example/anmeldung",
        capacity=20,
        participants=3,
        summary="Montag, 23. November 2026, 13:00 Uhr, Halle",
    )
    return attach(status("Event"), event=row)


def quoting_status() -> Status:
    """Return a status of ours that quotes one of Nora's with her consent."""
    row = Quote(
        id=3, quoted_uri=REMOTE_STATUS, state=QuoteState.ACCEPTED, request_uri=f"{ANNA}#quote/3", stamp_uri=STAMP
    )
    return attach(status(), quote=row)


def proved(activity: Document) -> Document:
    """Return an activity of Anna's with her proof."""
    return prove(activity, PROOF_KEY, key_uri=f"{ANNA}#ed25519-key", now=AT)


Row = TypeVar("Row", Status, Announce)


def _allowed(row: Row) -> Row:
    """Return what Nora has allowed one of ours to do."""
    row.authorization_uri = f"{NORA}/authorizations/5"
    return row


def remote_status() -> Status:
    return attach(Status(id=8, uri=REMOTE_STATUS, visibility=Visibility.PUBLIC), actor=remote_actor())


@cache
def specimens() -> dict[str, Document]:
    """Return one of each. What comes before the first blank or comma is the name of the function."""
    return {name: json.loads(json.dumps(document)) for name, document in _emitted().items()}


def _emitted() -> dict[str, Document]:
    anna, nora, post, remote = local_actor(), remote_actor(), status(), remote_status()
    follow = activities.follow(Follow(uri=f"{ANNA}#follow/1"), follower=anna, followed=nora)
    asked = Follow(uri=f"{NORA}#follow/1")
    like = activities.like(Like(uri=f"{ANNA}#like/1"), actor=anna, status=remote, author=nora)
    fire = EmojiReaction(uri=f"{ANNA}#reaction/1", kind="Like", name="🔥")
    reaction = activities.reaction(fire, actor=anna, status=remote, author=nora)
    row = Announce(uri=f"{ANNA}#announce/1", visibility=Visibility.PUBLIC, published_at=AT)
    announce = activities.announce(row, actor=anna, status=remote, author=nora)
    block = activities.block(Block(uri=f"{ANNA}#block/1"), actor=anna, target=nora)
    note = documents.note_document(post, INSTANCE)
    quoting = quoting_status()
    stamped = Quote(id=4, quoted_uri=STATUS, stamp_uri=f"{ANNA}/quote_authorizations/4")
    asked_quote = consent_activities.QuoteAsked(f"{NORA}#quote/1", STATUS, REMOTE_STATUS)
    outbox = f"{ANNA}/outbox"
    return {
        **{
            f"actor_document of a {kind}": actor_documents.actor_document(local_actor(kind), INSTANCE) for kind in KINDS
        },
        "instance_actor_document": actor_documents.instance_actor_document(local_actor("Application"), INSTANCE),
        **{f"note_document, {level}": documents.note_document(status("Note", level), INSTANCE) for level in Visibility},
        "note_document of an answer that was allowed": documents.note_document(_allowed(status()), INSTANCE),
        "announce that was allowed": activities.announce(_allowed(row), actor=anna, status=remote, author=nora),
        "note_document of an Article": documents.note_document(status("Article"), INSTANCE),
        "note_document with a link": documents.note_document(linking_status(), INSTANCE),
        "note_document with a quote": documents.note_document(quoting, INSTANCE),
        "quote_authorization_document": quote_documents.quote_authorization_document(
            stamped, quoting=REMOTE_STATUS, author=anna
        ),
        "tombstone_document": documents.tombstone_document(STATUS, former_type="Note", deleted_at=AT),
        "ordered_collection in pages": collection_documents.ordered_collection(
            outbox, total=3, first=f"{outbox}?page=true", last=f"{outbox}?page=last"
        ),
        "ordered_collection as a whole": collection_documents.ordered_collection(
            f"{ANNA}/featured", total=1, items=[note]
        ),
        "collection_page of activities": collection_documents.collection_page(
            f"{outbox}?page=true",
            part_of=outbox,
            items=[activities.create(post, INSTANCE), announce],
            next=f"{outbox}?max_id=7",
            prev=f"{outbox}?min_id=7",
        ),
        "collection_page of ids": collection_documents.collection_page(
            f"{ANNA}/followers?page=true", part_of=ANNA, items=[NORA]
        ),
        "create": activities.create(post, INSTANCE),
        "update": activities.update(post, INSTANCE, uri=f"{ANNA}#update/1"),
        "delete": activities.delete(post, uri=f"{ANNA}#delete/1", deleted_at=AT),
        "create with a proof": proved(activities.create(post, INSTANCE)),
        "like": like,
        "like with a proof": proved(like),
        "reaction": reaction,
        "reaction with a picture": activities.reaction(_picture(), actor=anna, status=remote, author=nora),
        "reaction_document": reaction_documents.reaction_document(
            EmojiReaction(uri=f"{NORA}/react/1", kind="EmojiReact", name="🔥"), actor=nora, status_uri=STATUS
        ),
        "announce": announce,
        "follow": follow,
        "accept": activities.accept(asked, follower=nora, followed=anna, uri=f"{ANNA}#accept/1"),
        "reject": activities.reject(asked, follower=nora, followed=anna, uri=f"{ANNA}#reject/1"),
        "quote_request": consent_activities.quote_request(
            quoting.quote, status=quoting, author=nora, instance=INSTANCE
        ),
        "quote_accept": consent_activities.quote_accept(
            asked_quote, stamped, author=anna, quoter=nora, uri=f"{ANNA}#accept/2"
        ),
        "quote_reject": consent_activities.quote_reject(asked_quote, author=anna, quoter=nora, uri=f"{ANNA}#reject/2"),
        "quote_revoke": consent_activities.quote_revoke(
            f"{ANNA}/quote_authorizations/4", author=anna, quoter=nora, uri=f"{ANNA}#delete/3"
        ),
        **_consent(anna, nora),
        **_votes_and_questions(anna, nora, remote),
        **_featured(anna, nora),
        **_events(anna, nora, remote),
        **_in_group(remote),
        "flag": activities.flag(
            Report(uri=f"{ANNA}#flag/1", comment="Werbung"), server=anna, target=nora, statuses=[REMOTE_STATUS]
        ),
        "block": block,
        "undo of a follow": activities.undo(follow, uri=f"{ANNA}#undo/1"),
        "undo of a like": activities.undo(like, uri=f"{ANNA}#undo/2"),
        "undo of a reaction": activities.undo(reaction, uri=f"{ANNA}#undo/5"),
        "undo of an announce": activities.undo(announce, uri=f"{ANNA}#undo/3"),
        "undo of a block": activities.undo(block, uri=f"{ANNA}#undo/4"),
        "update_actor": activities.update_actor(anna, INSTANCE, uri=f"{ANNA}#update/2"),
        "delete_actor": activities.delete_actor(anna, uri=f"{ANNA}#delete/2"),
    }


def _picture() -> EmojiReaction:
    url = "https://nord.example/fisch.png"
    return EmojiReaction(uri=f"{ANNA}#reaction/2", kind="Like", name="fisch@nord.example", url=url, static_url=url)


def _consent(anna: Actor, nora: Actor) -> dict[str, Document]:
    like = consent_activities.InteractionAsked(Wish.LIKE, STATUS, f"{NORA}#like/1", f"{NORA}#request/3")
    reply = consent_activities.InteractionAsked(Wish.REPLY, STATUS, REMOTE_STATUS, f"{NORA}#request/1")
    announce = consent_activities.InteractionAsked(Wish.ANNOUNCE, STATUS, f"{NORA}#announce/1", f"{NORA}#request/2")
    where = f"{ANNA}/authorizations/5"
    return {
        **{
            f"authorization_document of a {wish}": quote_documents.authorization_document(
                InteractionRequest(wish=wish, interaction_uri=REMOTE_STATUS), uri=where, target=STATUS, author=anna
            )
            for wish in (Wish.LIKE, Wish.REPLY, Wish.ANNOUNCE)
        },
        **{
            f"interaction_accept of a {asked.wish}": consent_activities.interaction_accept(
                asked, where, author=anna, asking=nora, uri=f"{ANNA}#accept/3"
            )
            for asked in (like, reply, announce)
        },
        "interaction_accept without a request": consent_activities.interaction_accept(
            replace(reply, request_uri=None), where, author=anna, asking=nora, uri=f"{ANNA}#accept/4"
        ),
        "feature_reject": consent_activities.feature_reject(
            f"{NORA}#request/4", actor=anna, asking=nora, uri=f"{ANNA}#reject/4"
        ),
        "interaction_reject": consent_activities.interaction_reject(
            reply, author=anna, asking=nora, uri=f"{ANNA}#reject/3"
        ),
    }


def _votes_and_questions(anna: Actor, nora: Actor, remote: Status) -> dict[str, Document]:
    row = attach(PollVote(uri=f"{ANNA}/votes/1", created_at=AT), actor=anna)
    options = [{"title": "Montag", "votes": 2}, {"title": "Dienstag", "votes": 1}]
    poll = Poll(multiple=False, options=options, voters_count=3, hides_totals=False, expires_at=AT, announced_at=AT)
    return {
        "vote_document": documents.vote_document(row, "Montag", question=remote, author=nora),
        "vote": activities.vote(row, "Montag", question=remote, author=nora),
        "note_document of a Question": documents.note_document(attach(status("Question"), poll=poll), INSTANCE),
    }


def _events(anna: Actor, nora: Actor, remote: Status) -> dict[str, Document]:
    row = Participation(uri=f"{ANNA}#join/1", message="Zu zweit", actor_id=1)
    told = {"actor": anna, "event": remote, "author": nora}
    asked, post = Participation(uri=f"{NORA}#join/1", message="", actor_id=2), event_status()
    invited = Participation(uri=f"{NORA}#invite/1", message="", actor_id=1)
    return {
        "note_document of an Event": documents.note_document(event_status(), INSTANCE),
        "join": activities.join(row, **told),
        "leave": activities.leave(**told, uri=f"{ANNA}#leave/1"),
        **{
            name: getattr(activities, name)(asked, actor=nora, event=post, author=anna, uri=f"{ANNA}#answer/{name}")
            for name in ("accept_join", "reject_join", "ignore_join")
        },
        "invite": activities.invite(asked, actor=nora, event=post, author=anna),
        "accept_invitation": activities.accept_invitation(invited, **told, uri=f"{ANNA}#accept/5"),
        "reject_invitation": activities.reject_invitation(invited, **told, uri=f"{ANNA}#reject/5"),
    }


def _in_group(remote: Status) -> dict[str, Document]:
    group, posted = local_actor("Group"), status()
    posted.audience_uri = group.uri
    create = proved(activities.create(posted, INSTANCE))
    out_of = Block(uri=f"{ANNA}#block/2")
    return {
        "note_document in a group": documents.note_document(posted, INSTANCE),
        "pass_on of a create": proved(activities.pass_on(group, create, uri=f"{ANNA}#announce/2")),
        "take_out": activities.take_out(group, remote, uri=f"{ANNA}#delete/4"),
        "relay_document": actor_documents.relay_document(local_actor("Application"), INSTANCE),
        "relay": activities.relay(posted, by=group, uri=f"{ANNA}#announce/3", published=AT),
        "lock": activities.lock(group, remote, uri=f"{ANNA}#lock/1"),
        "block out of a group": activities.block(out_of, actor=group, target=remote_actor()),
        "keep_out": activities.keep_out(out_of, group=group, target=remote_actor()),
        "team_document": actor_documents.team_document(group, INSTANCE),
    }


def _featured(anna: Actor, nora: Actor) -> dict[str, Document]:
    tag = FeaturedTag(tag="fest", name="Fest")
    stamp = f"{NORA}/stamps/2"
    item = attach(CollectionItem(id=8, state=ItemState.ACCEPTED, authorization_uri=stamp, created_at=AT), actor=nora)
    own = attach(CollectionItem(id=9, state=ItemState.ACCEPTED, created_at=AT), actor=anna)
    times = {"created_at": AT, "updated_at": AT}
    row = Collection(
        uri=f"{ANNA}/collections/1",
        name="Vereine",
        description="Unsere Vereine",
        tag="Fest",
        sensitive=False,
        discoverable=True,
        **times,
    )
    return {
        "featured_tag_document": actor_documents.featured_tag_document(tag, INSTANCE),
        "add_pinned": activities.add_pinned(anna, status(), uri=f"{ANNA}#add/2"),
        "remove_pinned": activities.remove_pinned(anna, status(), uri=f"{ANNA}#remove/2"),
        "add_hashtag": activities.add_hashtag(anna, tag, INSTANCE, uri=f"{ANNA}#add/1"),
        "move": activities.move(anna, nora, uri=f"{ANNA}#move/1"),
        "remove_hashtag": activities.remove_hashtag(anna, tag, INSTANCE, uri=f"{ANNA}#remove/1"),
        "collection_document": collection_documents.collection_document(
            attach(row, actor=anna, items=[item, own]), INSTANCE
        ),
        "feature_authorization_document": collection_documents.feature_authorization_document(own, row.uri, INSTANCE),
        "feature_request": consent_activities.feature_request(item, row.uri, owner=anna, target=nora),
    }


def emitting_functions() -> set[str]:
    """Return the names of all functions that make a document of rows."""
    modules = (
        *(documents, actor_documents, collection_documents, quote_documents, reaction_documents),
        *(activities, consent_activities),
    )
    found = {name for module in modules for name, function in _public(module) if _makes(function)}
    return found - {
        "embedded",
        "present",
        "emoji_document",
        "image_document",
        "activity_of",
    }  # parts


def _public(module: ModuleType) -> list[tuple[str, Callable[..., Any]]]:
    found = inspect.getmembers(module, inspect.isfunction)
    return [(name, each) for name, each in found if not name.startswith("_") and each.__module__ == module.__name__]


def _makes(function: Callable[..., Any]) -> bool:
    return bool(inspect.signature(function).return_annotation == documents.Document)
