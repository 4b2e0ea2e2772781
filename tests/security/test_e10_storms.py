"""E10: farewells of strangers cost nothing, and a post that all ask for at once is read once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from activitypub.models import Actor
from tests import acts
from tests.fediverse import Person, Remote, shared_key
from tests.town import Town

STRANGERS = 40


@contextmanager
def said_to_the_database(town: Town, *about: str) -> Iterator[list[str]]:
    """Collect the statements that name one of these tables, on all connections."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if any(name in statement for name in about):
            seen.append(statement)

    engines = {town.app.server.db.engine, town.app.server.db._reading}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


async def test_farewells_of_strangers_are_a_few_cheap_questions(stadt: Town, boese: Remote) -> None:
    strangers = [Person(boese, f"weg{number}", shared_key("weg")) for number in range(STRANGERS)]
    before = await stadt.state()
    stadt.looked_up.clear()
    # What the worker asks of its own queue every second names none of these, and changes nothing (`state`).
    with said_to_the_database(stadt, "actors", "INSERT INTO") as seen:
        answers = await asyncio.gather(*(stadt.deliver(each, each.activity("Delete", each.uri)) for each in strangers))
    assert answers == [202] * STRANGERS
    assert 0 < len(seen) < STRANGERS / 2, "those who come while some are asked about share the next question"
    assert all(statement.startswith("SELECT actors.uri") for statement in seen), seen[:3]
    assert stadt.looked_up == boese.requested == []
    assert await stadt.state() == before


async def test_a_post_that_all_ask_for_is_read_once(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna = await stadt.resident("anna")
    status = await stadt.write(acts.write, anna, "<p>Eins</p>")
    path = status.uri.removeprefix(stadt.origin)
    signers = [Person(boese, f"leser{number}", shared_key("leser")) for number in range(20)]

    async def ask(number: int) -> Any:
        headers = signers[number].asking(status.uri) if number < len(signers) else {}
        return await stadt.get(path, headers=headers)

    with said_to_the_database(stadt, "FROM statuses", "INSERT INTO") as seen:
        answers = await asyncio.gather(*(ask(number) for number in range(60)))
    assert {code for code, _ in answers} == {200}
    assert {document["content"] for _, document in answers} == {"<p>Eins</p>"}
    readings = [statement for statement in seen if "statuses.uri = " in statement]
    assert len(readings) <= (1 if stadt.app.server.db.is_exclusive else 20), "those who come while it is read share"
    assert not any("INSERT" in statement for statement in seen)
    assert boese.requested == [], "nobody's key is fetched for what everybody may read"

    bob = nachbar.person("bob")
    await stadt.meet(bob)
    blocked = await stadt.known(bob)
    assert blocked is not None
    assert (await stadt.get(path, headers=bob.asking(status.uri)))[0] == 200
    await stadt.write(acts.block, anna, blocked)
    assert (await stadt.get(path, headers=bob.asking(status.uri)))[0] == 404
    await stadt.accept(bob, bob.activity("Like", status.uri))
    assert (await stadt.get(path))[1]["likes"]["totalItems"] == 0, "who is blocked cannot like"
    await stadt.write(acts.edit, status.uri, "<p>Zwei</p>")
    assert (await stadt.get(path))[1]["content"] == "<p>Zwei</p>", "a change shows at once"
    await stadt.write(acts.delete, status.uri)
    assert (await stadt.get(path))[0] == 410
    assert await stadt.count(Actor, Actor.host == boese.domain) == 0
