"""Which function takes which activity: one table, one page. FEDERATION.md lists the same, and a test compares.

The key is the type of the activity and the kind of its object; `ANY` stands for whatever kind, a bare URI too.
An activity that is not listed is accepted, logged and without effect: the fediverse is larger than we are.
"""

from collections.abc import Mapping

from activitypub.vocabulary import ACTOR_TYPES, STATUS_TYPES, Activity
from inbox.arrival import Handler
from inbox.handlers import (
    actors,
    answers,
    asked,
    calendar,
    collections,
    featured,
    groups,
    interactions,
    joins,
    likes,
    moves,
    permission,
    polls,
    quotes,
    relationships,
    reports,
    statuses,
    undo,
)

ANY = "*"
ACTOR = "Actor"
STATUS = "Status"
REFERENCE = "URI"

HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("Follow", ANY): relationships.receive_follow,
    ("Accept", "Follow"): relationships.receive_accept,
    ("Accept", "QuoteRequest"): quotes.receive_accept,
    ("Accept", "FeatureRequest"): collections.receive_accept,
    ("Accept", "Join"): calendar.receive_accept,
    ("Accept", "Invite"): joins.receive_accept_invitation,
    ("Accept", STATUS): answers.receive_accept_status,
    ("Accept", REFERENCE): answers.receive_accept,
    ("Accept", ANY): permission.receive_accept,
    ("Reject", "Follow"): relationships.receive_reject,
    ("Reject", "QuoteRequest"): quotes.receive_reject,
    ("Reject", "FeatureRequest"): collections.receive_reject,
    ("Reject", "Join"): calendar.receive_reject,
    ("Reject", "Invite"): joins.receive_reject_invitation,
    ("Reject", STATUS): answers.receive_reject_status,
    ("Reject", REFERENCE): answers.receive_reject,
    ("Reject", ANY): permission.receive_reject,
    ("Block", ANY): relationships.receive_block,
    ("Undo", "Follow"): relationships.receive_undo_follow,
    ("Undo", "Accept"): relationships.receive_undo_accept,
    ("Undo", "Block"): relationships.receive_undo_block,
    ("Undo", "Like"): likes.receive_undo_like,
    ("Undo", "EmojiReact"): likes.receive_undo_like,
    ("Undo", "Announce"): interactions.receive_undo_announce,
    ("Undo", "Join"): joins.receive_undo_join,
    ("Undo", REFERENCE): undo.receive_undo,
    ("Create", STATUS): statuses.receive_create,
    ("Create", REFERENCE): statuses.receive_create,
    ("Update", STATUS): statuses.receive_update,
    ("Update", ACTOR): actors.receive_update,
    ("Delete", ACTOR): actors.receive_delete,
    ("Delete", ANY): statuses.receive_delete,
    ("PollVote", ANY): polls.receive_poll_vote,
    ("QuoteRequest", ANY): quotes.receive_quote_request,
    ("FeatureRequest", ANY): featured.receive_feature_request,
    ("LikeRequest", ANY): asked.receive_like_request,
    ("ReplyRequest", ANY): asked.receive_reply_request,
    ("AnnounceRequest", ANY): asked.receive_announce_request,
    ("Like", ANY): likes.receive_like,
    ("EmojiReact", ANY): likes.receive_like,
    ("Announce", "Create"): groups.receive_created,
    ("Announce", "Update"): groups.receive_updated,
    ("Announce", "Delete"): groups.receive_deleted,
    ("Announce", "Like"): groups.receive_voted,
    ("Announce", "EmojiReact"): groups.receive_voted,
    ("Announce", "Lock"): groups.receive_locked,
    ("Announce", "Block"): groups.receive_blocked,
    ("Announce", "Undo"): groups.receive_undone,
    ("Announce", ANY): interactions.receive_announce,
    ("Join", ANY): joins.receive_join,
    ("Leave", ANY): joins.receive_leave,
    ("TentativeAccept", ANY): calendar.receive_tentative_accept,
    ("TentativeReject", ANY): calendar.receive_reject,
    ("Ignore", ANY): calendar.receive_ignore,
    ("Invite", STATUS): calendar.receive_invite,
    ("Invite", REFERENCE): calendar.receive_invite,
    ("Move", ACTOR): moves.receive_move,
    ("Flag", ANY): reports.receive_flag,
    ("Add", "Hashtag"): featured.receive_add_hashtag,
    ("Add", ANY): statuses.receive_add,
    ("Remove", "Hashtag"): featured.receive_remove_hashtag,
    ("Remove", ANY): statuses.receive_remove,
}


def handler_for(activity: Activity) -> Handler | None:
    """Return the handler of an activity, or None if it is not one this server acts on."""
    kind = object_kind(activity)
    return HANDLERS.get((activity.type, kind)) or HANDLERS.get((activity.type, ANY))


def object_kind(activity: Activity) -> str:
    """Return what an activity is about, in the words of the table."""
    if activity.object.uri == activity.actor:
        return ACTOR  # an actor about itself, whether it is embedded or only named
    kind = activity.object.type
    if kind is None:
        return REFERENCE
    if kind in ACTOR_TYPES:
        return ACTOR
    return STATUS if kind in STATUS_TYPES else kind
