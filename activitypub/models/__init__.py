"""The stored federated graph: everything that has an ActivityPub id. Tables only; behaviour is in `graph.py`."""

from activitypub.models.actor import Actor, ActorKey
from activitypub.models.base import Base, attach, first_id_at, new_id
from activitypub.models.instance import DomainBlock, Instance, Severity
from activitypub.models.interaction import Announce, Like
from activitypub.models.media import Media, MediaState
from activitypub.models.relationship import Block, Follow
from activitypub.models.status import Mention, Status, StatusEdit, StatusHashtag, Tombstone

__all__ = [
    "Actor",
    "ActorKey",
    "Announce",
    "Base",
    "Block",
    "DomainBlock",
    "Follow",
    "Instance",
    "Like",
    "Media",
    "MediaState",
    "Mention",
    "Severity",
    "Status",
    "StatusEdit",
    "StatusHashtag",
    "Tombstone",
    "attach",
    "first_id_at",
    "new_id",
]
