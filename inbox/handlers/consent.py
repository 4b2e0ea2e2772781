"""Whether somebody may do what arrives with a status: at once, if its author says so, or not at all.

Also LikeRequest, ReplyRequest and AnnounceRequest, by which GoToSocial asks before.
https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

import logging
from enum import Enum

from sqlalchemy import select

from activitypub.access import Approval, judge
from activitypub.graph.requests import (
    INTERACTIONS,
    ONCE,
    Asked,
    announce_settled,
    ask_author,
    find_request,
    needs_authorization,
    note_request,
)
from activitypub.models import Actor, Announce, Like, Status, Wish
from activitypub.unit import Unit
from outbox.consent_activities import InteractionAsked
from outbox.send_consent import send_interaction_accept, send_interaction_reject

log = logging.getLogger(__name__)


class Answer(Enum):
    """What becomes of what arrived."""

    YES = "yes"
    NO = "no"
    LATER = "later"


def consent(unit: Unit, sender: Actor, status: Status, asked: Asked) -> Answer:
    """Judge what `sender`, who may read a status, wants to do with it, and tell them where they have to know.

    What its author decides on is noted for them. What was decided once stays decided.
    """
    verdict = judge(unit, sender, status, INTERACTIONS[asked.wish])
    if not status.local:
        return Answer.NO if verdict is Approval.DENIED else Answer.YES
    if verdict is Approval.AUTOMATIC and not needs_authorization(status, asked):
        return Answer.YES
    earlier = find_request(unit, sender.id, status.id, asked)
    if verdict is Approval.DENIED or (earlier is not None and earlier.rejected_at is not None):
        log.info("%s may not %s %s", sender.uri, asked.wish, status.uri)
        if asked.request_uri is not None:
            author = unit.get_one(Actor, status.actor_id)
            send_interaction_reject(unit, _named(asked, status), author=author, asking=sender)
        return Answer.NO
    if _is_taken(unit, sender, status, asked):
        log.info("%s uses the id %s for two things", sender.uri, asked.uri)
        return Answer.NO
    if verdict is not Approval.AUTOMATIC and (earlier is None or earlier.accepted_at is None):
        if asked.wish in ONCE:  # an answer is asked for when it is stored
            ask_author(unit, sender, status, asked)
        else:
            note_request(unit, sender, status, asked)
        return Answer.LATER
    row = note_request(unit, sender, status, asked)
    if row.accepted_at is None:
        row.accepted_at = unit.now
        unit.flush()
        announce_settled(unit, row)
    send_interaction_accept(unit, row, status)
    return Answer.YES


def _named(asked: Asked, status: Status) -> InteractionAsked:
    return InteractionAsked(asked.wish, status.uri, asked.uri, asked.request_uri)


def _is_taken(unit: Unit, sender: Actor, status: Status, asked: Asked) -> bool:
    """True if a like or an announce of something else has this id already: an id stands for one thing."""
    tables: dict[Wish, type[Like | Announce]] = {Wish.LIKE: Like, Wish.ANNOUNCE: Announce}
    table = tables.get(asked.wish)
    if table is None:
        return False
    found = unit.execute(select(table.actor_id, table.status_id).where(table.uri == asked.uri)).one_or_none()
    return found is not None and tuple(found) != (sender.id, status.id)
