"""May this actor say this? Decided on origin and owner alone, before deduplication and before any write.

Tiny named checks, one per claim; a type that is not listed makes no claim beyond its id. What needs the stored
row (is this really the author?) is checked again by the handler, in the unit that changes it.
Source: FEP-fe34, Origin-based security model.
"""

from collections.abc import Callable, Mapping
from typing import Any

from activitypub.instance import LocalInstance
from activitypub.properties import items, uri_of
from activitypub.uris import same_origin
from activitypub.vocabulary import ACTOR_TYPES, STATUS_TYPES, Activity


class NotAllowed(Exception):
    """The activity claims what its actor has no say in. `status` is the answer: 401 wrong name, 403 overstepping."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def authorize(activity: Activity, instance: LocalInstance, *, key_id: str) -> None:
    """Raise `NotAllowed` unless key, actor, activity and what it changes belong together."""
    verify_key_is_of_actor(activity, key_id)
    verify_actor_is_remote(activity, instance)
    verify_id_is_of_actor(activity)
    CHECKS.get(activity.type, _no_further_claim)(activity)


def verify_key_is_of_actor(activity: Activity, key_id: str) -> None:
    """The key stands on the actor's own server (row A05)."""
    if not same_origin(activity.actor, key_id):
        raise NotAllowed(401, f"A key of another server cannot sign for {activity.actor}.")


def verify_actor_is_remote(activity: Activity, instance: LocalInstance) -> None:
    """Nobody outside speaks for one of ours (row A20)."""
    if instance.owns(activity.actor) or instance.owns(activity.id):
        raise NotAllowed(401, "Our own actors do not write to us from outside.")


def verify_id_is_of_actor(activity: Activity) -> None:
    """The activity's id is on its actor's server, so nobody can use up the ids of others (row A09)."""
    if not same_origin(activity.id, activity.actor):
        raise NotAllowed(401, f"The id {activity.id} is not on the server of {activity.actor}.")


def verify_creates_own(activity: Activity) -> None:
    """What is created or changed is of the actor's server, or is the actor (rows A01, A12).

    It may be another actor's there, such as the group's of which this one is a member: the handler then believes
    only what that server says of it.
    """
    document = activity.object.document
    verify_object_is_of_actor(activity)
    if document is None:
        return
    kind = activity.object.type
    if kind in ACTOR_TYPES and activity.object.uri != activity.actor:
        raise NotAllowed(403, "An actor can change only itself.")
    if kind in STATUS_TYPES and not _is_attributed_beside(document, activity.actor):
        raise NotAllowed(403, f"The object is not attributed to {activity.actor} or to an actor beside it.")


def verify_object_is_of_actor(activity: Activity) -> None:
    """The object's id is on the actor's server (rows A02, A11)."""
    if activity.object.uri is None or not same_origin(activity.object.uri, activity.actor):
        raise NotAllowed(403, f"The object is not on the server of {activity.actor}.")


def verify_deletes_own(activity: Activity) -> None:
    """What is deleted is on the actor's server and is no other actor (row A11)."""
    verify_object_is_of_actor(activity)
    if activity.object.type in ACTOR_TYPES and activity.object.uri != activity.actor:
        raise NotAllowed(403, "An actor can delete only itself.")


def verify_undoes_own(activity: Activity) -> None:
    """Only the one who did it takes it back."""
    document = activity.object.document
    if document is not None:
        verify_inner_actor(document, activity.actor)
    elif activity.object.uri is None or not same_origin(activity.object.uri, activity.actor):
        raise NotAllowed(403, "Only the actor who did it can undo it.")


def verify_answers_own(activity: Activity) -> None:
    """Only the one who was asked accepts or rejects."""
    document = activity.object.document
    # Of an Invite the one is asked who is its target, and the object is where to.
    about = "target" if activity.object.type == "Invite" else "object"
    asked = uri_of(document.get(about)) if document else None
    if asked is None or asked == activity.actor:
        return
    # Who wants to join an event or answer a post asks about a thing, and the thing's owner answers.
    if activity.object.type == "Follow" or not same_origin(asked, activity.actor):
        raise NotAllowed(403, f"Only {asked} can answer this.")


def verify_inner_actor(document: Mapping[str, Any], actor: str) -> None:
    """The embedded activity, where it names its actor, names this one."""
    inner = uri_of(document.get("actor"))
    if inner is not None and inner != actor:
        raise NotAllowed(403, "Only the actor who did it can undo it.")


def _is_attributed_beside(document: Mapping[str, Any], actor: str) -> bool:
    """True if an author lives where the actor does; PeerTube names two, person and channel."""
    named = items(document, "attributedTo") or items(document, "actor")
    return any(same_origin(author, actor) for value in named if (author := uri_of(value)))


def _no_further_claim(_: Activity) -> None:
    return None


CHECKS: Mapping[str, Callable[[Activity], None]] = {
    "Create": verify_creates_own,
    "Update": verify_creates_own,
    "Delete": verify_deletes_own,
    "Undo": verify_undoes_own,
    "Accept": verify_answers_own,
    "Reject": verify_answers_own,
    "TentativeAccept": verify_answers_own,
    "TentativeReject": verify_answers_own,
    "Ignore": verify_answers_own,
}
