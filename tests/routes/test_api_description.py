"""The description of the client API says what the routes do, for programs and for people."""

import ast
import asyncio
import gc
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import fediverse_kommune.api
from fediverse_kommune.api.description.openapi import Description
from fediverse_kommune.api.description.operations import Operation, operations
from fediverse_kommune.api.description.reading import READERS, Sources, Unreadable, read_handler
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routes import DESCRIPTION, METHODS, PAGES
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services.scopes import SCOPES
from tests.client import Browser, anonymous
from tests.town import Town

ADDRESS = "/api/openapi.json"
API = Path(fediverse_kommune.api.__file__).parent


@pytest.fixture(scope="module")
def found() -> list[Operation]:
    return operations(PAGES)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(asyncio.run(DESCRIPTION.made()).document)
    return answer


def described(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


# ------------------------------------------------------------------------------------------------ all of it


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    declared = {
        (method, route.path.replace("<path:", "<").replace("<", "{").replace(">", "}"))
        for page in PAGES
        for route in page.all
        for method in route.methods
    }
    assert {(method, path) for method, path, _ in described(document)} == declared


def test_every_operation_has_a_name_of_its_own_a_sentence_and_a_page_to_read_on(document: dict[str, Any]) -> None:
    all_of_them = [operation for _, _, operation in described(document)]
    assert len({operation["operationId"] for operation in all_of_them}) == len(all_of_them)
    for operation in all_of_them:
        assert re.fullmatch(r"[A-Z]\S*( \S+)*\.", operation["summary"]), operation["summary"]
        assert operation["externalDocs"]["url"].startswith("https://"), operation["operationId"]
    tags = {tag["name"] for tag in document["tags"]}
    assert {name for operation in all_of_them for name in operation["tags"]} == tags


def test_who_may_is_what_the_routes_declare(document: dict[str, Any]) -> None:
    securities = {f"{method} {path}": operation["security"] for method, path, operation in described(document)}
    assert securities["GET /api/v2/instance"] == []
    assert securities["GET /api/v1/statuses/{status_id}"] == [{}, {"token": ["read:statuses"]}]
    assert securities["GET /api/v1/profile"] == [{"token": ["profile"]}, {"token": ["read:accounts"]}]
    assert securities["GET /api/v1/apps/verify_credentials"] == [{"token": []}]
    assert securities["GET /api/v1/streaming/user"] == [
        {"token": ["read:statuses"]},
        {"token_in_query": ["read:statuses"]},
    ]
    flow = document["components"]["securitySchemes"]["token"]["flows"]["authorizationCode"]
    assert set(flow["scopes"]) == set(SCOPES)
    assert all(flow["scopes"].values())


# ----------------------------------------------------------------------------------------------- parameters


def names(operation: Operation) -> dict[str, Any]:
    def inside(parameters: Any) -> dict[str, Any]:
        return {
            name: inside(parameter.inside)
            if parameter.inside
            else parameter.reader + ("!" if parameter.required else "")
            for name, parameter in parameters.items()
        }

    return inside(operation.found.parameters)


PAGING = {"limit": "integer", "max_id": "one_id", "since_id": "one_id", "min_id": "one_id"}
RULES = {"automatic_approval": "many", "always": "many", "manual_approval": "many", "with_approval": "many"}
POLICY = dict.fromkeys(("can_favourite", "can_reply", "can_reblog", "can_quote"), RULES)
READ: dict[str, dict[str, Any]] = {
    "POST /api/v1/statuses": {
        "status": "text",
        "visibility": "text",
        "in_reply_to_id": "one_id",
        "media_ids": "ids",
        "spoiler_text": "text",
        "sensitive": "boolean",
        "language": "text",
        "local_only": "boolean",
        "bubble_only": "boolean",
        "poll": {"options": "many", "expires_in": "integer", "multiple": "boolean", "hide_totals": "boolean"},
        "quoted_status_id": "one_id",
        "quote_approval_policy": "text",
        "interaction_policy": POLICY,
        "scheduled_at": "instant",
    },
    "GET /api/v1/timelines/tag/{hashtag}": {
        "any": "many",
        "all": "many",
        "none": "many",
        "local": "boolean",
        "remote": "boolean",
        "only_media": "boolean",
        **PAGING,
    },
    "PATCH /api/v1/accounts/update_credentials": {
        "avatar": "file",
        "header": "file",
        "fields_attributes": {"name": "text", "value": "text"},
        "display_name": "text",
        "note": "text",
        "bot": "boolean",
        "locked": "boolean",
        "discoverable": "boolean",
        "indexable": "boolean",
        "hide_collections": "boolean",
        "show_media": "boolean",
        "show_media_replies": "boolean",
        "show_featured": "boolean",
        "attribution_domains": "many",
        "avatar_description": "text",
        "header_description": "text",
        "source": {"privacy": "text", "sensitive": "boolean", "language": "text", "quote_policy": "text"},
        "email_subscriptions": "boolean",
        "group": {"posting": "text", "local_only": "boolean"},
    },
    "POST /api/v1/markers": {"home": {"last_read_id": "one_id"}, "notifications": {"last_read_id": "one_id"}},
    "GET /api/v1/streaming": {"stream": "text", "tag": "text", "list": "text"},
    "GET /api/v1/trends/tags": {"limit": "integer", "offset": "integer"},
    "POST /api/v2/filters/{filter_id}/statuses": {"status_id": "one_id!"},
    "POST /api/v1/admin/retention": {"start_at": "text", "end_at": "text", "frequency": "text"},
    "POST /api/v1/admin/dimensions": {
        "start_at": "text",
        "end_at": "text",
        "limit": "integer",
        "keys": "many",
        "tag_servers": {"id": "text!"},
        "tag_languages": {"id": "text!"},
        "instance_accounts": {"domain": "text!"},
        "instance_languages": {"domain": "text!"},
    },
    "GET /api/v1/preferences": {},
}


@pytest.mark.parametrize("operation", READ)
def test_what_a_route_reads_is_found(found: list[Operation], operation: str) -> None:
    method, _, path = operation.partition(" ")
    assert [names(each) for each in found if (each.method, each.path) == (method, path)] == [READ[operation]]


def test_no_parameter_is_read_that_is_not_described(found: list[Operation]) -> None:
    """Every call of a reader in the rooms of the API is one that was found for some route."""
    called = {
        (str(file), node.end_lineno, node.end_col_offset)
        for file in API.rglob("*.py")
        if file.name not in {"params.py", "reading.py"}
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS
    }
    assert len(called) > 250
    assert called - {call for operation in found for call in operation.found.calls} == set()


def test_the_readers_are_those_of_the_parameters() -> None:
    public = {name for name in vars(Params) if not name.startswith("_")}
    assert public - {"is_filled"} == READERS


def test_a_name_that_only_a_request_knows_is_no_name() -> None:
    async def reads(call: Call, name: str) -> str | None:
        return call.params.text(name)

    with pytest.raises(Unreadable, match="which parameter is read"):
        read_handler(reads, Sources())


def test_a_name_that_depends_is_every_name_that_it_may_be() -> None:
    async def reads(call: Call) -> None:
        for name in ("a", "b"):
            call.params.boolean(name)
        name = "c" if call.viewer else "d"
        if call.viewer:
            name = "e"
        inside = call.params.nested(name)
        (first, second), third = (inside.text("f"), inside.required("g")), inside.ids("h")
        assert [first, second, third]

    parameters = read_handler(reads, Sources()).parameters
    assert list(parameters) == ["a", "b", "c", "d", "e"]
    assert {name: (each.reader, each.required) for name, each in parameters["d"].inside.items()} == {
        "f": ("text", False),
        "g": ("text", True),
        "h": ("ids", False),
    }


def test_parameters_are_described_where_they_are_sent(document: dict[str, Any]) -> None:
    listing = document["paths"]["/api/v1/accounts/relationships"]["get"]
    id_ = {"$ref": "#/components/schemas/Id"}
    assert listing["parameters"] == [
        {"name": "id[]", "in": "query", "required": False, "schema": {"type": "array", "items": id_}},
        {"name": "with_suspended", "in": "query", "required": False, "schema": {"type": "boolean"}},
    ]
    assert "requestBody" not in listing
    upload = document["paths"]["/api/v1/media/{media_id}"]["put"]
    assert upload["parameters"] == [{"name": "media_id", "in": "path", "required": True, "schema": id_}]
    sent = upload["requestBody"]["content"]
    assert set(sent["multipart/form-data"]["schema"]["properties"]) == {"thumbnail", "description", "focus"}
    assert set(sent["application/json"]["schema"]["properties"]) == {"description", "focus"}
    writing = document["paths"]["/api/v1/statuses"]["post"]
    assert [each["name"] for each in writing["parameters"]] == ["Idempotency-Key"]
    encoding = writing["requestBody"]["content"]["application/x-www-form-urlencoded"]["encoding"]
    assert encoding["poll"] == {"style": "deepObject", "explode": True}
    assert document["paths"]["/oauth/token"]["post"]["parameters"] == []


# -------------------------------------------------------------------------------------------------- answers


ANSWERS: dict[str, tuple[list[int], str | None]] = {
    "GET /health": ([200, 429, 503], "text/plain"),
    "GET /api/v1/streaming": ([101, 400, 401, 403, 404, 422, 429, 503], None),
    "GET /api/v1/streaming/user": ([200, 400, 401, 403, 404, 422, 429, 503], "text/event-stream"),
    "GET /api/v1/streaming/{channel}": ([200, 400, 404, 429, 503], "application/json"),
    "GET /api/v1/media/{media_id}": ([200, 206, 401, 403, 404, 422, 429, 503], "application/json"),
    "POST /api/v2/media": ([200, 202, 401, 403, 413, 422, 429, 503], "application/json"),
    "POST /api/v1/statuses": ([200, 401, 403, 404, 409, 413, 422, 429, 503], "application/json"),
    "GET /api/v1/preferences": ([200, 401, 403, 422, 429, 503], "application/json"),
    "PATCH /api/v1/admin/instance/rules/{rule_id}": ([200, 401, 403, 404, 413, 422, 429, 503], "application/json"),
    "GET /api/openapi.json": ([200, 429, 503], "application/json"),
}


@pytest.mark.parametrize("operation", ANSWERS)
def test_the_answers_are_those_that_a_route_gives(document: dict[str, Any], operation: str) -> None:
    method, _, path = operation.partition(" ")
    responses = document["paths"][path][method.lower()]["responses"]
    statuses, kind = ANSWERS[operation]
    assert [int(status) for status in responses] == statuses
    assert list(responses[str(statuses[0])].get("content", {})) == ([kind] if kind else [])


def test_errors_have_the_shape_that_all_have_unless_a_route_has_one_of_its_own(document: dict[str, Any]) -> None:
    statuses, collections = document["paths"]["/api/v1/statuses"], document["paths"]["/api/v1/collections"]
    assert statuses["post"]["responses"]["422"] == {"$ref": "#/components/responses/422"}
    assert collections["post"]["responses"]["422"]["content"] == {"application/json": {}}
    assert collections["post"]["responses"]["403"] == {"$ref": "#/components/responses/403"}


# --------------------------------------------------------------------------------------------- how it is read


async def test_it_is_made_once_and_served_to_everybody(stadt: Town) -> None:
    first = await anonymous(stadt).ask("GET", ADDRESS)
    again = await anonymous(stadt).ask("GET", ADDRESS)
    assert (first.status, first.json["openapi"]) == (200, "3.1.0")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert again.body == first.body


async def test_two_who_ask_at_once_wait_for_the_same() -> None:
    description = Description([*METHODS, Routes()])
    first, second = await asyncio.gather(description.made(), description.made())
    assert first is second


async def test_nobody_is_held_up_while_it_is_made() -> None:
    """Half a million objects are made for it: a full collection in between would stop the whole process."""
    collected: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            collected.append(info["generation"])

    gc.collect()  # what others left behind might be looked for just when this begins
    thresholds = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    gc.callbacks.append(note)
    try:
        await Description(METHODS).made()
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*thresholds)
    assert 2 not in collected
    assert gc.isenabled()


async def test_people_read_it_in_their_language(stadt: Town) -> None:
    browser = Browser(stadt)
    assert '<a href="/api">For apps</a>' in (await browser.open("/about")).text
    overview = await browser.open("/api/")
    assert (overview.status, overview.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert overview.headers["Cache-Control"] == "public, max-age=60"
    assert f'href="{ADDRESS}"' in overview.text
    assert '<a href="/api?of=statuses">statuses</a>' in overview.text
    english = await browser.open("/api?of=statuses")
    assert "Needs the token of a person." in english.text
    assert "<h2><code>POST /api/v1/statuses</code></h2>" in english.text
    assert "<code>poll[options][]</code> list of texts" in english.text
    german = await browser.open("/api?of=admin/accounts&lang=de")
    assert "Braucht das Token einer Person." in german.text
    assert "Die Rolle der Person umfasst: <code>manage_users</code>" in german.text
    assert (await browser.open("/api?of=nothing")).status == 404


async def test_every_operation_is_on_one_of_the_pages(stadt: Town, document: dict[str, Any]) -> None:
    browser = Browser(stadt)
    pages = re.findall(r'<a href="(/api\?of=[^"]+)">', (await browser.open("/api")).text)
    shown = [
        operation
        for page in pages
        for operation in re.findall(r"<h2><code>(.+?)</code></h2>", (await browser.open(page)).text)
    ]
    assert sorted(shown) == sorted(f"{method} {path}" for method, path, _ in described(document))
