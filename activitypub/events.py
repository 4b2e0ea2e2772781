"""What has just happened in the graph, published inside the unit of work that changed it.

Whoever subscribes (`fediverse_kommune/fanout`) runs in the same transaction: what locals see and what was stored
become true together. A local and a remote change publish the same events, so fan-out exists once.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from activitypub.models import (
    Actor,
    Announce,
    Block,
    EmojiReaction,
    Follow,
    InteractionRequest,
    Like,
    Participation,
    Quote,
    Report,
    Status,
    Wish,
)


class StatusCreated(Struct, frozen=True):
    """A status exists now, written here or arrived."""

    status: Status


class StatusFound(Struct, frozen=True):
    """A status was read in the background: it is there, and nobody is told of it."""

    status: Status


class StatusEdited(Struct, frozen=True):
    """A status says something else now."""

    status: Status


class StatusDeleted(Struct, frozen=True):
    """A status is gone; its row no longer exists."""

    status_id: int
    actor_id: int


class StatusAnnounced(Struct, frozen=True):
    """An actor passed a status on."""

    announce: Announce
    status: Status


class AnnounceUndone(Struct, frozen=True):
    """An actor took an announce back; its row no longer exists."""

    announce_id: int
    actor_id: int
    status_id: int


class StatusLiked(Struct, frozen=True):
    """An actor likes a status."""

    like: Like
    status: Status


class LikeUndone(Struct, frozen=True):
    """An actor took a like back."""

    actor_id: int
    status_id: int


class StatusReacted(Struct, frozen=True):
    """An actor put an emoji below a status. `liked`: it counts as a like as well, of which `StatusLiked` has told."""

    reaction: EmojiReaction
    status: Status
    liked: bool


class ReactionUndone(Struct, frozen=True):
    """An actor took an emoji back; its row no longer exists."""

    reaction_id: int
    actor_id: int


class PollEnded(Struct, frozen=True):
    """Nobody can vote in the poll of a status any more."""

    status: Status


class QuoteAccepted(Struct, frozen=True):
    """A status shows another one now, with its author's consent. `status` is the one that quotes."""

    quote: Quote
    status: Status


class QuoteEnded(Struct, frozen=True):
    """A quote that held holds no longer: revoked, taken out by an edit, or one of the two statuses goes."""

    quote: Quote
    status: Status


class InteractionRequested(Struct, frozen=True):
    """Somebody waits for the author's consent. `subject` is the status that answers or quotes, else the one liked."""

    request: InteractionRequest
    subject: Status


class InteractionSettled(Struct, frozen=True):
    """What waited for consent waits no more: decided, taken back, or overtaken. `subject_id` as in the request."""

    wish: Wish
    actor_id: int
    subject_id: int


class ParticipationRequested(Struct, frozen=True):
    """Somebody who wants to take part in an event waits for the organiser's answer."""

    participation: Participation
    status: Status


class ParticipationAnswered(Struct, frozen=True):
    """The organiser of an event has said who takes part, or does not."""

    participation: Participation
    status: Status


class ParticipationInvited(Struct, frozen=True):
    """The organiser of an event asks somebody to take part."""

    participation: Participation
    status: Status


class ParticipationEnded(Struct, frozen=True):
    """Somebody takes part in an event no longer, or no longer wants to; the row no longer exists."""

    actor_id: int
    status_id: int


class FollowRequested(Struct, frozen=True):
    """A follow waits for the answer of the one to be followed."""

    follow: Follow


class FollowAccepted(Struct, frozen=True):
    """A follow holds now."""

    follow: Follow


class FollowEnded(Struct, frozen=True):
    """A follow, or a request, no longer exists: undone, rejected, or cut by a block."""

    follower_id: int
    followed_id: int


class ActorBlocked(Struct, frozen=True):
    """An actor blocked another; follows both ways have already ended."""

    block: Block


class ActorUpdated(Struct, frozen=True):
    """A profile changed."""

    actor: Actor


class ConsentChanged(Struct, frozen=True):
    """An actor elsewhere lets its public posts be found from now on, or no longer (FEP-5feb)."""

    actor_id: int


class ActorDeleted(Struct, frozen=True):
    """An actor is gone with everything it wrote."""

    actor_id: int


class ActorSuspended(Struct, frozen=True):
    """Moderators hide an actor: nothing of it is shown or heard until they take that back."""

    actor: Actor


class ActorRestored(Struct, frozen=True):
    """Moderators show an actor again."""

    actor: Actor


class EndedFollow(Struct, frozen=True):
    """A follow or a request that is gone, by the id of its activity and by who it was between."""

    uri: str
    follower_id: int
    followed_id: int


class TiesSevered(Struct, frozen=True):
    """Follows ended by a decision of moderators: how many, for each of our actors.

    `kind` is "domain_block" or "account_suspension", `name` the domain or the handle that is gone. `untold` are those
    of which the other side has yet to hear, requests among them.
    """

    kind: str
    name: str
    following: Mapping[int, int]
    followers: Mapping[int, int]
    untold: Sequence[EndedFollow] = ()


class FollowersDiffer(Struct, frozen=True):
    """A server says that others of ours follow one of its actors than are stored; it lists them at `url`."""

    actor_id: int
    url: str


class DomainPolicyChanged(Struct, frozen=True):
    """How far a domain is shut out or let in has changed: what is kept of that in memory is outdated."""

    domain: str


class ReportFiled(Struct, frozen=True):
    """Somebody asks the moderators to look at an actor."""

    report: Report


class DeliveriesQueued(Struct, frozen=True):
    """Activities wait to be delivered: wake the workers when the unit is committed."""


class ActivitiesQueued(Struct, frozen=True):
    """Verified activities wait to be worked on: wake the workers of other processes, too."""


class Signal(Struct, frozen=True, tag=True):
    """The base of what running servers hear of once it is committed, in every process: ids and words, nothing else."""


class DeliveriesCancelled(Signal, frozen=True):
    """These activities are not to be delivered any more, and some worker has them in hand at this moment."""

    activity_ids: tuple[int, ...]


Event = (
    StatusCreated
    | StatusFound
    | StatusEdited
    | StatusDeleted
    | StatusAnnounced
    | AnnounceUndone
    | StatusLiked
    | LikeUndone
    | StatusReacted
    | ReactionUndone
    | PollEnded
    | QuoteAccepted
    | QuoteEnded
    | InteractionRequested
    | InteractionSettled
    | ParticipationRequested
    | ParticipationAnswered
    | ParticipationInvited
    | ParticipationEnded
    | FollowRequested
    | FollowAccepted
    | FollowEnded
    | ActorBlocked
    | ActorUpdated
    | ConsentChanged
    | ActorDeleted
    | ActorSuspended
    | ActorRestored
    | TiesSevered
    | FollowersDiffer
    | DomainPolicyChanged
    | ReportFiled
    | DeliveriesQueued
    | ActivitiesQueued
    | Signal
)
