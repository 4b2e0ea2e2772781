"""What tests of quotes between servers do: ask for one, put a stamp on it, and look what became of it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Quote, QuoteState, Status
from tests.client import Client
from tests.fediverse import Person
from tests.town import Town


def request_for(person: Person, quoted_uri: str, **note: Any) -> dict[str, Any]:
    """Return a QuoteRequest of a person with the post that quotes inside, which is on their server."""
    post = person.note("<p>Sehr wahr</p>", quote=quoted_uri, **note)
    return person.activity("QuoteRequest", quoted_uri, instrument=post)


def stamp(author: Person, note: dict[str, Any], quoted: dict[str, Any], **changes: Any) -> str:
    """Put a stamp on the author's server and return its id."""
    uri = author.server.fresh_id("stamp")
    author.server.documents[uri.removeprefix(author.server.origin)] = {
        "@context": note["@context"],
        "id": uri,
        "type": "QuoteAuthorization",
        "attributedTo": author.uri,
        "interactingObject": note["id"],
        "interactionTarget": quoted["id"],
        **changes,
    }
    return uri


async def state(town: Town, uri: str) -> QuoteState | None:
    """Return the state of the quote in the status with this id."""

    def read(session: Session) -> QuoteState | None:
        return session.scalar(select(Quote.state).join(Status, Status.id == Quote.status_id).where(Status.uri == uri))

    return await town.read(read)


async def following(stadt: Town, client: Client, person: Person) -> None:
    """Let a resident follow a person of another server, so that what they write is kept."""
    actor = await stadt.meet(person)
    await client.post(f"/api/v1/accounts/{actor.id}/follow")
    asked = (await person.server.until_received("Follow"))[-1].activity
    await stadt.accept(person, person.activity("Accept", asked["id"]))
