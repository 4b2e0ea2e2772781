"""Who may read a status, and who may like, answer, announce or quote it.

`readable_by` is the one predicate used by every page, timeline, document and stream. A viewer is an actor, ours or a
remote one that signed its request, or nobody (`None`).

`approval` is the one judgement of an interaction policy. It is pure: what ties two actors is loaded before (`bond`).
A policy only says what its author expects; whether a quote of a remote status holds is a matter of its stamp.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from activitypub.domain_blocks import with_parents
from activitypub.models import Actor, Block, DomainAllow, Follow, Mention, Status
from activitypub.models.base import Id
from activitypub.vocabulary import Visibility

OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)


class _AnyReader:
    """Whoever reads, as an actor of ours whose id comes when the statement is run."""

    id: BindParameter[int] = bindparam("reader_id", type_=Id)
    is_local = True


ANY_READER = cast("Actor", _AnyReader())
"""Stands for a viewer in statements that are built once: to build one takes several times as long as to run it."""

_AUTHOR = aliased(Actor)  # made once: the columns of a fresh alias cost a millisecond


def readable_by(viewer: Actor | None) -> ColumnElement[bool]:
    """Return the condition on `Status` that holds for what `viewer` may read.

    An answer that waits for the consent of whom it answers is between the two. Followers-only posts open to accepted
    followers only (row H06); nobody reads an author who blocked them, nor a suspended author; what is local only opens
    to actors of this instance, what is for the county to all of them and to the servers that are allowed by name.
    """
    stands = ~exists(select(_AUTHOR.id).where(_AUTHOR.id == Status.actor_id, _AUTHOR.suspended_at.is_not(None)))
    if viewer is None:
        closed = or_(Status.local_only, Status.logged_in_only, Status.held)
        return and_(Status.visibility.in_(OPEN), ~closed, stands)
    follows = exists(
        select(Follow.id).where(
            Follow.follower_id == viewer.id,
            Follow.followed_id == Status.actor_id,
            Follow.accepted_at.is_not(None),
        )
    )
    addressed = exists(select(Mention.actor_id).where(Mention.status_id == Status.id, Mention.actor_id == viewer.id))
    blocked = exists(select(Block.id).where(Block.actor_id == Status.actor_id, Block.target_id == viewer.id))
    let_in = or_(Status.held.is_(False), Status.in_reply_to_actor_id == viewer.id)
    here = true() if viewer.is_local else and_(Status.local_only.is_(False), _is_for_server_of(viewer))
    county = and_(Status.bubble_only, Status.visibility == Visibility.PRIVATE)
    followed = and_(Status.visibility == Visibility.PRIVATE, follows)
    opened = or_(Status.visibility.in_(OPEN), followed, addressed, county)
    return or_(Status.actor_id == viewer.id, and_(opened, let_in, here, stands, ~blocked))


def _is_for_server_of(viewer: Actor) -> ColumnElement[bool]:
    """True unless a status is for the county, and the viewer's server is not one that is allowed by name."""
    allowed = exists(select(DomainAllow.domain).where(DomainAllow.domain.in_(with_parents(viewer.host))))
    return or_(Status.bubble_only.is_(False), allowed)


def may_read(session: Session, viewer: Actor | None, status_id: int) -> bool:
    """True if `viewer` may read this status."""
    condition = and_(Status.id == status_id, readable_by(viewer))
    return session.scalar(select(Status.id).where(condition)) is not None


# ------------------------------------------------------------------------------------------- policies


class Interaction(StrEnum):
    """The parts of a policy, by their names in https://gotosocial.org/ns#."""

    LIKE = "canLike"
    REPLY = "canReply"
    ANNOUNCE = "canAnnounce"
    QUOTE = "canQuote"


class Approval(StrEnum):
    """What becomes of an interaction. UNKNOWN: the policy names a group that only its author's server knows."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """Whom a policy may name besides single actors, who stand there by their URIs."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    MUTUALS = "mutuals"
    MENTIONED = "mentioned"
    AUTHOR = "author"


GROUPS = frozenset(Group)
PERSONAL = frozenset({Group.FOLLOWERS, Group.FOLLOWING, Group.MUTUALS})

Policy = Mapping[str, Mapping[str, Sequence[str]]]
"""`Status.interaction_policy`: {"canQuote": {"automatic": [groups and URIs], "manual": […]}, …}."""


class Bond(Struct, frozen=True):
    """What ties an actor to a status and its author."""

    uri: str = ""
    is_author: bool = False
    follows: bool = False  # the actor follows the author
    followed: bool = False  # the author follows the actor
    mentioned: bool = False


def approval(policy: Policy, interaction: Interaction, bond: Bond) -> Approval:
    """Say what a policy makes of an interaction by an actor who may read the status.

    The author may always, and who is mentioned may always answer. The more particular entry wins: an actor by name
    before a group before everybody; of two alike the permission. A part that is missing means everybody, but nobody
    may quote. https://docs.gotosocial.org/en/latest/federation/interaction_controls/, FEP-044f
    """
    if bond.is_author or (interaction is Interaction.REPLY and bond.mentioned):
        return Approval.AUTOMATIC
    part = policy.get(interaction)
    if not part or not (part.get("automatic") or part.get("manual")):
        return Approval.DENIED if interaction is Interaction.QUOTE else Approval.AUTOMATIC
    for matching in ({bond.uri}, _groups_of(bond), {Group.PUBLIC.value}):
        for word in (Approval.AUTOMATIC, Approval.MANUAL):
            if not matching.isdisjoint(part.get(word) or ()):
                return word
    named = {*(part.get("automatic") or ()), *(part.get("manual") or ())}
    return Approval.DENIED if named <= GROUPS else Approval.UNKNOWN


def quote_approval(policy: Policy, visibility: Visibility, bond: Bond) -> Approval:
    """Say whether an actor may quote a status with this policy and visibility that it may read.

    What is not open to everybody may be quoted by its author alone, and what is direct by nobody (row H07).
    """
    if visibility is Visibility.DIRECT or (visibility not in OPEN and not bond.is_author):
        return Approval.DENIED
    return approval(policy, Interaction.QUOTE, bond)


def judge(session: Session, actor: Actor, status: Status, interaction: Interaction) -> Approval:
    """Say what the policy of a status makes of an interaction by an actor who may read it.

    Asks the database only where the policy does not let everybody. Who follows whom elsewhere is not known here.
    """
    stranger = Bond(actor.uri, is_author=actor.id == status.actor_id)
    if approval(status.interaction_policy, interaction, stranger) is Approval.AUTOMATIC:
        return Approval.AUTOMATIC
    found = approval(status.interaction_policy, interaction, bond(session, actor, status))
    ties_are_known = actor.is_local or status.local or not names_followers(status.interaction_policy, interaction)
    return found if ties_are_known or found is not Approval.DENIED else Approval.UNKNOWN


def is_for_everybody(policy: Policy, interaction: Interaction) -> bool:
    """True if a part of a policy lets everybody at once, as one does that is not there. Of quotes that is nobody."""
    part = policy.get(interaction) or {}
    automatic = part.get("automatic") or ()
    return Group.PUBLIC in automatic or not (automatic or part.get("manual") or interaction is Interaction.QUOTE)


def names_followers(policy: Policy, interaction: Interaction) -> bool:
    """True if a part of a policy depends on who follows whom."""
    return any(not PERSONAL.isdisjoint(entries) for entries in policy.get(interaction, {}).values())


def _groups_of(bond: Bond) -> set[str]:
    """Return the groups around the author that the actor belongs to."""
    ties = {
        Group.FOLLOWERS: bond.follows,
        Group.FOLLOWING: bond.followed,
        Group.MUTUALS: bond.follows and bond.followed,
        Group.MENTIONED: bond.mentioned,
    }
    return {group.value for group, holds in ties.items() if holds}


def part_of_policy(*automatic: str, manual: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return one part of a policy as it is stored. Nobody but the author: `part_of_policy(Group.AUTHOR)`."""
    return {"automatic": [str(word) for word in automatic], "manual": [str(word) for word in manual]}


def bond(session: Session, actor: Actor, status: Status) -> Bond:
    """Return what ties `actor` to `status`, in one statement."""
    follow, back = aliased(Follow), aliased(Follow)
    columns: list[Any] = [
        exists().where(
            follow.follower_id == actor.id, follow.followed_id == status.actor_id, follow.accepted_at.is_not(None)
        ),
        exists().where(
            back.follower_id == status.actor_id, back.followed_id == actor.id, back.accepted_at.is_not(None)
        ),
        exists().where(Mention.status_id == status.id, Mention.actor_id == actor.id),
    ]
    follows, followed, mentioned = session.execute(select(*columns)).one()
    return Bond(actor.uri, actor.id == status.actor_id, follows=follows, followed=followed, mentioned=mentioned)
