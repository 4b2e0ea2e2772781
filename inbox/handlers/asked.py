"""LikeRequest, ReplyRequest and AnnounceRequest: somebody asks before they act, as GoToSocial does since 0.20.

What they want to do comes along in `instrument`; it is stored with our answer, as it need not come again.
https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

from functools import partial

from activitypub.access import may_read
from activitypub.addressing import visibility
from activitypub.graph.relationships import is_blocked_between
from activitypub.graph.remote import remote_draft
from activitypub.graph.requests import Asked
from activitypub.graph.statuses import create_status, find_status, is_buried
from activitypub.models import Actor, Wish
from activitypub.parse import Unreadable, parse_status
from activitypub.properties import Document, one_uri, recipients, reference, uri_of
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity, Reference, RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.around import look_around
from inbox.handlers.consent import Answer, consent
from inbox.handlers.interactions import announce_as_asked, like_as_asked


async def receive_like_request(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody asks to like a status of ours."""
    found = _asked_of_us(ctx, activity, sender)
    if isinstance(found, Ignored):
        return found
    target_uri, instrument = found
    asked = Asked(Wish.LIKE, str(instrument.uri), activity.id)
    return partial(_like, sender=sender, status_uri=target_uri, asked=asked)


def _like(unit: Unit, *, sender: Actor, status_uri: str, asked: Asked) -> None:
    like_as_asked(unit, sender, status_uri, asked)


async def receive_announce_request(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody asks to pass a status of ours on."""
    found = _asked_of_us(ctx, activity, sender)
    if isinstance(found, Ignored):
        return found
    target_uri, instrument = found
    said = instrument.document or {}
    seen_by = visibility(recipients(said, "to"), recipients(said, "cc"), sender.followers_uri)
    asked = Asked(Wish.ANNOUNCE, str(instrument.uri), activity.id, seen_by, activity.published)
    return partial(_announce, sender=sender, status_uri=target_uri, asked=asked)


def _announce(unit: Unit, *, sender: Actor, status_uri: str, asked: Asked) -> None:
    status = find_status(unit, status_uri)
    if status is not None:
        announce_as_asked(unit, sender, status.id, asked)


async def receive_reply_request(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody asks to answer a status of ours."""
    found = _asked_of_us(ctx, activity, sender)
    if isinstance(found, Ignored):
        return found
    target_uri, instrument = found
    if instrument.document is None:
        return Ignored("asks to answer without the answer")
    remote = parse_status(instrument.document, allow_http=ctx.test_network)
    if remote.attributed_to != sender.uri:
        raise Unreadable("The answer is not the sender's.")
    if remote.in_reply_to != target_uri:
        raise Unreadable("The post answers something else than the request says.")
    asked = Asked(Wish.REPLY, remote.uri, activity.id)
    return partial(_reply, sender=sender, status_uri=target_uri, asked=asked, remote=remote)


def _reply(unit: Unit, *, sender: Actor, status_uri: str, asked: Asked, remote: RemoteStatus) -> None:
    status = find_status(unit, status_uri)
    if status is None or status.held or not may_read(unit, sender, status.id):
        return
    known = find_status(unit, remote.uri)
    if is_blocked_between(unit, sender.id, status.actor_id) or (known is not None and known.actor_id != sender.id):
        return
    answer = consent(unit, sender, status, asked)
    if answer is not Answer.NO and known is None and not is_buried(unit, remote.uri):
        create_status(
            unit, remote_draft(remote, sender, look_around(unit, remote, sender, unit.instance).known, unit.now)
        )


def _asked_of_us(ctx: Arrival, activity: Activity, sender: Actor) -> tuple[str, Reference] | Ignored:
    """Return the status of ours that this is about, and what the sender wants to do with it."""
    target_uri, instrument = activity.object.uri, reference(activity.document.get("instrument"))
    if target_uri is None or not ctx.resolver.ctx.instance.owns(target_uri):
        return Ignored("asks for something that is not ours")
    if instrument is None or instrument.uri is None or not same_origin(instrument.uri, sender.uri):
        return Ignored("asks to do something in the name of another server")
    if not _is_about(instrument.document, target_uri, sender):
        return Ignored("asks for something else than what comes along")
    return target_uri, instrument


def _is_about(document: Document | None, target_uri: str, sender: Actor) -> bool:
    """True unless an embedded Like or Announce is somebody else's, or is about something else."""
    if document is None or "object" not in document:
        return True
    return (one_uri(document, "actor"), uri_of(document["object"])) == (sender.uri, target_uri)
