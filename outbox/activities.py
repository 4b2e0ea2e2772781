"""Rows → activities. Pure: each function returns one complete document, ready to be encoded.

What has a row (Follow, Like, Announce, Block) bears the id of that row, so that an Undo, Accept or Reject
can name it. What has none gets its id from the caller (`uri`), fresh each time: others ignore an id they
have seen.

Source: https://www.w3.org/TR/activitypub/#server-to-server-interactions
"""

from collections.abc import Sequence
from datetime import datetime

from activitypub.actor_documents import actor_document, featured_tag_document, team_uri
from activitypub.addressing import audience
from activitypub.documents import (
    Document,
    embedded,
    followers_uri,
    note_document,
    status_audience,
    timestamp,
    tombstone_document,
    vote_document,
)
from activitypub.instance import LocalInstance
from activitypub.jsonld import AS, OUTGOING_CONTEXT
from activitypub.models import (
    Actor,
    Announce,
    Block,
    EmojiReaction,
    FeaturedTag,
    Follow,
    Like,
    Participation,
    PollVote,
    Report,
    Status,
)
from activitypub.reaction_documents import reaction_document
from activitypub.vocabulary import PUBLIC

# ---------------------------------------------------------------------------------------------- statuses


def create(status: Status, instance: LocalInstance) -> Document:
    """Say that a status exists. The id is fixed: the outbox collection shows the same Create for ever."""
    return {
        **_about(status, "Create", f"{status.uri}/activity"),
        "@context": OUTGOING_CONTEXT,
        "published": timestamp(status.published_at),
        "object": embedded(note_document(status, instance)),
    }


def update(status: Status, instance: LocalInstance, *, uri: str) -> Document:
    """Say that a status says something else now."""
    return {
        **_about(status, "Update", uri),
        "@context": OUTGOING_CONTEXT,
        "published": timestamp(status.edited_at or status.published_at),
        "object": embedded(note_document(status, instance)),
    }


def delete(status: Status, *, uri: str, deleted_at: datetime) -> Document:
    """Say that a status is gone, to those it was for; that and its author is all it still tells."""
    tombstone = tombstone_document(status.uri, former_type=status.type, deleted_at=deleted_at)
    return {**_about(status, "Delete", uri), "object": embedded(tombstone)}


def _about(status: Status, kind: str, uri: str) -> Document:
    to, cc = status_audience(status)
    group = {"audience": status.audience_uri} if status.audience_uri else {}
    return {**activity_of(kind, uri, status.actor), "to": list(to), "cc": list(cc), **group}


# ------------------------------------------------------------------------------------------- interactions


def like(row: Like, *, actor: Actor, status: Status, author: Actor) -> Document:
    """Say that `actor` likes `status` by `author`."""
    return {**activity_of("Like", row.uri, actor), "to": [author.uri], "object": status.uri}


def reaction(row: EmojiReaction, *, actor: Actor, status: Status, author: Actor) -> Document:
    """Say that `actor` puts an emoji below `status` by `author` (FEP-c0e0): a Like, as everybody reads one."""
    return {**reaction_document(row, actor=actor, status_uri=status.uri), "to": [author.uri]}


def announce(row: Announce, *, actor: Actor, status: Status, author: Actor) -> Document:
    """Pass `status` by `author` on to those who follow `actor`."""
    to, cc = audience(row.visibility, followers_uri=followers_uri(actor), mentioned=[author.uri])
    activity = {
        **activity_of("Announce", row.uri, actor),
        "published": timestamp(row.published_at),
        "to": list(to),
        "cc": list(cc),
        "object": status.uri,
    }
    if row.authorization_uri is None:
        return activity
    shown = {"announceAuthorization": row.authorization_uri, "approvedBy": row.authorization_uri}
    return {**activity, "@context": OUTGOING_CONTEXT, **shown}


def relay(status: Status, *, by: Actor, uri: str, published: datetime) -> Document:
    """Tell the servers that follow our relay of a public post, which they read from its origin (FEP-ae0c)."""
    return {
        **activity_of("Announce", uri, by),
        "published": timestamp(published),
        "to": [followers_uri(by)],
        "cc": [PUBLIC],
        "object": status.uri,
    }


def vote(row: PollVote, title: str, *, question: Status, author: Actor) -> Document:
    """Say that an actor chooses the option `title`: a Create, as for every Note, to the one who asked alone."""
    note = vote_document(row, title, question=question, author=author)
    return {
        **activity_of("Create", f"{row.uri}/activity", row.actor),
        "@context": OUTGOING_CONTEXT,
        "to": [author.uri],
        "object": embedded(note),
    }


# ------------------------------------------------------------------------------------------------ events


def join(row: Participation, *, actor: Actor, event: Status, author: Actor) -> Document:
    """Say that `actor` would like to take part in `event` by `author` (FEP-8a8e)."""
    activity = {**activity_of("Join", row.uri, actor), "to": [author.uri], "object": event.uri}
    if not row.message:
        return activity
    return {**activity, "@context": OUTGOING_CONTEXT, "participationMessage": row.message}


def leave(*, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    """Say that `actor` does not take part in `event` any more."""
    return {**activity_of("Leave", uri, actor), "to": [author.uri], "object": event.uri}


def accept_join(row: Participation, *, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    """Say for `author` that `actor` takes part in `event`; the Join is repeated as it came."""
    return _join_answer("Accept", row, actor, event, author, uri)


def reject_join(row: Participation, *, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    """Say for `author` that `actor` does not take part in `event`, or no longer."""
    return _join_answer("Reject", row, actor, event, author, uri)


def ignore_join(row: Participation, *, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    """Say for `author` that `event` takes nobody by a Join (FEP-8a8e)."""
    return _join_answer("Ignore", row, actor, event, author, uri)


def invite(row: Participation, *, actor: Actor, event: Status, author: Actor) -> Document:
    """Ask `actor` for `author` to take part in `event`."""
    return {**activity_of("Invite", row.uri, author), "to": [actor.uri], "object": event.uri, "target": actor.uri}


def _join_answer(kind: str, row: Participation, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    join = {"id": row.uri, "type": "Join", "actor": actor.uri, "object": event.uri}
    return {**activity_of(kind, uri, author), "to": [actor.uri], "object": join}


def accept_invitation(row: Participation, *, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    """Say yes for `actor` to an Invite, which is named by its id."""
    return _invited("Accept", row, actor, event, author, uri)


def reject_invitation(row: Participation, *, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    """Say no for `actor` to an Invite."""
    return _invited("Reject", row, actor, event, author, uri)


def _invited(kind: str, row: Participation, actor: Actor, event: Status, author: Actor, uri: str) -> Document:
    invite_uri = row.uri.removesuffix(f"#{row.actor_id}")  # one Invite may be for several
    invitation = {
        "id": invite_uri,
        "type": "Invite",
        "actor": author.uri,
        "object": event.uri,
        "target": actor.uri,
    }
    return {**activity_of(kind, uri, actor), "to": [author.uri], "object": invitation}


# ------------------------------------------------------------------------------------------ relationships


def follow(row: Follow, *, follower: Actor, followed: Actor) -> Document:
    """Ask for `follower` to follow `followed`."""
    return {**activity_of("Follow", row.uri, follower), "to": [followed.uri], "object": followed.uri}


def accept(row: Follow, *, follower: Actor, followed: Actor, uri: str) -> Document:
    """Say yes for `followed` to a Follow, which is repeated as it came: id, actor, object."""
    return _answer("Accept", row, follower, followed, uri)


def reject(row: Follow, *, follower: Actor, followed: Actor, uri: str) -> Document:
    """Say no for `followed` to a Follow, or no longer yes."""
    return _answer("Reject", row, follower, followed, uri)


def block(row: Block, *, actor: Actor, target: Actor) -> Document:
    """Say that `actor` wants nothing to do with `target`; a group, that it keeps them out (Lemmy's `target`)."""
    out_of = {"target": actor.uri, "audience": actor.uri} if actor.type == "Group" else {}
    return {**activity_of("Block", row.uri, actor), "to": [target.uri], "object": target.uri, **out_of}


def _answer(kind: str, row: Follow, follower: Actor, followed: Actor, uri: str) -> Document:
    request = {"id": row.uri, "type": "Follow", "actor": follower.uri, "object": followed.uri}
    return {**activity_of(kind, uri, followed), "to": [follower.uri], "object": request}


# ------------------------------------------------------------------------------------------------- actors


def update_actor(actor: Actor, instance: LocalInstance, *, uri: str) -> Document:
    """Say that a profile changed. Profiles are public."""
    return {
        **activity_of("Update", uri, actor),
        "@context": OUTGOING_CONTEXT,
        "to": [PUBLIC],
        "cc": [followers_uri(actor)],
        "object": embedded(actor_document(actor, instance)),
    }


def move(actor: Actor, target: Actor, *, uri: str) -> Document:
    """Say that `actor` lives on as `target`, to those who follow it."""
    return {**activity_of("Move", uri, actor), "to": [followers_uri(actor)], "object": actor.uri, "target": target.uri}


def delete_actor(actor: Actor, *, uri: str) -> Document:
    """Say that an actor is gone with all it wrote. The object is its bare id, as Mastodon wants it."""
    return {**activity_of("Delete", uri, actor), "to": [PUBLIC], "object": actor.uri}


def add_pinned(actor: Actor, status: Status, *, uri: str) -> Document:
    """Say that `actor` shows a status of its own on top of its profile."""
    return _about_pinned("Add", actor, status, uri)


def remove_pinned(actor: Actor, status: Status, *, uri: str) -> Document:
    """Say that it shows it there no longer."""
    return _about_pinned("Remove", actor, status, uri)


def _about_pinned(kind: str, actor: Actor, status: Status, uri: str) -> Document:
    audience = {"to": [PUBLIC], "cc": [followers_uri(actor)]}
    return {**activity_of(kind, uri, actor), **audience, "object": status.uri, "target": actor.featured_uri}


def add_hashtag(actor: Actor, row: FeaturedTag, instance: LocalInstance, *, uri: str) -> Document:
    """Say that a profile shows a hashtag. The target is `featured`, because Mastodon wants it so."""
    return _about_hashtag("Add", actor, row, instance, uri)


def remove_hashtag(actor: Actor, row: FeaturedTag, instance: LocalInstance, *, uri: str) -> Document:
    """Say that a profile shows a hashtag no longer."""
    return _about_hashtag("Remove", actor, row, instance, uri)


def _about_hashtag(kind: str, actor: Actor, row: FeaturedTag, instance: LocalInstance, uri: str) -> Document:
    return {
        **activity_of(kind, uri, actor),
        "@context": OUTGOING_CONTEXT,
        "to": [PUBLIC],
        "cc": [followers_uri(actor)],
        "object": embedded(featured_tag_document(row, instance)),
        "target": actor.featured_uri,
    }


# ------------------------------------------------------------------------------------------------- groups


def pass_on(group: Actor, activity: Document, *, uri: str) -> Document:
    """Tell the followers of a group what was done in it: the activity as it came, by whomever (FEP-1b12)."""
    return {
        **activity_of("Announce", uri, group),
        "@context": OUTGOING_CONTEXT,
        "to": [PUBLIC],
        "cc": [followers_uri(group)],
        "object": activity,
    }


def take_out(group: Actor, status: Status, *, uri: str) -> Document:
    """Say that a group no longer shows a status; what becomes of it elsewhere is its author's affair.

    To Lemmy a Delete with a `summary`, be it empty, is one by a moderator; without one it is the author's.
    """
    return {**_in_group("Delete", group, uri), "object": status.uri, "summary": ""}


def lock(group: Actor, status: Status, *, uri: str) -> Document:
    """Say that a group takes no more answers to a status. Lemmy's word."""
    return {**_in_group("Lock", group, uri), "@context": OUTGOING_CONTEXT, "object": status.uri}


def keep_out(row: Block, *, group: Actor, target: Actor) -> Document:
    """Say that a group keeps somebody out, to those who follow it; whom it is about gets the `block` itself."""
    return {**_in_group("Block", group, f"{row.uri}/out"), "object": target.uri, "target": group.uri}


def _in_group(kind: str, group: Actor, uri: str) -> Document:
    """Return what was decided in a group: by its team, which is its moderator, in nobody's own name."""
    addressed = {"to": [PUBLIC], "cc": [group.uri, followers_uri(group)], "audience": group.uri}
    return {**activity_of(kind, uri, group), "actor": team_uri(group), **addressed}


# ------------------------------------------------------------------------------------------------ reports


def flag(report: Report, *, server: Actor, target: Actor, statuses: Sequence[str]) -> Document:
    """Report `target` with these statuses, in the name of our server: who asked for it stays here."""
    return {
        **activity_of("Flag", report.uri, server),
        "to": [target.uri],
        "content": report.comment,
        "object": [target.uri, *statuses],
    }


# --------------------------------------------------------------------------------------------------- both


def undo(activity: Document, *, uri: str) -> Document:
    """Take back an activity made by this module (Follow, Like, reaction, Announce, Block), told to the same readers."""
    addressed: Document = {name: activity[name] for name in ("to", "cc") if name in activity}
    return {
        "@context": activity["@context"],
        "id": uri,
        "type": "Undo",
        "actor": activity["actor"],
        **addressed,
        "object": embedded(activity),
    }


def activity_of(kind: str, uri: str, actor: Actor) -> Document:
    """Return what every activity has. Its context knows the words of ActivityStreams; statuses and actors need more."""
    return {"@context": AS, "id": uri, "type": kind, "actor": actor.uri}
