"""What one person on another server does: short scenes of activities that belong together.

Each scene says what comes after what. Whatever happens to the server in between, and however often an activity is
sent again, what is left of a scene is the same (`faults.reference`).
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.activities import create, timestamp
from faults.witness import STRANGERS_NOTES

Activity = dict[str, Any]
CONTEXT = "https://www.w3.org/ns/activitystreams"


@dataclass(frozen=True, slots=True)
class Person:
    """An actor on a neighbour, whose activities and notes never bear the same id twice."""

    origin: str
    name: str
    fellow_origin: str
    resident: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def uri(self) -> str:
        """The actor's id."""
        return f"{self.origin}/users/{self.name}"

    def activity(self, kind: str, target: Any) -> Activity:
        """Return an activity about `target`, a URI or an object."""
        uri = f"{self.uri}/{kind.lower()}/{next(self.numbers)}"
        return {"@context": CONTEXT, "id": uri, "type": kind, "actor": self.uri, "object": target}

    def create(self) -> Activity:
        """Return the Create of a new note."""
        number = next(self.numbers)
        return create(self.uri, f"{self.origin}/notes/{self.name}/{number}", number)


Scene = Callable[[Person], list[Activity]]
SceneAbout = Callable[[Person, str], list[Activity]]


def write(person: Person) -> list[Activity]:
    """Write a note."""
    return [person.create()]


def edit(person: Person) -> list[Activity]:
    """Write a note and say it better."""
    created = person.create()
    note = created["object"]
    better = f"<p>Fassung {next(person.numbers)}: der Wochenmarkt öffnet um neun.</p>"
    edited = {**note, "content": better, "contentMap": {"de": better}, "updated": timestamp()}
    return [created, {**person.activity("Update", edited), "to": note["to"], "cc": note["cc"]}]


def withdraw(person: Person) -> list[Activity]:
    """Write a note and delete it."""
    created = person.create()
    return [created, person.activity("Delete", {"type": "Tombstone", "id": created["object"]["id"]})]


def withdraw_early(person: Person) -> list[Activity]:
    """Delete a note; only then its Create arrives."""
    return withdraw(person)[::-1]


def spread_word(person: Person) -> list[Activity]:
    """Announce what a stranger wrote on a third server, which has to be fetched there."""
    note = f"{person.fellow_origin}{STRANGERS_NOTES}{person.name}-{next(person.numbers)}"
    return [{**person.activity("Announce", note), **_in_public(person)}]


def follow(person: Person) -> list[Activity]:
    """Somebody new follows the resident; who that is has to be fetched."""
    return [_newcomer(person).activity("Follow", person.resident)]


def follow_and_leave(person: Person) -> list[Activity]:
    """Somebody new follows the resident, and thinks again."""
    newcomer = _newcomer(person)
    return _and_undo(newcomer, newcomer.activity("Follow", person.resident))


def like(person: Person, post: str) -> list[Activity]:
    """Like a post."""
    return [person.activity("Like", post)]


def like_and_regret(person: Person, post: str) -> list[Activity]:
    """Like a post and take it back."""
    return _and_undo(person, person.activity("Like", post))


def like_again(person: Person, post: str) -> list[Activity]:
    """Like a post, take it back, and like it after all."""
    return [*like_and_regret(person, post), person.activity("Like", post)]


def announce(person: Person, post: str) -> list[Activity]:
    """Announce a post."""
    return [{**person.activity("Announce", post), **_in_public(person)}]


def announce_and_regret(person: Person, post: str) -> list[Activity]:
    """Announce a post and take it back."""
    return _and_undo(person, {**person.activity("Announce", post), **_in_public(person)})


def reply(person: Person, post: str) -> list[Activity]:
    """Answer a post, naming its author."""
    created = person.create()
    answer = created["object"]
    answer["inReplyTo"] = post
    answer["tag"] = [{"type": "Mention", "href": person.resident, "name": "@anna"}]
    answer["cc"] = [*answer["cc"], person.resident]
    return [created]


SCENES: tuple[Scene, ...] = (write, edit, withdraw, withdraw_early, spread_word, follow, follow_and_leave)
SCENES_ABOUT_A_POST: tuple[SceneAbout, ...] = (
    like,
    like_and_regret,
    like_again,
    announce,
    announce_and_regret,
    reply,
)


def _newcomer(person: Person) -> Person:
    name = f"neu-{person.name}-{next(person.numbers)}"
    return Person(person.origin, name, person.fellow_origin, person.resident)


def _and_undo(person: Person, activity: Activity) -> list[Activity]:
    inner = {name: value for name, value in activity.items() if name != "@context"}
    return [activity, person.activity("Undo", inner)]


def _in_public(person: Person) -> Activity:
    published = {"published": timestamp()}
    return published | {"to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [f"{person.uri}/followers"]}
