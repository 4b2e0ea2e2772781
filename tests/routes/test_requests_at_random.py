"""Whatever is sent, there is an answer: schemathesis makes requests of our own description, good ones and bad ones.

`KOMMUNE_EXAMPLES=100` sends a hundred of each kind for every operation instead of a few.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode

from fediverse_kommune.models import Role
from fediverse_kommune.services.scopes import SCOPES
from tests.belongings import belongings
from tests.client import Client, app_of, officer_of
from tests.town import town

EXAMPLES = int(os.environ.get("KOMMUNE_EXAMPLES", "2"))
SECONDS = 20
# What destroys comes last, and what staff do to others after what those others have is needed no more.
ORDER = ("get", "post", "put", "patch", "delete")
CONFIG = {"seed": 1, "generation": {"with-security-parameters": False}}

Document = dict[str, Any]


@dataclass(slots=True)
class Visitor:
    """Sends what was made up, and notes every answer that does not hold what the description promises."""

    address: str
    headers: Mapping[str, str]
    document: Document
    session: requests.Session = field(default_factory=requests.Session)
    faults: list[str] = field(default_factory=list)
    answers: int = 0

    def send(self, case: Case) -> None:
        sent = case.as_transport_kwargs(base_url=self.address)
        sent["headers"] = {**sent.get("headers", {}), **self.headers}
        name = f"{case.method} {case.path}"
        try:
            with self.session.request(**sent, stream=True, timeout=SECONDS, allow_redirects=False) as answer:
                fault = self._fault(case, answer)
        except requests.exceptions.InvalidHeader:
            return  # no client could send it
        except requests.RequestException as error:
            fault = f"no answer: {error!r}"
        self.answers += 1
        if fault is not None:
            self.faults.append(f"{name}: {fault}\n  {sent}")

    def _fault(self, case: Case, answer: requests.Response) -> str | None:
        promised = self.document["paths"][case.path][case.method.lower()]["responses"]
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if str(answer.status_code) not in promised:
            return f"{answer.status_code} is not among its answers: {answer.text[:200]}"
        content = promised[str(answer.status_code)].get("content", {"application/json": {}})
        if kind not in content:
            return f"{answer.status_code} of {kind}, and not {', '.join(content)}"
        if kind == "application/json":
            try:
                answer.json()
            except ValueError as error:
                return f"{answer.status_code} is no JSON: {error}"
        return None


def sweep(document: Document, visitor: Visitor) -> None:
    """Ask for everything, with values as they should be and with others."""
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIG))
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in sorted(operations, key=lambda each: ("/admin/" in each.path, ORDER.index(each.method.lower()))):
        _examples(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), visitor.send)
        if _can_be_wrong(document["paths"][operation.path][operation.method.lower()]):
            _examples(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), visitor.send)


def _can_be_wrong(described: Document) -> bool:
    """False where nothing is sent but texts, of which any will do."""
    return "requestBody" in described or any(each["schema"] != {"type": "string"} for each in described["parameters"])


def _examples(cases: Any, send: Callable[[Case], None]) -> None:
    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def each(case: Case) -> None:
        send(case)

    each()


def with_known_ids(document: Document, ids: Mapping[str, str]) -> Document:
    """Return the description with the ids of things that exist, in the place of what an id looks like."""
    changed: Document = json.loads(json.dumps(document))
    for name, schema in _named(changed):
        place = schema.get("items", schema)
        known = ids.get(name.removesuffix("[]")) or ids.get(name.removesuffix("[]").removesuffix("s"))
        if known is not None and place.get("$ref", "").endswith("/Id"):
            place.clear()
            place["enum"] = [known]
    return changed


def _named(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    if isinstance(node, dict):
        if "in" in node and "schema" in node:
            yield node["name"], node["schema"]
        for name, value in node.items():
            if name == "properties":
                yield from value.items()
            yield from _named(value)


async def ids_of(anna: Client, carla: Client) -> dict[str, str]:
    """Let Anna have one of everything; return the ids by the names that parameters have."""
    ids = await belongings(anna, carla)
    post = await carla.write("Wer kommt?", poll={"options": ["ich", "du"], "expires_in": 3600})
    quote = await anna.write("Schaut", quoted_status_id=post["id"])
    report = {"account_id": carla.id, "status_ids": [post["id"]], "comment": "Werbung"}
    rule = await anna.post("/api/v1/admin/instance/rules", json={"text": "Seid freundlich"})
    return ids | {
        "account_id": carla.id,
        "id": carla.id,
        "target_account_id": carla.id,
        "status_id": post["id"],
        "in_reply_to_id": post["id"],
        "quoted_status_id": post["id"],
        "quoting_status_id": quote["id"],
        "poll_id": post["poll"]["id"],
        "report_id": (await anna.post("/api/v1/reports", json=report))["id"],
        "rule_id": rule["id"],
        "max_id": quote["id"],
    }


@pytest.mark.timeout(180 + 60 * EXAMPLES)
async def test_nothing_that_is_sent_breaks_the_server(sqlite_template: Path, tmp_path: Path) -> None:
    """By an administrator with every scope: no 500, no answer that was not promised, no connection that drops."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'kommune.db')}"
    async with town(url, tmp_path / "stadt", show_domain_blocks="everybody") as stadt:
        anna = await officer_of(stadt, "anna", Role.ADMIN, scopes=" ".join(SCOPES))
        ids = await ids_of(anna, await app_of(stadt, "carla"))
        document = await anna.get("/api/openapi.json")
        headers = {"Host": f"{stadt.host}:{stadt.port}", "Authorization": f"Bearer {anna.token}"}
        visitor = Visitor(stadt.address, headers, document)
        await asyncio.to_thread(sweep, with_known_ids(document, ids), visitor)
    assert visitor.answers > 500
    assert not visitor.faults, "\n".join(visitor.faults)
