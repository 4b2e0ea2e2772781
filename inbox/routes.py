"""POST to an inbox: read, authenticate, authorise, store, 202. https://www.w3.org/TR/activitypub/#inbox"""

import logging
from collections.abc import Callable

from quart import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.http import is_activity_type
from activitypub.instance import INSTANCE_ACTOR_PATH
from activitypub.models import Actor
from activitypub.resolver import Resolver
from activitypub.routes import error_response, signed_message
from activitypub.unit import StorageUnavailable
from inbox.authenticate import Authenticator, NothingToDo, Refusal
from inbox.queue import InboxQueue

log = logging.getLogger(__name__)


def blueprint(
    resolver: Resolver, authenticator: Authenticator, queue: InboxQueue, wake: Callable[[], None], body_limit: int
) -> Blueprint:
    """Return the inbox routes. `wake` tells the worker that there is something to do; `body_limit` is in bytes."""
    routes = Blueprint("inbox", __name__)
    ctx = resolver.ctx

    async def receive(recipient_id: int | None) -> Response:
        if not is_activity_type(request.headers.get("Content-Type")):
            return _refuse(415, 'Send "application/activity+json".')
        request.max_content_length = body_limit
        body = await request.get_data(cache=False, as_text=False, parse_form_data=False)
        outcome = await authenticator.authenticate(signed_message(request, body))
        if isinstance(outcome, Refusal):
            log.info("refused %s: %s", outcome.status, outcome.message)
            return _refuse(outcome.status, outcome.message)
        if isinstance(outcome, NothingToDo):
            return _accepted()
        try:
            await queue.enqueue(outcome, recipient_id, ctx.clock())
        except StorageUnavailable:
            log.exception("an activity could not be stored")
            return _refuse(503, "This server cannot store anything just now. Please send this again later.")
        wake()
        return _accepted()

    @routes.post("/inbox")
    @routes.post(f"{INSTANCE_ACTOR_PATH}/inbox")
    async def shared_inbox() -> Response:
        return await receive(None)

    @routes.post("/users/<username>/inbox")
    async def personal_inbox(username: str) -> Response:
        recipient_id = await ctx.db.read(_local_actor_id, username)
        if recipient_id is None:
            return _refuse(404, f"Nobody here is called {username}.")
        return await receive(recipient_id)

    return routes


def _local_actor_id(session: Session, username: str) -> int | None:
    return session.scalar(select(Actor.id).where(Actor.handle == username.lower(), Actor.domain.is_(None)))


def _accepted() -> Response:
    return Response(b"", 202, content_type="application/json")


def _refuse(status: int, message: str) -> Response:
    response = error_response(status, message)
    if status == 503:
        response.headers["Retry-After"] = str(CAPS.retry_after_seconds)
    return response
