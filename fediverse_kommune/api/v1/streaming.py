"""https://docs.joinmastodon.org/methods/streaming/"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import msgspec
from quart import Response, websocket
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.strict_json import HostileJson, read_object
from fediverse_kommune.api.errors import ApiError
from fediverse_kommune.api.limits import network_of
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.pushes import access_of
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.models import List
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.streaming.connection import Caller, Connection, Ending
from fediverse_kommune.streaming.hub import Hub, TooManyStreams
from fediverse_kommune.streaming.streams import (
    READ_NOTIFICATIONS,
    READ_STATUSES,
    Stream,
    StreamRefused,
    find_stream,
)

routes = Routes()

HEARTBEAT_SECONDS = 15.0  # proxies hang up on what is silent for a minute
WORDS_WITHIN_SECONDS = 10.0
TOO_MANY = "Too many streams are open"
TRY_AGAIN = {"Retry-After": str(CAPS.retry_after_seconds)}
# The stream of a path may be narrowed to posts with files; the WebSocket has names for that.
WITH_MEDIA = {name: f"{name}:media" for name in ("public", "public:local", "public:remote")}


@routes.get("/api/v1/streaming/health", auth=Auth.NOBODY_ASKED)
async def health(call: Call) -> Response:
    """Say that streams can be opened here."""
    return Response("OK", content_type="text/plain; charset=utf-8")


# ------------------------------------------------------------------------------------- server-sent events


@routes.stream("/api/v1/streaming/user", scope=READ_STATUSES)
async def user(call: Call) -> Response:
    """Send what comes into the home timeline, and notifications if the app may read them."""
    return await _events(call, "user")


@routes.stream("/api/v1/streaming/user/notification", scope=READ_NOTIFICATIONS)
async def user_notification(call: Call) -> Response:
    """Send notifications."""
    return await _events(call, "user:notification")


@routes.stream("/api/v1/streaming/public", scope=READ_STATUSES)
async def public(call: Call) -> Response:
    """Send public posts."""
    return await _events(call, "public")


@routes.stream("/api/v1/streaming/public/local", scope=READ_STATUSES)
async def public_local(call: Call) -> Response:
    """Send public posts written here."""
    return await _events(call, "public:local")


@routes.stream("/api/v1/streaming/public/remote", scope=READ_STATUSES)
async def public_remote(call: Call) -> Response:
    """Send public posts written elsewhere."""
    return await _events(call, "public:remote")


@routes.stream("/api/v1/streaming/hashtag", scope=READ_STATUSES)
async def hashtag(call: Call) -> Response:
    """Send public posts with a hashtag."""
    return await _events(call, "hashtag")


@routes.stream("/api/v1/streaming/hashtag/local", scope=READ_STATUSES)
async def hashtag_local(call: Call) -> Response:
    """Send public posts with a hashtag that were written here."""
    return await _events(call, "hashtag:local")


@routes.stream("/api/v1/streaming/list", scope=READ_STATUSES)
async def of_list(call: Call) -> Response:
    """Send what comes into a list."""
    return await _events(call, "list")


@routes.stream("/api/v1/streaming/direct", scope=READ_STATUSES)
async def direct(call: Call) -> Response:
    """Send direct conversations that go on."""
    return await _events(call, "direct")


@routes.get("/api/v1/streaming/<path:channel>", auth=Auth.NOBODY_ASKED)
async def unknown(call: Call, channel: str) -> Response:
    """Refuse what is no stream, in the words of the documentation."""
    raise ApiError(400, "Unknown channel requested")


async def _events(call: Call, name: str) -> Response:
    """Answer with a stream that goes on until somebody hangs up."""
    if call.params.boolean("only_media"):
        name = WITH_MEDIA.get(name, name)
    hub, caller = call.server.hub, _caller(call)
    try:
        stream = await _find(call, name, call.params)
        stream.channels(caller.access.scopes)
        hub.check_room(caller)
    except StreamRefused as refusal:
        raise ApiError(refusal.status, refusal.message) from refusal
    except TooManyStreams as refusal:
        raise ApiError(429, TOO_MANY, headers=TRY_AGAIN) from refusal
    response = Response(_sent(hub, caller, stream), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.timeout = None
    return response


async def _sent(hub: Hub, caller: Caller, stream: Stream) -> AsyncIterator[str]:
    """Yield the events. It begins with the head of the answer, so that nothing after it is missed."""
    with suppress(TooManyStreams), hub.connected(caller, _event) as connection:
        hub.subscribe(connection, stream)
        yield ":)\n"
        async for message in connection.messages(heartbeat=":thump\n", every_seconds=HEARTBEAT_SECONDS):
            yield message


def _event(_label: Sequence[str], event: str, payload: str | None) -> str:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html; no payload of ours has a line break."""
    return f"event: {event}\ndata: {'undefined' if payload is None else payload}\n\n"


# --------------------------------------------------------------------------------------------- WebSocket


@routes.get("/api/v1/streaming", auth=Auth.NOBODY_ASKED)
async def host(call: Call) -> Response:
    """Say that streams are on this very host: nothing is here but the WebSocket."""
    raise NotFound


@routes.websocket("/api/v1/streaming", scope=(READ_STATUSES, READ_NOTIFICATIONS))
async def listen(call: Call) -> None:
    """Send the streams that are asked for in the query, and from then on by messages."""
    hub = call.server.hub
    try:
        with hub.connected(_caller(call), _message) as connection:
            protocols = websocket.requested_subprotocols
            await websocket.accept(subprotocol=protocols[0] if protocols else None)
            conversation = Conversation(call, connection)
            if call.params.is_filled("stream"):
                await conversation.change("subscribe", call.params)
            await _converse(conversation, connection)
    except TooManyStreams as refusal:
        raise ApiError(429, TOO_MANY, headers=TRY_AGAIN) from refusal


async def _converse(conversation: "Conversation", connection: Connection) -> None:
    """Send and receive until the stream ends. Who takes nothing is not waited for, not even to say goodbye."""
    tasks = [
        asyncio.create_task(_send_all(connection)),
        asyncio.create_task(conversation.hear()),
        asyncio.create_task(connection.over()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if connection.ended is not None and connection.ended is not Ending.TOO_SLOW:
        await websocket.close(*connection.ended.value)


async def _send_all(connection: Connection) -> None:
    async for message in connection.messages():
        await websocket.send(message)


class Conversation:
    """What an app says inside its WebSocket."""

    def __init__(self, call: Call, connection: Connection) -> None:
        self._call = call
        self._connection = connection
        self._said: deque[float] = deque(maxlen=CAPS.stream_words)

    async def hear(self) -> None:
        """Do what the app says. What is no request of ours is passed over; too many of them end the stream."""
        loop = asyncio.get_running_loop()
        while self._connection.ended is None:
            text = await websocket.receive()
            self._said.append(loop.time())
            full = len(self._said) == self._said.maxlen
            if isinstance(text, bytes) or (full and loop.time() - self._said[0] < WORDS_WITHIN_SECONDS):
                self._connection.end(Ending.MISUSE)
                return
            try:
                params = Params(read_object(text.encode()))
                await self.change(params.text("type"), params)
            except (HostileJson, Invalid):
                continue

    async def change(self, kind: str | None, params: Params) -> None:
        """Subscribe or unsubscribe; tell the app if that cannot be."""
        hub = self._call.server.hub
        try:
            if kind == "subscribe":
                hub.subscribe(self._connection, await _find(self._call, params.text("stream"), params))
            elif kind == "unsubscribe":
                hub.unsubscribe(self._connection, _named(params.text("stream"), params))
        except StreamRefused as refusal:
            await _complain(refusal.status, refusal.message)
        except NotFound as refusal:
            await _complain(404, refusal.message)
        except TooManyStreams:
            await _complain(429, TOO_MANY)


async def _complain(status: int, error: str) -> None:
    await websocket.send(msgspec.json.encode({"error": error, "status": status}).decode())


def _message(label: Sequence[str], event: str, payload: str | None) -> str:
    message = {"stream": label, "event": event}
    return msgspec.json.encode(message if payload is None else message | {"payload": payload}).decode()


# -------------------------------------------------------------------------------------------- both of them


def _caller(call: Call) -> Caller:
    if call.viewer is None:
        raise AssertionError("streams need Auth.PERSON")
    return Caller(
        call.viewer.token_id, call.me.actor, access_of(call.viewer, call.me), network_of(call.request.remote_addr)
    )


async def _find(call: Call, name: str | None, params: Params) -> Stream:
    """Return the stream that is asked for. Raises `StreamRefused`, and `NotFound` for a list that is not one's own."""
    stream = _named(name, params)
    if stream.name == "list" and not await call.read(_has_list, call.me.actor.id, stream.argument):
        raise NotFound
    return stream


def _named(name: str | None, params: Params) -> Stream:
    return find_stream(name, tag=params.text("tag"), list_id=params.text("list"))


def _has_list(session: Session, actor_id: int, list_id: str) -> bool:
    if not (list_id.isascii() and list_id.isdigit() and len(list_id) <= 18):
        return False
    mine = select(List.id).where(List.id == int(list_id), List.actor_id == actor_id)
    return session.scalar(mine) is not None
