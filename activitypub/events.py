"""What has just happened in the graph, published inside the unit of work that changed it.

Whoever subscribes (`fediverse_kommune/fanout`) runs in the same transaction: what locals see and what was stored
become true together. A local and a remote change publish the same events, so fan-out exists once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from activitypub.models import Actor, Announce, Block, Follow, InteractionRequest, Like, Quote, Report, Status, Wish


@dataclass(frozen=True, slots=True)
class StatusCreated:
    """A status exists now, written here or arrived."""

    status: Status


@dataclass(frozen=True, slots=True)
class StatusEdited:
    """A status says something else now."""

    status: Status


@dataclass(frozen=True, slots=True)
class StatusDeleted:
    """A status is gone; its row no longer exists."""

    status_id: int
    actor_id: int


@dataclass(frozen=True, slots=True)
class StatusAnnounced:
    """An actor passed a status on."""

    announce: Announce
    status: Status


@dataclass(frozen=True, slots=True)
class AnnounceUndone:
    """An actor took an announce back; its row no longer exists."""

    announce_id: int
    actor_id: int
    status_id: int


@dataclass(frozen=True, slots=True)
class StatusLiked:
    """An actor likes a status."""

    like: Like
    status: Status


@dataclass(frozen=True, slots=True)
class LikeUndone:
    """An actor took a like back."""

    actor_id: int
    status_id: int


@dataclass(frozen=True, slots=True)
class PollEnded:
    """Nobody can vote in the poll of a status any more."""

    status: Status


@dataclass(frozen=True, slots=True)
class QuoteAccepted:
    """A status shows another one now, with its author's consent. `status` is the one that quotes."""

    quote: Quote
    status: Status


@dataclass(frozen=True, slots=True)
class QuoteEnded:
    """A quote that held holds no longer: revoked, taken out by an edit, or one of the two statuses goes."""

    quote: Quote
    status: Status


@dataclass(frozen=True, slots=True)
class InteractionRequested:
    """Somebody waits for the author's consent. `subject` is the status that answers or quotes, else the one liked."""

    request: InteractionRequest
    subject: Status


@dataclass(frozen=True, slots=True)
class InteractionSettled:
    """What waited for consent waits no more: decided, taken back, or overtaken. `subject_id` as in the request."""

    wish: Wish
    actor_id: int
    subject_id: int


@dataclass(frozen=True, slots=True)
class FollowRequested:
    """A follow waits for the answer of the one to be followed."""

    follow: Follow


@dataclass(frozen=True, slots=True)
class FollowAccepted:
    """A follow holds now."""

    follow: Follow


@dataclass(frozen=True, slots=True)
class FollowEnded:
    """A follow, or a request, no longer exists: undone, rejected, or cut by a block."""

    follower_id: int
    followed_id: int


@dataclass(frozen=True, slots=True)
class ActorBlocked:
    """An actor blocked another; follows both ways have already ended."""

    block: Block


@dataclass(frozen=True, slots=True)
class ActorUpdated:
    """A profile changed."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """An actor elsewhere lets its public posts be found from now on, or no longer (FEP-5feb)."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ActorDeleted:
    """An actor is gone with everything it wrote."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ActorSuspended:
    """Moderators hide an actor: nothing of it is shown or heard until they take that back."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class ActorRestored:
    """Moderators show an actor again."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class TiesSevered:
    """Follows ended by a decision of moderators: how many, for each of our actors.

    `kind` is "domain_block" or "account_suspension", `name` the domain or the handle that is gone.
    """

    kind: str
    name: str
    following: Mapping[int, int]
    followers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class DomainPolicyChanged:
    """How far a domain is shut out or let in has changed: what is kept of that in memory is outdated."""

    domain: str


@dataclass(frozen=True, slots=True)
class ReportFiled:
    """Somebody asks the moderators to look at an actor."""

    report: Report


@dataclass(frozen=True, slots=True)
class DeliveriesQueued:
    """Activities wait to be delivered: wake the workers when the unit is committed."""


@dataclass(frozen=True, slots=True)
class ActivitiesQueued:
    """Verified activities wait to be worked on: wake the workers of other processes, too."""


class Signal(msgspec.Struct, frozen=True, tag=True):
    """The base of what running servers hear of once it is committed, in every process: ids and words, nothing else."""


Event = (
    StatusCreated
    | StatusEdited
    | StatusDeleted
    | StatusAnnounced
    | AnnounceUndone
    | StatusLiked
    | LikeUndone
    | PollEnded
    | QuoteAccepted
    | QuoteEnded
    | InteractionRequested
    | InteractionSettled
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
    | DomainPolicyChanged
    | ReportFiled
    | DeliveriesQueued
    | ActivitiesQueued
    | Signal
)
