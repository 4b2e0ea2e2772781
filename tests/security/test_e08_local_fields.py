"""E08: no field of any form of the client API takes more than it should: it is refused or cut, never stored whole."""

import ast
import re
import sys
from pathlib import Path

from fediverse_kommune.api.routes import PAGES
from tests.client import app_of
from tests.fediverse import Remote
from tests.security.attack import serves
from tests.town import Town

READERS = {"text", "required", "boolean", "integer", "focus", "many", "ids", "nested", "entries"}
WRITING = {"POST", "PUT", "PATCH"}
LONG = "x" * 150_000
LONGEST_ROW = 60_000  # characters that any row may have after all this
# What a request needs beside the long field to get that far.
BESIDE = {"status": "kurz", "client_name": "x", "redirect_uris": "https://x.example/"}


def parameters_of(module: str) -> set[str]:
    """Every parameter that the routes of a file read, found in its source."""
    names = set()
    for node in ast.walk(ast.parse(Path(str(sys.modules[module].__file__)).read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr=reader), args=[ast.Constant(value=str(name)), *_]) if (
                reader in READERS and re.fullmatch(r"[a-z_]+", name)
            ):
                names.add(name)
    return names


async def test_no_parameter_of_any_route_is_stored_whole(stadt: Town, nachbar: Remote) -> None:
    kind = "json" if stadt.app.server.db.is_exclusive else "data"  # both kinds and both databases, each once
    anna = await app_of(stadt, "anna")
    numbers = {"status_id": (await anna.write("Guten Tag"))["id"], "account_id": anna.id}
    routes = [route for page in PAGES for route in page.all if WRITING & set(route.methods)]
    tried = 0
    for route in routes:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: numbers.get(match[1], numbers["status_id"]), route.path)
        for name in sorted(parameters_of(route.handler.__module__)):
            if path.endswith("/revoke"):
                continue  # it would end the test's own token
            body = {kind: {**BESIDE, name: LONG}}
            reply = await anna.ask(min(WRITING & set(route.methods)), path, **body)
            assert reply.status < 500, f"{path} with a long {name}"
            tried += 1
    assert tried > 50

    longest = {table: max(map(len, rows), default=0) for table, rows in (await stadt.state()).items()}
    assert max(longest.values()) <= LONGEST_ROW, longest
    await serves(stadt, nachbar)


async def test_what_counts_little_is_not_stored_without_end(stadt: Town, nachbar: Remote) -> None:
    """A link counts 23 characters and a handle its name, but neither is a way to keep a book in a post."""
    anna = await app_of(stadt, "anna")
    status = await anna.write("Guten Tag")
    for text in ("https://x.example/" + LONG, f"@anna@{LONG}.example", ("https://x.example/" + "x" * 1_900 + " ") * 70):
        for method, path in (("POST", "/api/v1/statuses"), ("PUT", f"/api/v1/statuses/{status['id']}")):
            for body in ({"status": text}, {"status": "kurz", "spoiler_text": text}):
                assert (await anna.ask(method, path, json=body)).status == 422
    assert (
        await anna.ask("POST", "/api/v1/statuses", json={"status": "https://x.example/" + "x" * 1_900})
    ).status == 200
    await serves(stadt, nachbar)
