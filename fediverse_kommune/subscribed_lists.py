"""Reading subscribed lists of domains at their hour, through the egress like everything from other servers."""

import logging

from activitypub.http import EgressError, Response
from activitypub.unit import StorageUnavailable
from fediverse_kommune.server import Server
from fediverse_kommune.services import list_subscriptions
from fediverse_kommune.services.list_formats import parse_list
from fediverse_kommune.services.list_subscriptions import Due
from fediverse_kommune.services.refusals import Refusal

log = logging.getLogger(__name__)

ACCEPT = "text/csv, application/json, text/plain;q=0.9"
TYPES = frozenset({"text/csv", "application/json", "text/plain", "application/octet-stream"})
LIST_BYTES = 4_000_000  # some 50,000 lines


async def read_due(server: Server) -> None:
    """Read the lists whose time has come. One that cannot be read is noted, and the next is read as well."""
    for due in await server.db.read(list_subscriptions.due, server.clock()):
        try:
            await read_one(server, due)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("the list at %s could not be taken in", due.url)
            await server.db.write(list_subscriptions.note_failure, due.id, "This server made a mistake with it.")


async def read_one(server: Server, due: Due) -> None:
    """Read a list, and propose what it says. What is wrong with it is noted beside it."""
    db, http = server.db, server.resolver.ctx.http
    try:
        answer = await http.get(due.url, accept=ACCEPT, expect=TYPES, limit=LIST_BYTES, known=due.etag)
        if answer.status == 304 and due.etag:
            await db.write(list_subscriptions.note_unchanged, due.id)
            return
        parsed = parse_list(_text_of(answer))
        await db.write(list_subscriptions.take_in, due.id, parsed, answer.headers.get("ETag", ""))
    except (EgressError, Refusal) as error:
        await db.write(list_subscriptions.note_failure, due.id, str(error))


def _text_of(answer: Response) -> str:
    """Return the text of a list. Raises `Refusal` for what is none."""
    if answer.status != 200:
        raise Refusal(f"Its server answered {answer.status}.")
    try:
        return answer.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("It is not UTF-8.") from error
