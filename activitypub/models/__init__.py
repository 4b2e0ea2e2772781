"""The stored federated graph: everything that has an ActivityPub id. Tables only; behaviour is in `graph.py`."""

from activitypub.models.actor import Actor, ActorKey, ProofKey
from activitypub.models.base import Base, attach, first_id_at, new_id
from activitypub.models.calendar import CalendarEvent, Participation, Taking
from activitypub.models.card import PreviewCard, StatusCard
from activitypub.models.consent import InteractionRequest, Wish
from activitypub.models.emoji import CustomEmoji
from activitypub.models.featured import Collection, CollectionItem, Endorsement, FeaturedTag, ItemState
from activitypub.models.instance import DomainAllow, DomainBlock, Instance, Severity
from activitypub.models.interaction import Announce, EmojiReaction, Like
from activitypub.models.media import Media, MediaState
from activitypub.models.move import Move
from activitypub.models.poll import Poll, PollVote
from activitypub.models.quote import Quote, QuoteState
from activitypub.models.relationship import Block, Follow
from activitypub.models.report import Report, ReportCategory
from activitypub.models.status import Mention, Status, StatusEdit, StatusHashtag, Tombstone

__all__ = [
    "Actor",
    "ActorKey",
    "Announce",
    "Base",
    "Block",
    "CalendarEvent",
    "Collection",
    "CollectionItem",
    "CustomEmoji",
    "DomainAllow",
    "DomainBlock",
    "EmojiReaction",
    "Endorsement",
    "FeaturedTag",
    "Follow",
    "Instance",
    "InteractionRequest",
    "ItemState",
    "Like",
    "Media",
    "MediaState",
    "Mention",
    "Move",
    "Participation",
    "Poll",
    "PollVote",
    "PreviewCard",
    "ProofKey",
    "Quote",
    "QuoteState",
    "Report",
    "ReportCategory",
    "Severity",
    "Status",
    "StatusCard",
    "StatusEdit",
    "StatusHashtag",
    "Taking",
    "Tombstone",
    "Wish",
    "attach",
    "first_id_at",
    "new_id",
]
