"""Lists of domains: taken over, given away, and subscribed to. Rows K08 and I01."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, DomainAllow, DomainBlock, Follow, Severity, new_id
from activitypub.unit import Unit
from fediverse_kommune.cli_federation import main
from fediverse_kommune.models import AuditEntry, DomainList, DomainProposal, ListKind
from fediverse_kommune.services import list_subscriptions
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from tests.fediverse import Remote
from tests.routes.test_staff_commands import CONFIG, run
from tests.town import Town

LIST = "#domain,#severity\nnachbar.test,suspend\nlaut.example,silence\nx.example,suspend\n"


def blocks(session: Session) -> dict[str, str]:
    return {row.domain: str(row.severity) for row in session.scalars(select(DomainBlock).order_by(DomainBlock.domain))}


def last_line(session: Session) -> tuple[str, str, Mapping[str, Any]]:
    row = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).one()
    return row.action, row.target, row.details


async def test_a_list_is_taken_over_all_of_it_or_nothing(
    stadt: Town, nachbar: Remote, database_url: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    await stadt.resident("anna")
    emil = nachbar.person("emil")
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/anna"))

    async def command(*words: str, given: str = "") -> str:
        result = await run(stadt, database_url, tmp_path, "federation", *words, given=given)
        assert result.exit_code == 0, result.output
        return result.output

    with subtests.test("a preview changes nothing"):
        said = await command("import", "-", "--dry-run", given=LIST)
        assert "+ nachbar.test\tsuspend\t1 follows end\n" in said
        assert "3 new, 0 changed, 0 as they are, 0 left out; 1 follows end." in said
        assert await stadt.read(blocks) == {}
    with subtests.test("it is done, and the log says what"):
        await command("import", "-", "--yes", given=LIST)
        assert await stadt.read(blocks) == {
            "laut.example": "silence",
            "nachbar.test": "suspend",
            "x.example": "suspend",
        }
        assert await stadt.count(Follow) == 0
        action, _, details = await stadt.read(last_line)
        assert (action, details["add"]) == ("domain_list.import", ["nachbar.test", "laut.example", "x.example"])
    with subtests.test("what it says already, milder or of us, changes nothing"):
        milder = f"#domain,#severity\nnachbar.test,silence\na.x.example,suspend\n{stadt.host},suspend\ntest,suspend\n"
        said = await command("import", "-", "--yes", given=milder)
        assert "0 new, 0 changed, 2 as they are, 2 left out" in said
        said = await command("import", "-", "--yes", given="#domain,#severity\nlaut.example,suspend\n")
        assert "0 new, 1 changed" in said
    with subtests.test("what is allowed here stays"):
        await command("import", "-", "--yes", "--kind", "allow", given="#domain\nfreund.example\n")
        said = await command("import", "-", "--yes", given="freund.example\n")
        assert "- freund.example\tallowed here" in said
        assert "freund.example" not in await stadt.read(blocks)
    with subtests.test("it is given away in both forms"):
        assert (await command("export")).splitlines()[1] == "laut.example,suspend,false,false,,false"
        assert '"domain": "nachbar.test"' in await command("export", "--format", "json")
        assert await command("export", "--kind", "allow") == "#domain\nfreund.example\n"
    with subtests.test("what is no list"):
        result = await run(stadt, database_url, tmp_path, "federation", "import", "-", given='{"a": 1}')
        assert (result.exit_code, "no array of domains" in result.output) == (1, True)
    with subtests.test("a town that takes none"):
        path = tmp_path / "config.toml"
        path.write_text(CONFIG.format(host=stadt.host, port=stadt.port, url=database_url) + 'mode = "open"\n')
        arguments = ["federation", "subscribe", "--config", str(path), "https://kreis.example/list.csv"]
        result = await asyncio.to_thread(CliRunner().invoke, main, arguments)
        assert (result.exit_code, "[federation] mode" in result.output) == (1, True)


class Published:
    """A list on a web server."""

    def __init__(self, remote: Remote) -> None:
        self.text, self.status, self.asked = LIST, 200, list[str | None]()
        remote.documents["/list.csv"] = self.answer
        remote.believes = self.look

    def look(self, request: web.Request) -> bool:
        if request.path == "/list.csv":
            self.asked.append(request.headers.get("If-None-Match"))
        return True

    def answer(self) -> web.Response:
        etag = f'"{hash(self.text)}"'
        status = 304 if self.asked[-1] == etag else self.status
        return web.Response(status=status, text="" if status == 304 else self.text, headers={"ETag": etag})


async def read_again(stadt: Town) -> None:
    """Let a day pass."""

    def make_due(unit: Unit) -> None:
        unit.execute(update(DomainList).values(next_read_at=unit.now - timedelta(seconds=1)))

    await stadt.write(make_due)
    await stadt.housekeep()


async def waiting(stadt: Town, list_id: int) -> dict[str, str]:
    rows = await stadt.read(list_subscriptions.waiting_of, list_id)
    return {row.domain: f"{row.change} {row.severity}" for row in rows}


async def ids(stadt: Town, list_id: int, *domains: str) -> list[int]:
    rows = await stadt.read(list_subscriptions.waiting_of, list_id)
    return [row.id for row in rows if not domains or row.domain in domains]


async def subscribed(stadt: Town, remote: Remote, *, automatic: bool, kind: ListKind = ListKind.BLOCK) -> int:
    subscribe = list_subscriptions.subscribe
    url = f"{remote.origin}/list.csv"
    row: DomainList = await stadt.write(carry_out, COMMAND_LINE, subscribe, kind, url, automatic=automatic)
    await stadt.housekeep()
    return row.id


async def test_a_subscribed_list_proposes_and_somebody_decides(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    published = Published(nachbar)
    number = await subscribed(stadt, nachbar, automatic=False)
    with subtests.test("nothing is done before somebody decides"):
        assert await stadt.read(blocks) == {}
        assert await waiting(stadt, number) == {
            "laut.example": "add silence",
            "nachbar.test": "add suspend",
            "x.example": "add suspend",
        }
    with subtests.test("some are accepted, one is refused for good"):
        accepted = await ids(stadt, number, "laut.example", "x.example")
        assert await stadt.write(carry_out, COMMAND_LINE, list_subscriptions.accept, accepted) == 2
        action, target, details = await stadt.read(last_line)
        assert (action, target) == ("domain_proposal.accept", f"{nachbar.origin}/list.csv")
        assert details == {"add": ["laut.example", "x.example"]}
        await stadt.write(carry_out, COMMAND_LINE, list_subscriptions.refuse, await ids(stadt, number))
        assert await stadt.read(blocks) == {"laut.example": "silence", "x.example": "suspend"}
    with subtests.test("the same again costs one request and asks nobody"):
        await read_again(stadt)
        assert published.asked[-1] is not None
        published.text += "# eine Bemerkung\n"
        await read_again(stadt)
        assert await waiting(stadt, number) == {}
    with subtests.test("what it changes and takes back is proposed"):
        published.text = "#domain,#severity\nnachbar.test,suspend\nx.example,silence\n"
        await read_again(stadt)
        assert await waiting(stadt, number) == {"laut.example": "remove silence", "x.example": "change silence"}
        await stadt.write(carry_out, COMMAND_LINE, list_subscriptions.accept, await ids(stadt, number))
        assert await stadt.read(blocks) == {"x.example": "silence"}
    with subtests.test("a list that is gone or broken changes nothing and is named"):
        for status, text, reason in (
            (500, LIST, "answered 500"),
            (200, " ", "empty"),
            (200, "a b\n", "names a domain"),
        ):
            published.status, published.text = status, text
            await read_again(stadt)
            (row,) = await stadt.read(list_subscriptions.all_lists)
            assert reason in (row.last_error or "")
            assert await waiting(stadt, number) == {}
        assert row.failures == 3
    with subtests.test("what it brought stays when it is no longer read"):
        await stadt.write(carry_out, COMMAND_LINE, list_subscriptions.unsubscribe, number)
        assert await stadt.read(blocks) == {"x.example": "silence"}
        assert await stadt.count(DomainProposal) == 0
        assert await stadt.count(DomainBlock, DomainBlock.list_id.is_not(None)) == 0


async def test_a_list_that_is_followed_without_asking_still_asks_about_much(stadt: Town, nachbar: Remote) -> None:
    """Twelve people here follow Emil: more than may end unasked."""
    emil = await stadt.meet(nachbar.person("emil"))
    published = Published(nachbar)

    def follow(unit: Unit, number: int) -> None:
        anna = unit.scalars(select(Actor).where(Actor.handle == f"p{number}")).one()
        row = Follow(
            id=new_id(unit.now),
            uri=f"{anna.uri}#follow/{number}",
            follower_id=anna.id,
            followed_id=emil.id,
            created_at=unit.now,
            accepted_at=unit.now,
        )
        unit.add(row)

    for number in range(12):
        await stadt.resident(f"p{number}")
        await stadt.write(follow, number)
    number = await subscribed(stadt, nachbar, automatic=True)
    assert await stadt.read(blocks) == {}
    assert len(await waiting(stadt, number)) == 3
    published.text = LIST.replace("nachbar.test,suspend\n", "")
    await read_again(stadt)
    assert await stadt.read(blocks) == {"laut.example": "silence", "x.example": "suspend"}
    action, _, details = await stadt.read(last_line)
    assert (action, details["automatic"]) == ("domain_proposal.follow", True)
    assert await stadt.count(Follow) == 12


async def test_a_subscribed_allowlist_lets_in_and_takes_back(stadt: Town, nachbar: Remote) -> None:
    published = Published(nachbar)
    published.text = "freund.example\nkreis.example\n"
    await subscribed(stadt, nachbar, automatic=True, kind=ListKind.ALLOW)
    assert await stadt.count(DomainAllow) == 2
    published.text = "freund.example\n"
    await read_again(stadt)
    assert await stadt.count(DomainAllow) == 1
    assert await stadt.count(DomainBlock, DomainBlock.severity == Severity.SUSPEND) == 0
