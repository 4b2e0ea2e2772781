"""All that an actor of ours has, as it takes it along: FEP-6fcd says how it is packed, `archive` packs it.

The tables are those that Mastodon exports and imports, so that other servers take them. Keys are not in it: whoever
has them could go on speaking as this actor, and they are of no use under another name.

https://docs.joinmastodon.org/user/moving/#export
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from activitypub.actor_documents import ACTOR_OPTIONS, actor_document
from activitypub.documents import STATUS_OPTIONS, Document, embedded
from activitypub.instance import LocalInstance
from activitypub.jsonld import OUTGOING_CONTEXT
from activitypub.models import Actor, Announce, Block, EmojiReaction, Follow, Like, Media, Status
from activitypub.strict_json import write
from fediverse_kommune.models import AccountNote, Bookmark, DomainMute, FollowedTag, List, ListMember, Mute
from outbox import activities

AT_ONCE = 200  # posts read in one unit
CONTEXT = OUTGOING_CONTEXT


class Belongings(Struct, frozen=True):
    """What is small enough to be read at once: files by their names, and the keys of the pictures and films."""

    files: dict[str, bytes]
    media: Sequence[str]


class Batch(Struct, frozen=True):
    """Some of what an actor did, the oldest first, and the id to go on after; None at the end."""

    items: list[Document]
    last: int | None


def belongings(session: Session, actor_id: int, instance: LocalInstance) -> Belongings:
    """Return the profile, whom an actor follows, blocks and mutes, lists, bookmarks, likes, reactions, and files."""
    actor = session.scalars(select(Actor).where(Actor.id == actor_id).options(*ACTOR_OPTIONS)).one()
    mine = _Mine(session, actor, instance)
    tables = {
        "following_accounts.csv": mine.following(),
        "followers.csv": _table(["Account address"], mine.people(Follow.follower_id, Follow.followed_id)),
        "blocked_accounts.csv": _table([], mine.people(Block.target_id, Block.actor_id)),
        "muted_accounts.csv": mine.mutes(),
        "blocked_domains.csv": _table([], mine.values(DomainMute.domain, DomainMute.actor_id)),
        "lists.csv": mine.lists(),
        "bookmarks.csv": _table([], mine.posts(Bookmark.status_id, Bookmark.actor_id)),
        "likes.csv": _table([], mine.posts(Like.status_id, Like.actor_id)),
        "reactions.csv": _table(["Post", "Emoji"], mine.reactions()),
        "followed_tags.csv": _table([], mine.values(FollowedTag.name, FollowedTag.actor_id)),
        "notes.csv": mine.notes(),
    }
    files = {name: text.encode() for name, text in tables.items()}
    return Belongings({"actor.json": write(actor_document(actor, instance)), **files}, mine.media())


def written(session: Session, actor_id: int, after: int, instance: LocalInstance) -> Batch:
    """Return the Creates of the next posts of an actor, whoever they were for, with what was typed."""
    rows = session.scalars(
        select(Status)
        .where(Status.actor_id == actor_id, Status.id > after)
        .order_by(Status.id)
        .limit(AT_ONCE)
        .options(*STATUS_OPTIONS)
    ).all()
    items = []
    for row in rows:
        create = activities.create(row, instance)
        if row.source is not None:
            create["object"]["source"] = {"content": row.source, "mediaType": "text/plain"}
        items.append(embedded(create))
    return Batch(items, rows[-1].id if len(rows) == AT_ONCE else None)


def passed_on(session: Session, actor_id: int, after: int) -> Batch:
    """Return the Announces of the next posts that an actor has passed on."""
    rows = session.scalars(
        select(Announce)
        .where(Announce.actor_id == actor_id, Announce.id > after)
        .order_by(Announce.id)
        .limit(AT_ONCE)
        .options(joinedload(Announce.actor), joinedload(Announce.status).joinedload(Status.actor))
    ).all()
    items = [activities.announce(row, actor=row.actor, status=row.status, author=row.status.actor) for row in rows]
    return Batch([embedded(item) for item in items], rows[-1].id if len(rows) == AT_ONCE else None)


class _Mine:
    """Reads what belongs to one actor."""

    def __init__(self, session: Session, actor: Actor, instance: LocalInstance) -> None:
        self._session = session
        self._actor = actor
        self._instance = instance

    def following(self) -> str:
        query = select(Actor, Follow.show_announces, Follow.notify, Follow.languages)
        rows = self._session.execute(
            query.join(Follow, Follow.followed_id == Actor.id)
            .where(Follow.follower_id == self._actor.id, Follow.accepted_at.is_not(None))
            .order_by(Follow.id)
        )
        head = ["Account address", "Show boosts", "Notify on new posts", "Languages"]
        return _table(
            head,
            (
                [self._handle(who), _word(shows_announces), _word(notifies), ", ".join(spoken or ())]
                for who, shows_announces, notifies, spoken in rows
            ),
        )

    def mutes(self) -> str:
        rows = self._session.execute(
            select(Actor, Mute.hides_notifications)
            .join(Mute, Mute.target_id == Actor.id)
            .where(Mute.actor_id == self._actor.id)
            .order_by(Mute.id)
        )
        head = ["Account address", "Hide notifications"]
        return _table(head, ([self._handle(who), _word(hides)] for who, hides in rows))

    def lists(self) -> str:
        rows = self._session.execute(
            select(List.title, Actor)
            .join(ListMember, ListMember.list_id == List.id)
            .join(Actor, Actor.id == ListMember.actor_id)
            .where(List.actor_id == self._actor.id)
            .order_by(List.id, ListMember.id)
        )
        return _table([], ([title, self._handle(who)] for title, who in rows))

    def notes(self) -> str:
        rows = self._session.execute(
            select(Actor, AccountNote.comment)
            .join(AccountNote, AccountNote.target_id == Actor.id)
            .where(AccountNote.actor_id == self._actor.id)
            .order_by(Actor.id)
        )
        return _table(["Account address", "Note"], ([self._handle(who), comment] for who, comment in rows))

    def people(self, who: Any, whose: ColumnElement[bool] | Any) -> Iterable[list[str]]:
        """Return the handles of those in one column of a table whose other column names this actor."""
        query = select(Actor).join(who.class_, who == Actor.id).where(whose == self._actor.id)
        held = query.where(Follow.accepted_at.is_not(None)) if who.class_ is Follow else query
        return ([self._handle(each)] for each in self._session.scalars(held.order_by(who.class_.id)))

    def posts(self, what: Any, whose: Any) -> Iterable[list[str]]:
        query = select(Status.uri).join(what.class_, what == Status.id).where(whose == self._actor.id)
        return self._column(query.order_by(what.class_.id))

    def reactions(self) -> Iterable[list[str]]:
        query = select(Status.uri, EmojiReaction.name).join(EmojiReaction, EmojiReaction.status_id == Status.id)
        mine = query.where(EmojiReaction.actor_id == self._actor.id).order_by(EmojiReaction.id)
        return ([uri, name] for uri, name in self._session.execute(mine))

    def values(self, what: Any, whose: Any) -> Iterable[list[str]]:
        return self._column(select(what).where(whose == self._actor.id).order_by(what.class_.id))

    def media(self) -> list[str]:
        """Return the keys of all files of an actor that are in the storage."""
        query = select(Media.storage_key).where(Media.actor_id == self._actor.id, Media.storage_key.is_not(None))
        faces = (self._actor.avatar_key, self._actor.header_key)
        keys = [*faces, *self._session.scalars(query.order_by(Media.id))]
        return list(dict.fromkeys(key for key in keys if key))

    def _column(self, query: Select[Any]) -> Iterable[list[str]]:
        return ([value] for value in self._session.scalars(query))

    def _handle(self, who: Actor) -> str:
        return f"{who.username}@{who.domain or self._instance.account_domain}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    written_to = StringIO(newline="")
    table = csv.writer(written_to, lineterminator="\n")
    if head:
        table.writerow(head)
    table.writerows(rows)
    return written_to.getvalue()


def _word(holds: bool) -> str:  # noqa: FBT001 (a cell of a table)
    return "true" if holds else "false"
