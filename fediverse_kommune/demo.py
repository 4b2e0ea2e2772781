"""Two municipalities on this machine, and what they say to each other: step by step, with the time each took."""

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, field
from sqlalchemy import ColumnElement, select

from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.actors import create_local_actor
from activitypub.graph.interactions import announce, like
from activitypub.graph.relationships import follow
from activitypub.graph.statuses import StatusDraft, StatusText, create_status, delete_status, edit_status
from activitypub.models import Actor, Announce, Follow, Like, Status, new_id
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.app import Kommune, create_app
from fediverse_kommune.config import Config, DatabaseConfig, FederationConfig, InstanceConfig, MediaConfig
from fediverse_kommune.serve import running
from outbox import send
from webfinger.handle import parse_handle

STEP_SECONDS = 30.0  # a step that takes longer has failed
LOOK_EVERY = 0.002


class DemoFailed(Exception):
    """A step of the demonstration did not happen in time; the text says which."""


class Stage(Struct):
    """The two towns, and what has been shown so far."""

    nord: Kommune
    sued: Kommune
    times: list[float] = field(default_factory=list)

    async def show(self, text: str, town: Kommune, table: type[Any], *conditions: ColumnElement[bool]) -> None:
        """Wait until a row is there in `town`, and print the step with its time."""
        await self._until(text, town, table, conditions, there=True)

    async def show_gone(self, text: str, town: Kommune, table: type[Any], *conditions: ColumnElement[bool]) -> None:
        """Wait until a row is gone from `town`, and print the step with its time."""
        await self._until(text, town, table, conditions, there=False)

    async def _until(
        self, text: str, town: Kommune, table: type[Any], conditions: Sequence[ColumnElement[bool]], *, there: bool
    ) -> None:
        started = time.perf_counter()
        query = select(table).where(*conditions).limit(1)
        while (await town.server.db.read(lambda session: session.scalar(query)) is not None) is not there:
            if time.perf_counter() - started > STEP_SECONDS:
                raise DemoFailed(f"{text}: this did not happen within {STEP_SECONDS:.0f} s.")
            await asyncio.sleep(LOOK_EVERY)
        self.times.append(time.perf_counter() - started)
        took = click.style(f"{self.times[-1] * 1_000:7.0f} ms", dim=True)
        click.echo(f"  {click.style('✓', fg='green')} {text:<42} {took}")


async def demonstrate() -> None:
    """Start Nordstadt and Südstadt, and show a follow, a post, a reply, a like, an announce, an edit, a delete.

    Raises `DemoFailed`.
    """
    with tempfile.TemporaryDirectory(prefix="kommune-demo-") as folder:
        async with _town("nord", "Nordstadt", Path(folder)) as nord, _town("sued", "Südstadt", Path(folder)) as sued:
            for app in (nord, sued):
                click.echo(f"{click.style(app.server.instance.name, bold=True)} {app.server.instance.origin}")
            await _play(Stage(nord, sued))


async def _play(stage: Stage) -> None:
    nord, sued = stage.nord.server, stage.sued.server
    anna = await nord.db.write(create_local_actor, "anna", name="Anna aus Nordstadt")
    verein = await sued.db.write(create_local_actor, "sportverein", kind="Group", name="Sportverein Südstadt")

    handle = parse_handle(f"sportverein@{sued.instance.account_domain}", test_network=True)
    found = await nord.resolver.handle(handle)
    click.echo(f"  Anna sucht und findet {click.style(found.name, bold=True)} (@{found.username}@{found.domain})")

    asked = await nord.db.write(_follow, anna, found)
    await stage.show("Anna's Follow reaches the club", stage.sued, Follow, Follow.uri == asked.uri)
    accepted = (Follow.uri == asked.uri, Follow.accepted_at.is_not(None))
    await stage.show("the club's Accept comes back", stage.nord, Follow, *accepted)

    post = await sued.db.write(_write, verein, "<p>Am Samstag ist Sommerfest!</p>")
    await stage.show("the club's post arrives with Anna", stage.nord, Status, Status.uri == post.uri)
    reply = await nord.db.write(_write, anna, "<p>Wir kommen gern.</p>", post.uri)
    await stage.show("Anna's reply comes back to the club", stage.sued, Status, Status.uri == reply.uri)
    liked = await nord.db.write(_like, anna, post.uri)
    await stage.show("Anna's Like arrives", stage.sued, Like, Like.uri == liked.uri)
    announced = await nord.db.write(_announce, anna, post.uri)
    await stage.show("Anna's Announce arrives", stage.sued, Announce, Announce.uri == announced.uri)

    await sued.db.write(_edit, post.uri, "<p>Am Sonntag ist Sommerfest!</p>")
    edited = (Status.uri == post.uri, Status.edited_at.is_not(None))
    await stage.show("the club's edit arrives", stage.nord, Status, *edited)
    await sued.db.write(_delete, post.uri)
    await stage.show_gone("the club's Delete arrives", stage.nord, Status, Status.uri == post.uri)


@asynccontextmanager
async def _town(key: str, name: str, folder: Path) -> AsyncIterator[Kommune]:
    """Serve one municipality on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config(
        instance=InstanceConfig(origin=f"http://{key}.localhost:{listener.getsockname()[1]}", name=name),
        database=DatabaseConfig(url=f"sqlite:///{folder / key}.db"),
        media=MediaConfig(storage=str(folder / f"{key}-media")),
        federation=FederationConfig(allow_http=True, allow_networks=("127.0.0.0/8",)),
    )
    async with running(create_app(config), listener) as app:
        yield app


def _follow(unit: Unit, follower: Actor, followed: Actor) -> Follow:
    row = follow(unit, follower, followed)
    send.send_follow(unit, row)
    return row


def _write(unit: Unit, author: Actor, html: str, in_reply_to: str | None = None) -> Status:
    status_id = new_id(unit.now)
    parent = _status(unit, in_reply_to) if in_reply_to else None
    draft = StatusDraft(
        id=status_id,
        uri=unit.instance.status_uri(author.username, status_id),
        url=unit.instance.status_url(author.username, status_id),
        author=author,
        visibility=Visibility.PUBLIC,
        text=StatusText(content=sanitize(html), language="de", mentions=[parent.actor] if parent else []),
        published_at=unit.now,
        in_reply_to_uri=in_reply_to,
    )
    status = create_status(unit, draft)
    send.send_status(unit, status)
    return status


def _like(unit: Unit, actor: Actor, status_uri: str) -> Like:
    status = _status(unit, status_uri)
    row = like(unit, actor, status)
    send.send_like(unit, row, status)
    return row


def _announce(unit: Unit, actor: Actor, status_uri: str) -> Announce:
    status = _status(unit, status_uri)
    row = announce(unit, actor, status)
    send.send_announce(unit, row, status)
    return row


def _edit(unit: Unit, status_uri: str, html: str) -> None:
    status = _status(unit, status_uri)
    edit_status(unit, status, StatusText(content=sanitize(html), language="de"), unit.now)
    send.send_status_update(unit, status)


def _delete(unit: Unit, status_uri: str) -> None:
    status = _status(unit, status_uri)
    send.send_status_delete(unit, status)
    delete_status(unit, status)


def _status(unit: Unit, uri: str) -> Status:
    return unit.scalars(select(Status).where(Status.uri == uri).options(*STATUS_OPTIONS)).one()
