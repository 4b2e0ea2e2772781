"""Whatever is sent, there is an answer: schemathesis makes requests of our own description, good ones and bad ones.

`KOMMUNE_EXAMPLES=100` sends a hundred good ones and fifty bad ones for every operation instead of two and one.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode

from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Announcement, Role
from fediverse_kommune.services.dimensions import DIMENSIONS
from fediverse_kommune.services.house_rules import PRIVACY_POLICY, write_terms, write_text
from fediverse_kommune.services.measures import MEASURES
from fediverse_kommune.services.scopes import SCOPES
from tests.belongings import belongings
from tests.client import Client, app_of, officer_of
from tests.push_service import Subscriber
from tests.town import town

EXAMPLES = int(os.environ.get("KOMMUNE_EXAMPLES", "2"))
SECONDS = 20
# What destroys comes last, and what staff do to others after what those others have is needed no more.
ORDER = ("get", "post", "put", "patch", "delete")
CONFIG = {"seed": 1, "generation": {"with-security-parameters": False}}

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"

Document = dict[str, Any]


@dataclass(slots=True)
class Visitor:
    """Sends what was made up, and notes every answer that does not hold what the description promises."""

    address: str
    headers: Mapping[str, str]
    document: Document
    session: requests.Session = field(default_factory=requests.Session)
    faults: list[str] = field(default_factory=list)
    answered: dict[str, int] = field(default_factory=dict)
    """The best status of each operation."""

    def send(self, case: Case) -> None:
        sent = case.as_transport_kwargs(base_url=self.address)
        sent["headers"] = {**sent.get("headers", {}), **self.headers}
        try:
            with self.session.request(**sent, stream=True, timeout=SECONDS, allow_redirects=False) as answer:
                fault = self._fault(case, answer)
                name = f"{case.method} {case.path}"
                self.answered[name] = min(answer.status_code, self.answered.get(name, 600))
        except requests.exceptions.InvalidHeader:
            return  # no client could send it
        except requests.RequestException as error:
            fault = f"no answer: {error!r}"
        if fault is not None:
            self.faults.append(f"{case.method} {case.path}: {fault}\n  {sent}")

    def _fault(self, case: Case, answer: requests.Response) -> str | None:
        promised = self.document["paths"][case.path][case.method.lower()]["responses"]
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if str(answer.status_code) not in promised:
            return f"{answer.status_code} is not among its answers: {answer.text[:200]}"
        content = promised[str(answer.status_code)].get("content", {"application/json": {}})
        if kind not in content:
            return f"{answer.status_code} of {kind}, and not {', '.join(content)}"
        return self._fault_of_json(answer, promised[str(answer.status_code)]) if kind == "application/json" else None

    def _fault_of_json(self, answer: requests.Response, promised: Document) -> str | None:
        try:
            body = answer.json()
        except ValueError as error:
            return f"{answer.status_code} is no JSON: {error}"
        if "$ref" in promised and not isinstance(body["error"], str):
            return f"{answer.status_code} says no sentence: {body}"
        return None


def sweep(document: Document, visitor: Visitor) -> None:
    """Ask for everything, with values as they should be and with others."""
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIG))
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in sorted(operations, key=lambda each: ("/admin/" in each.path, ORDER.index(each.method.lower()))):
        _examples(EXAMPLES, operation.as_strategy(generation_mode=GenerationMode.POSITIVE), visitor.send)
        if _can_be_wrong(document["paths"][operation.path][operation.method.lower()]):
            _examples(EXAMPLES // 2, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), visitor.send)


def _can_be_wrong(described: Document) -> bool:
    """False where nothing is sent but texts, of which any will do."""
    return "requestBody" in described or any(each["schema"] != {"type": "string"} for each in described["parameters"])


def _examples(most: int, cases: Any, send: Callable[[Case], None]) -> None:
    @seed(1)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def each(case: Case) -> None:
        send(case)

    each()


# ------------------------------------------------------------------------------------------------ what makes sense

# Words that mean something under these names; others under the same names come with the requests that are wrong.
WORDS = {
    "acct": ["carla", "@carla@stadt.test", "nina@nachbar.test"],
    "by_domain": ["nachbar.test"],
    "category": ["spam", "violation", "other"],
    "choices": ["0", "1"],
    "context": ["home", "notifications", "public", "thread", "account"],
    "domain": ["nachbar.example", "xn--brger-kva.example"],
    "email": ["wer@post.example"],
    "end_at": ["2026-11-30", "2026-12-24T18:00:00Z"],
    "endpoint": ["https://push.example/1"],
    "exclude_types": ["mention", "follow"],
    "expand_accounts": ["full", "partial_avatars"],
    "filter_action": ["warn", "hide", "blur"],
    "frequency": ["day", "month"],
    "grant_type": ["client_credentials", "authorization_code"],
    "grouped_types": ["favourite", "follow", "reblog"],
    "ip": ["2001:db8::/48", "203.0.113.9"],
    "keys": [*MEASURES, *DIMENSIONS],
    "keyword": ["Kanarienvogel"],
    "lang": ["en", "de"],
    "language": ["de", "en-GB", "gsw"],
    "languages": ["de", "en"],
    "locale": ["de"],
    "name": ["fest", "Straßenfest"],
    "order": ["active", "new"],
    "options": ["ja", "nein", "vielleicht"],
    "origin": ["local", "remote"],
    "permissions": ["staff"],
    "phrase": ["Kanarienvogel"],
    "policy": ["all", "followed", "follower", "none"],
    "privacy": ["public", "unlisted", "private"],
    "q": ["carla", "#fest", "Kanarienvogel from:me", "https://nachbar.test/users/nina"],
    "quote_approval_policy": ["public", "followers", "nobody"],
    "redirect_uris": [OUT_OF_BAND, "https://app.example/done"],
    "replies_policy": ["followed", "list", "none"],
    "scheduled_at": ["2126-12-24T18:00:00Z"],
    "scope": ["read", "read:statuses write"],
    "scopes": ["read write"],
    "severity": ["noop", "silence", "suspend", "sign_up_block", "no_access"],
    "start_at": ["2026-11-01", "2026-10-31T23:00:00Z"],
    "status": ["Kommt alle! #fest", "@carla hallo", "active", "suspended"],
    "stream": ["user", "public", "list"],
    "supported_types": ["mention", "favourite"],
    "tag": ["fest"],
    "timeline": ["home", "notifications"],
    "type": ["accounts", "hashtags", "statuses", "none", "sensitive", "disable", "silence", "suspend"],
    "types": ["mention", "favourite", "poll"],
    "visibility": ["public", "unlisted", "private", "direct"],
    "website": ["https://app.example"],
}


def that_makes_sense(document: Document, ids: Mapping[str, Sequence[str]]) -> Document:
    """Return the description with words that mean something, and with ids of what exists in the place of patterns."""
    changed: Document = json.loads(json.dumps(document))
    for path, operations in changed["paths"].items():
        for name, schema in _named(operations):
            place, known = schema.get("items", schema), WORDS | ids
            words = known.get(f"{_before(path, name)}/{name}") or known.get(name) or known.get(name.removesuffix("s"))
            if words and place in ({"type": "string"}, {"$ref": "#/components/schemas/Id"}):
                place.clear()
                place["enum"] = list(words)
    return changed


def _before(path: str, name: str) -> str:
    """Return the part of a path before a variable, which says what kind of thing it is."""
    return path.partition(f"/{{{name}}}")[0].rpartition("/")[2]


def _named(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    if isinstance(node, dict):
        if "in" in node and "schema" in node:
            yield node["name"].removesuffix("[]"), node["schema"]
        for name, value in node.items():
            if name == "properties":
                yield from value.items()
            yield from _named(value)


async def ids_of(anna: Client, carla: Client) -> dict[str, list[str]]:
    """Let Anna have one of everything; return the ids by the names that parameters have."""
    ids = await belongings(anna, carla)
    post = await carla.write("Wer kommt? #fest", poll={"options": ["ich", "du"], "expires_in": 3600})
    quote = await anna.write("Schaut", quoted_status_id=post["id"])
    report = await anna.post("/api/v1/reports", json={"account_id": carla.id, "status_ids": [post["id"]]})
    app = await anna.post("/api/v1/apps", json={"client_name": "x", "redirect_uris": OUT_OF_BAND, "scopes": "read"})
    device = {"endpoint": "https://push.example/1", "keys": Subscriber().keys()}
    await anna.patch("/api/v1/accounts/update_credentials", json={"locked": True})
    await (await app_of(anna.town, "emil")).follow(anna)
    await anna.post("/api/v1/push/subscription", json={"subscription": device})
    made = {
        "domain_blocks/block_id": ("domain_blocks", {"domain": "laut.example"}),
        "domain_allows/allow_id": ("domain_allows", {"domain": "leise.example"}),
        "email_domain_blocks/block_id": ("email_domain_blocks", {"domain": "wegwerf.example"}),
        "ip_blocks/block_id": ("ip_blocks", {"ip": "2001:db8:1::/48", "severity": "sign_up_block"}),
        "canonical_email_blocks/block_id": ("canonical_email_blocks", {"email": "nie@post.example"}),
        "rule_id": ("instance/rules", {"text": "Seid freundlich"}),
    }
    rows = {name: (await anna.post(f"/api/v1/admin/{path}", json=body))["id"] for name, (path, body) in made.items()}
    emil = await app_of(anna.town, "emil")
    return {name: [value] for name, value in (ids | rows).items()} | {
        **{name: [carla.id, emil.id] for name in ("account_id", "id", "target_account_id")},
        **{name: [post["id"], quote["id"]] for name in ("status_id", "in_reply_to_id", "quoted_status_id")},
        **{name: [quote["id"], "1"] for name in ("max_id", "since_id", "min_id", "last_read_id")},
        "follow_requests/account_id": [emil.id],
        "client_id": [app["client_id"]],
        "client_secret": [app["client_secret"]],
        **{name: [key] for name, key in device["keys"].items()},
        "quoting_status_id": [quote["id"]],
        "poll_id": [post["poll"]["id"]],
        "report_id": [report["id"]],
        "announcement_id": [await anna.town.write(_say_something)],
    }


def _say_something(unit: Unit) -> str:
    """Let the town have its texts, and return the id of an announcement."""
    write_text(unit, PRIVACY_POLICY, "Was das Rathaus weiß.")
    write_terms(unit, unit.now.date(), "Seid freundlich.")
    row = Announcement(id=new_id(unit.now), text="Samstag ist Fest.", published_at=unit.now, updated_at=unit.now)
    unit.add(row)
    unit.flush()
    return str(row.id)


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
        await asyncio.to_thread(sweep, that_makes_sense(document, ids), visitor)
    assert not visitor.faults, "\n".join(visitor.faults)
    assert len(visitor.answered) == sum(map(len, document["paths"].values()))
    assert sum(status < 400 for status in visitor.answered.values()) > 200  # or what is sent does not get far
