"""B08: there is one way in: whatever path or method takes a POST, an activity without its signature goes nowhere."""

import json
import re

from quart import Quart

from tests.fediverse import ACTIVITY_TYPE, Remote
from tests.security.attack import repelled
from tests.security.letter import letter
from tests.town import Town

INBOXES = {"/inbox", "/actor/inbox", "/relay/inbox", "/users/anna/inbox"}
METHODS = ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "GET")
SPELLINGS = (
    "/inbox/",
    "//inbox",
    "/Inbox",
    "/INBOX",
    "/%69nbox",
    "/inbox.json",
    "/inbox/inbox",
    "/./inbox",
    "/users/anna/inbox/",
    "/users//inbox",
    "/users/niemand/inbox",
    "/users/anna/outbox",
    "/@anna/inbox",
    "/actor/inbox/",
)
ARGUMENTS = {"username": "anna", "name": "anna"}


def paths(app: Quart) -> set[str]:
    """Every path of the app, with something in the place of each argument."""
    argument = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    return {argument.sub(lambda match: ARGUMENTS.get(match[1], "1"), rule) for rule in rules}


async def test_the_inboxes_are_those_we_think(stadt: Town) -> None:
    everywhere = paths(stadt.app) | INBOXES | {f"{path}/inbox" for path in paths(stadt.app)}
    taken = {path for path in everywhere if stadt.app.inbox.takes({"type": "http", "method": "POST", "path": path})}
    assert taken == INBOXES


async def test_no_path_takes_an_activity_without_a_signature(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    body = json.dumps(bob.activity("Follow", resident.uri)).encode()
    forged = letter(stadt, bob, body).sign()
    forged.parameters["signature"] = forged.parameters["signature"][::-1].lstrip("=") + "=="
    forged.write_signature()
    headers = {name: value for name, value in forged.headers if name != "Host"}

    everywhere = paths(stadt.app) | INBOXES
    async with repelled(stadt, nachbar):
        for path in sorted(everywhere):
            for sent in ({"Content-Type": ACTIVITY_TYPE}, headers):
                status = await stadt.post(path, body, sent)
                assert status in (400, 401) if path in INBOXES else status < 500, path
                assert status != 202, path


async def test_other_spellings_and_methods_are_no_way_past_it(stadt: Town, nachbar: Remote) -> None:
    """Each with a signature that does not hold: by Mallory's key, in Bob's name."""
    resident, bob, mallory = await stadt.resident("anna"), nachbar.person("bob"), nachbar.person("mallory")
    for person in (bob, mallory):
        await stadt.meet(person)
    follow = bob.activity("Follow", resident.uri)

    async def answer(method: str, path: str, *more: tuple[str, str]) -> int:
        written = letter(stadt, bob, follow, path=path)
        written.method, written.key = method, mallory.key
        written.headers.extend(more)
        return await written.sign().send(stadt)

    async with repelled(stadt, nachbar):
        for path in SPELLINGS:
            assert await answer("POST", path) in (308, 400, 401, 404, 405), path
        for path in sorted(INBOXES):
            for method in METHODS[1:]:
                assert await answer(method, path) in (200, 404, 405), f"{method} {path}"
                assert await answer("POST", path, ("X-HTTP-Method-Override", method)) == 401
                assert await answer(method, path, ("X-HTTP-Method-Override", "POST")) in (200, 404, 405)


async def test_an_unsigned_stranger_of_any_content_type_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    body = json.dumps(bob.activity("Follow", resident.uri)).encode()
    types = [
        ACTIVITY_TYPE,
        "application/json",
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ]
    async with repelled(stadt, nachbar):
        for path in INBOXES:
            for content_type in types:
                assert await stadt.post(path, body, {"Content-Type": content_type}) in (401, 415)
