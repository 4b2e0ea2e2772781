"""Rows → activities about consent: QuoteRequest and what answers it (FEP-044f), and GoToSocial's requests.

Pure, as `activities.py` says. Source: https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

from msgspec import Struct

from activitypub.documents import Document, embedded, followers_uri, note_document
from activitypub.graph.collections import request_uri
from activitypub.instance import LocalInstance
from activitypub.jsonld import OUTGOING_CONTEXT
from activitypub.models import Actor, CollectionItem, Quote, Status, Wish
from activitypub.vocabulary import PUBLIC
from outbox.activities import activity_of


class QuoteAsked(Struct, frozen=True):
    """A QuoteRequest as it came: its id, and the two posts it is about."""

    request_uri: str
    quoted_uri: str
    quoting_uri: str


class InteractionAsked(Struct, frozen=True):
    """What somebody wants with a status of ours: the Like, Announce or answer, and the request, if there was one."""

    wish: Wish
    target_uri: str
    interaction_uri: str
    request_uri: str | None


# GoToSocial's names of the requests, and of what answers them: its `interaction_controls`.
REQUESTS = {Wish.LIKE: "LikeRequest", Wish.REPLY: "ReplyRequest", Wish.ANNOUNCE: "AnnounceRequest"}


def quote_request(row: Quote, *, status: Status, author: Actor, instance: LocalInstance) -> Document:
    """Ask `author` to let `status` quote; the post comes along, so that it can be judged (FEP-044f)."""
    if row.request_uri is None:
        raise ValueError(f"the quote in {status.uri} is none of ours to ask for")
    return {
        **activity_of("QuoteRequest", row.request_uri, status.actor),
        "@context": OUTGOING_CONTEXT,
        "to": [author.uri],
        "object": row.quoted_uri,
        "instrument": embedded(note_document(status, instance)),
    }


def quote_accept(asked: QuoteAsked, row: Quote, *, author: Actor, quoter: Actor, uri: str) -> Document:
    """Say yes for `author` to a QuoteRequest; `result` is the stamp, which is read from us and never sent."""
    return {**_quote_answer("Accept", asked, author, quoter, uri), "result": row.stamp_uri}


def quote_reject(asked: QuoteAsked, *, author: Actor, quoter: Actor, uri: str) -> Document:
    """Say no for `author` to a QuoteRequest."""
    return _quote_answer("Reject", asked, author, quoter, uri)


def quote_revoke(stamp_uri: str, *, author: Actor, quoter: Actor, uri: str) -> Document:
    """Take a stamp back. Which two posts it was about stays untold, as FEP-044f wants it."""
    stamp = {"id": stamp_uri, "type": "QuoteAuthorization", "attributedTo": author.uri}
    return {
        **activity_of("Delete", uri, author),
        "@context": OUTGOING_CONTEXT,
        "to": [PUBLIC],
        "cc": [quoter.uri, followers_uri(author)],
        "object": stamp,
    }


def _quote_answer(kind: str, asked: QuoteAsked, author: Actor, quoter: Actor, uri: str) -> Document:
    request = _request(asked.request_uri, "QuoteRequest", quoter, asked.quoted_uri, asked.quoting_uri)
    return _answer(kind, request, author, quoter, uri)


def interaction_accept(
    asked: InteractionAsked, authorization_uri: str, *, author: Actor, asking: Actor, uri: str
) -> Document:
    """Say yes for `author`; `result` is the authorization, which is read from us and never sent."""
    return {**_consent_answer("Accept", asked, author, asking, uri), "result": authorization_uri}


def interaction_reject(asked: InteractionAsked, *, author: Actor, asking: Actor, uri: str) -> Document:
    """Say no for `author`."""
    return _consent_answer("Reject", asked, author, asking, uri)


def feature_request(item: CollectionItem, collection_uri: str, *, owner: Actor, target: Actor) -> Document:
    """Ask `target` to let `owner` show it in a collection (FEP-7aa9)."""
    return {
        **activity_of("FeatureRequest", request_uri(item, owner), owner),
        "@context": OUTGOING_CONTEXT,
        "to": [target.uri],
        "object": target.uri,
        "instrument": collection_uri,
    }


def feature_reject(request_uri: str, *, actor: Actor, asking: Actor, uri: str) -> Document:
    """Say no for `actor` to a FeatureRequest, by its id (FEP-7aa9)."""
    return _answer("Reject", request_uri, actor, asking, uri)


def _consent_answer(kind: str, asked: InteractionAsked, author: Actor, asking: Actor, uri: str) -> Document:
    """Name the request as it came; what was done without asking, by its own id."""
    what = REQUESTS[asked.wish]
    request = _request(asked.request_uri, what, asking, asked.target_uri, asked.interaction_uri)
    named = asked.interaction_uri if asked.request_uri is None else request
    return {**_answer(kind, named, author, asking, uri), "target": asked.target_uri}


def _request(uri: str | None, kind: str, asking: Actor, about: str, by_means_of: str) -> Document:
    """Return a request as it came."""
    return {"id": uri, "type": kind, "actor": asking.uri, "object": about, "instrument": by_means_of}


def _answer(kind: str, request: Document | str, author: Actor, asking: Actor, uri: str) -> Document:
    """Return what `author` says to who asks, and to nobody else."""
    return {
        **activity_of(kind, uri, author),
        "@context": OUTGOING_CONTEXT,
        "to": [asking.uri],
        "object": request,
    }
