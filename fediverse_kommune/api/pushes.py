"""What happened, as messages for those who may see it: the side of the streaming hub that knows the client API.

Everything here is one unit that reads. Who may see a line is asked for all listeners at once
(`streaming/audience.py`); how it looks to each of them is made as for any other page.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import msgspec
from msgspec import Struct
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from activitypub.events import Signal
from activitypub.instance import LocalInstance
from activitypub.models import Media, Status, StatusHashtag
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.auth import Person, Viewer, find_viewers
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.announcement import announcement_entity
from fediverse_kommune.api.preload import Reader, show_announce, status_entities
from fediverse_kommune.api.preload_conversations import conversation_entities
from fediverse_kommune.api.preload_notifications import show_notification
from fediverse_kommune.models import Conversation, FilterAction, Preference
from fediverse_kommune.services import announcements
from fediverse_kommune.services.filtering import ActorFilters, FilterCache
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.timelines import Filter
from fediverse_kommune.streaming import audience as audiences
from fediverse_kommune.streaming.connection import Access
from fediverse_kommune.streaming.hub import Assemble, Audience, Push
from fediverse_kommune.streaming.signals import (
    AnnouncementPublished,
    AnnouncementReacted,
    AnnouncementRemoved,
    ConversationMoved,
    FiltersChanged,
    LineRemoved,
    NotificationsMerged,
    Notified,
    StatusPassedOn,
    StatusRewritten,
    StatusWritten,
)
from fediverse_kommune.streaming.streams import DIRECT, HOME, NOTIFICATIONS, Channel

See = Callable[[Reader], Entity | None]

# What filters call the places where streams show posts.
CONTEXTS = {"home": "home", "list": "home", "notifications": "notifications", "public": "public", "hashtag": "public"}


def assembler(instance: LocalInstance, filters: FilterCache, clock: Callable[[], datetime]) -> Assemble:
    """Return the function that makes messages of signals for the hub of this instance."""

    def assemble(session: Session, audience: Audience, signals: Sequence[Signal]) -> list[Push]:
        scene = Scene(session, Setting(instance, filters, clock()), audience)
        return [push for signal in signals for push in scene.pushes(signal)]

    return assemble


def access_of(viewer: Viewer, person: Person) -> Access:
    """Return what a token allows, for the hub to compare later."""
    return Access(viewer.scopes, person.actor.id, person.standing)


def find_access(session: Session, token_ids: Collection[int]) -> Mapping[int, Access]:
    """Return what those of these tokens allow that still hold, in one statement."""
    viewers = find_viewers(session, token_ids)
    return {viewer.token_id: access_of(viewer, viewer.person) for viewer in viewers if viewer.person is not None}


class Setting(Struct, frozen=True):
    """What every reader of one moment shares."""

    instance: LocalInstance
    filters: FilterCache
    now: datetime


class Scene:
    """A unit that reads, and who listens to what comes of it."""

    def __init__(self, session: Session, setting: Setting, audience: Audience) -> None:
        self._session = session
        self._setting = setting
        self._audience = audience

    def pushes(self, signal: Signal) -> Iterable[Push]:
        """Return the messages that come of a signal: none where nobody listens who may see it."""
        match signal:
            case StatusWritten():
                return self._written(signal.status_id)
            case StatusRewritten():
                return self._rewritten(signal.status_id)
            case StatusPassedOn():
                return self._passed_on(signal)
            case LineRemoved():
                return self._removed(signal)
            case Notified():
                return self._notified(signal)
            case NotificationsMerged():
                return [Push(NOTIFICATIONS, (signal.actor_id,), "notifications_merged", "1")]
            case ConversationMoved():
                return self._conversation(signal)
            case FiltersChanged():
                return [Push(HOME, (signal.actor_id,), "filters_changed", None)]
            case _:
                return self._announced(signal)

    # ------------------------------------------------------------------------------- what is for one actor

    def _notified(self, signal: Notified) -> Iterator[Push]:
        """Tell actors of their notifications."""
        listening = self._audience.of(NOTIFICATIONS)
        for notification_id, actor_id in signal.pairs:
            if actor_id in listening:
                see = self._one(_show_notification, notification_id)
                yield from self._shown({NOTIFICATIONS: [actor_id]}, "notification", see)

    def _conversation(self, signal: ConversationMoved) -> Iterator[Push]:
        """Tell one who takes part in a conversation that it goes on."""
        receivers = self._audience.of(DIRECT) & {signal.actor_id}
        yield from self._shown(
            {DIRECT: receivers}, "conversation", self._one(_show_conversation, signal.conversation_id)
        )

    # ------------------------------------------------------------------------------ what is for everybody

    def _announced(self, signal: Signal) -> Iterator[Push]:
        """Tell everybody of a notice of the instance, what people think of it, and that it is gone."""
        everybody = self._audience.of(HOME)
        match signal:
            case AnnouncementPublished():
                see = self._one(_show_announcement, signal.announcement_id)
                yield from self._shown({HOME: everybody}, "announcement", see)
            case AnnouncementReacted():
                said = {"name": signal.name, "count": signal.count, "announcement_id": str(signal.announcement_id)}
                yield Push(HOME, everybody, "announcement.reaction", msgspec.json.encode(said).decode())
            case AnnouncementRemoved():
                yield Push(HOME, everybody, "announcement.delete", str(signal.announcement_id))

    # ---------------------------------------------------------------------------------------- statuses

    def _written(self, status_id: int) -> Iterator[Push]:
        """Tell of a new status wherever it stands."""
        session, audience = self._session, self._audience
        receivers = dict(self._in_public(status_id))
        receivers[HOME] = audiences.home_of(session, audience.of(HOME), line_id=status_id)
        for channel, list_id in self._lists():
            receivers[channel] = audiences.list_of(session, list_id, audience.of(channel), line_id=status_id)
        yield from self._shown(receivers, "update", self._status(status_id))

    def _rewritten(self, status_id: int) -> Iterator[Push]:
        """Tell of an edit wherever the status stands, also as something passed on."""
        receivers = dict(self._in_public(status_id))
        receivers[HOME] = audiences.home_with(self._session, self._audience.of(HOME), status_id=status_id)
        for channel, list_id in self._lists():
            owner = self._audience.of(channel)
            receivers[channel] = audiences.list_with(self._session, list_id, owner, status_id=status_id)
        yield from self._shown(receivers, "status.update", self._status(status_id))

    def _passed_on(self, signal: StatusPassedOn) -> Iterator[Push]:
        """Tell of an announce where it stands: public timelines show none."""
        line_id = signal.announce_id
        receivers = {HOME: audiences.home_of(self._session, self._audience.of(HOME), line_id=line_id)}
        for channel, list_id in self._lists():
            owner = self._audience.of(channel)
            receivers[channel] = audiences.list_of(self._session, list_id, owner, line_id=line_id)
        yield from self._shown(receivers, "update", self._one(_show_announce, line_id))

    def _removed(self, signal: LineRemoved) -> Iterator[Push]:
        """Say what is gone to those who had it. Only an id is said, and nobody is asked any more."""
        gone = str(signal.line_id)
        for channel, actor_ids in self._audience.channels.items():
            if channel.name in {"home", "list"}:
                yield Push(channel, actor_ids.intersection(signal.actor_ids), "delete", gone)
            elif signal.public and _may_show(channel, local=signal.local, tags=signal.tags):
                yield Push(channel, actor_ids, "delete", gone)

    def _in_public(self, status_id: int) -> Iterator[tuple[Channel, frozenset[int]]]:
        """Yield who sees a status in which public timeline, or timeline of a hashtag."""
        audience = self._audience
        open_to_all = [channel for channel in audience.channels if channel.name.startswith(("public", "hashtag"))]
        facts = self._facts(status_id) if open_to_all else None
        if facts is None:
            return
        local, has_media, tags = facts
        shown = [channel for channel in open_to_all if _may_show(channel, local=local, tags=tags, media=has_media)]
        streams = [channel for channel in shown if channel.name.startswith("public")]
        seen = audiences.public(self._session, audience.of(*streams), status_id=status_id, wanted=Filter())
        for channel in shown:
            readers = audience.of(channel)
            if channel in streams:
                yield channel, readers & seen
            else:
                tag = channel.argument
                yield channel, audiences.tagged(self._session, readers, status_id=status_id, tag=tag, local=local)

    def _facts(self, status_id: int) -> tuple[bool, bool, list[str]] | None:
        """Return whether a public status was written here, whether it has files, and its hashtags."""
        has_media = exists().where(Media.status_id == Status.id)
        row = self._session.execute(
            select(Status.local, has_media).where(Status.id == status_id, Status.visibility == Visibility.PUBLIC)
        ).one_or_none()
        if row is None:
            return None
        tags = self._session.scalars(select(StatusHashtag.tag).where(StatusHashtag.status_id == status_id))
        return row[0], row[1], list(tags)

    def _lists(self) -> Iterator[tuple[Channel, int]]:
        for channel in self._audience.channels:
            if channel.name == "list":
                yield channel, int(channel.argument)

    def _shown(self, receivers: Mapping[Channel, Collection[int]], event: str, see: See) -> Iterator[Push]:
        """Yield a message for each receiver, as it sees the thing; what it may not see there is not sent."""
        payloads: dict[tuple[int, str | None], str | None] = {}
        for channel, actor_ids in receivers.items():
            context = CONTEXTS.get(channel.name.partition(":")[0])
            for actor_id in actor_ids:
                if (actor_id, context) not in payloads:
                    entity = see(self._reader(actor_id, context))
                    payloads[actor_id, context] = None if entity is None else msgspec.json.encode(entity).decode()
                if (payload := payloads[actor_id, context]) is not None:
                    yield Push(channel, (actor_id,), event, payload)

    def _reader(self, actor_id: int, context: str | None) -> Reader:
        setting = self._setting
        filters = ActorFilters(setting.filters, actor_id, self._versions.get(actor_id, 0))
        return Reader(setting.instance, self._audience.actors[actor_id], setting.now, filters, context)

    @cached_property
    def _versions(self) -> Mapping[int, int]:
        """Which state of the filters of those who listen holds."""
        rows = self._session.execute(
            select(Preference.actor_id, Preference.filters_version).where(
                Preference.actor_id.in_(self._audience.actors), Preference.filters_version > 0
            )
        )
        return dict(list(rows))

    def _status(self, status_id: int) -> See:
        return lambda reader: status_entities(self._session, reader, [status_id]).get(status_id)

    def _one(self, show: Callable[[Session, Reader, int], Entity | None], row_id: int) -> See:
        def see(reader: Reader) -> Entity | None:
            try:
                return show(self._session, reader, row_id)
            except NotFound:
                return None

        return see


def _show_announce(session: Session, reader: Reader, announce_id: int) -> Entity | None:
    """Return an announce unless a filter of the reader hides what it passes on."""
    entity = show_announce(session, reader, announce_id)
    hidden = any(
        result["filter"]["filter_action"] == FilterAction.HIDE and reader.context in result["filter"]["context"]
        for result in entity["filtered"]
    )
    return None if hidden else entity


def _show_notification(session: Session, reader: Reader, notification_id: int) -> Entity:
    return show_notification(session, reader, notification_id, None)


def _show_conversation(session: Session, reader: Reader, conversation_id: int) -> Entity | None:
    row = session.get(Conversation, conversation_id)
    if row is None or reader.actor is None or row.actor_id != reader.actor.id or row.last_status_id is None:
        return None
    return conversation_entities(session, reader, reader.actor.id, [row])[0]


def _show_announcement(session: Session, reader: Reader, announcement_id: int) -> Entity | None:
    if reader.actor is None:
        return None
    shown = announcements.current(session, reader.actor.id, reader.now, reader.instance, with_dismissed=True)
    return next((announcement_entity(one, reader.instance) for one in shown if one.row.id == announcement_id), None)


def _may_show(channel: Channel, *, local: bool, tags: Collection[str], media: bool | None = None) -> bool:
    """True if a public status like this can stand in a channel; `media` is None if nobody knows any more."""
    name, _, rest = channel.name.partition(":")
    if name not in {"public", "hashtag"}:
        return False
    place = {"local", "remote"}.intersection(rest.split(":"))
    if place and place != {"local" if local else "remote"}:
        return False
    if rest.endswith("media") and media is False:
        return False
    return name == "public" or channel.argument in tags
