"""Passing on as it came: replies, so that the followers of a thread see all of it, and what becomes of them.

ActivityPub section 7.1.2.
"""

from collections.abc import Collection

from sqlalchemy import select

from activitypub.access import OPEN
from activitypub.documents import Document
from activitypub.graph.actors import find_actor, key_by_uri
from activitypub.models import Actor, Status
from activitypub.proofs import holds, read_proof
from activitypub.signatures.keys import KeyRefused, load_public_key
from activitypub.strict_json import read_object
from activitypub.unit import Unit
from inbox.authenticate import is_signed_by_its_author
from outbox.publish import publish
from outbox.recipients import inboxes_of, of_county
from outbox.relay import pass_on_change


def forward_change(unit: Unit, status: Status, body: bytes) -> None:
    """Send on an edit or the end of a status, as its author sent it, to those who have the status by us alone."""
    forward_reply(unit, status, body)
    if unit.instance.relays:
        activity = read_object(body)
        if is_signed_by_its_author(activity):
            pass_on_change(unit, status, activity)


def forward_reply(unit: Unit, status: Status, body: bytes, addressed: Collection[str] = ()) -> None:
    """Send on what its author says of a reply to one of ours, to the followers of that one.

    That is what is `addressed` to those followers, with an embedded signature, and whatever everybody may read and its
    author proves: that is believed without a question. The activity is sent as it arrived; without a signature nobody
    would take it from us. The instance actor signs the request, because what our actors say themselves must not wait
    behind something that its receiver refuses.
    """
    parent = unit.get(Status, status.in_reply_to_id) if status.in_reply_to_id else None
    author = unit.scalar(select(Actor).where(Actor.id == parent.actor_id, Actor.domain.is_(None))) if parent else None
    if parent is None or author is None:
        return
    activity, courier = read_object(body), find_actor(unit, unit.instance.actor_uri)
    is_meant = author.followers_uri in addressed and is_signed_by_its_author(activity)
    is_proved = status.visibility in OPEN and _is_proved(unit, status, activity)
    if courier is None or not (is_meant or is_proved):
        return
    followers = inboxes_of(unit, actors=(), followers_of=author.id)
    followers = of_county(unit, followers) if parent.bubble_only else followers
    origin = unit.get_one(Actor, status.actor_id).host
    elsewhere = [inbox for inbox in followers if inbox.host != origin]
    publish(unit, activity, by=courier, object_uri=status.uri, inboxes=elsewhere)


def _is_proved(unit: Unit, status: Status, activity: Document) -> bool:
    """True if an activity carries a proof of the status' author that holds: else everybody would have to ask."""
    proof = read_proof(activity)
    key = key_by_uri(unit, proof.key_uri) if proof else None
    if proof is None or key is None or key.id != status.actor_id:
        return False
    try:
        return holds(activity, proof, load_public_key(key.public_pem))
    except KeyRefused:
        return False
