"""https://docs.joinmastodon.org/methods/polls/"""

import logging

from sqlalchemy.orm import Session

from activitypub.fetch import FetchError
from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.poll import poll_entity
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.services import polls
from fediverse_kommune.services.refusals import Invalid

log = logging.getLogger(__name__)
routes = Routes()


@routes.get("/api/v1/polls/<poll_id>", scope="read:statuses", auth=Auth.OPTIONAL)
async def show(call: Call, poll_id: int) -> Entity:
    """Return a poll; its server is asked first if what is known here may be old and somebody logged in asks."""
    status, poll = await call.read(polls.find_readable, call.reader.actor, poll_id)
    if call.reader.actor is not None and polls.is_stale(status, poll, call.reader.now):
        await call.write(polls.note_fetch, poll_id)
        try:
            await call.server.resolver.tallies(status.uri)
        except FetchError as error:
            log.info("the tallies of %s stay as they are: %s", status.uri, error)
    return await call.read(_entity, call.reader, poll_id)


@routes.post("/api/v1/polls/<poll_id>/votes", scope="write:statuses")
async def vote(call: Call, poll_id: int) -> Entity:
    """Vote; the answer is the poll with the vote in it."""
    choices = call.params.many("choices") or []
    if not all(choice.isascii() and choice.isdigit() and len(choice) < 4 for choice in choices):
        raise Invalid("choices are the places of the options, from 0.")
    return await call.write(_vote, call.reader, poll_id, [int(choice) for choice in choices])


def _vote(unit: Unit, reader: Reader, poll_id: int, choices: list[int]) -> Entity:
    if reader.actor is None:
        raise AssertionError("a route that acts has to declare Auth.PERSON")
    polls.vote(unit, unit.get_one(Actor, reader.actor.id), poll_id, choices)
    return _entity(unit, reader, poll_id)


def _entity(session: Session, reader: Reader, poll_id: int) -> Entity:
    status, poll = polls.find_readable(session, reader.actor, poll_id)
    votes = polls.own_votes(session, poll_id, reader.actor.id) if reader.actor else None
    is_author = reader.actor is not None and status.actor_id == reader.actor.id
    return poll_entity(poll, status.emojis, reader.now, own_votes=votes, is_author=is_author)
