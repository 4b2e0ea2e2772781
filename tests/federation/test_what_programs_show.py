"""What fifteen programs show and ask for is read and answered, and who is shut out is not heard.

One town in secure mode with a relay reads the documents under tests/payloads that are served and not sent, each
program in a fediverse of its own. What is expected of each stands in expectations.toml, how each signs a GET in
signed_gets.toml.
"""

import base64
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.backfill import OpenedThread, read_profile, read_thread
from activitypub.graph import actors, relationships
from activitypub.models import Actor, Announce, DomainAllow, Follow, Severity, Status
from activitypub.properties import uri_of
from activitypub.signatures.digest import digest_header
from activitypub.signatures.http_date import format_http_date
from activitypub.signatures.keys import sign_bytes
from activitypub.signatures.rfc9421 import sign_message
from activitypub.signatures.signing_string import CREATED, EXPIRES, signing_string
from activitypub.unit import Unit
from fediverse_kommune.models import FeedEntry
from fediverse_kommune.services.federation_policy import BlockForm, block_domain
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from fediverse_kommune.services.tags import follow_tag
from tests import acts
from tests.fediverse import ACTIVITY_TYPE
from tests.payload_files import FOLDER, Payload, payloads, signed_gets
from tests.payload_servers import TOWN_HALL, Document, PayloadServers, World, key_of
from tests.payload_steps import follow_speakers, settle_in
from tests.town import Town, town

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAYLOADS = list(payloads())
PROGRAMS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
GETS = signed_gets()
# Whose people follow nobody, and so cannot be members of a club.
WITHOUT_MEMBERS = frozenset({"gancio", "mobilizon"})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stadt(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("stadt")
    async with town(module_database, folder, secure_mode=True, relay=True) as running:
        yield running


@pytest.mark.parametrize("program", PROGRAMS)
async def test_what_a_program_shows_and_asks_for(
    stadt: Town, servers: PayloadServers, program: str, subtests: pytest.Subtests
) -> None:
    files = {each.name.partition("/")[2].removesuffix(".json"): each for each in PAYLOADS if _is_of(each, program)}
    world = servers.world(stadt, files["actor"])
    await settle_in(world)

    with subtests.test("authorized fetch"):
        await its_signature_opens_what_is_closed(world, GETS[program])
    with subtests.test("backfill"):
        await its_old_posts_are_read(world, files)
    with subtests.test("hashtag follow"):
        await its_post_reaches_who_follows_the_hashtag(world, files)
    for each in _with_effect(files, "thread"):
        with subtests.test("thread fetch"):
            await its_thread_is_read(world, each)
    follower = _speaker_of(files["follow"])
    mentioning = [each for each in files.values() if _is_for_a_club(each, follower)]
    assert bool(mentioning) == (program not in WITHOUT_MEMBERS)
    for each in mentioning[:1]:
        with subtests.test("group post"):
            await its_post_is_passed_on_by_a_club(world, files["follow"], each)
    with subtests.test("locked follow"):
        await its_follow_waits_and_is_answered(world, files["follow"])
    for each in _with_effect(files, "relay"):
        with subtests.test("relay"):
            await its_server_subscribes_to_the_relay(world, each)
    with subtests.test("domain block"):
        await nothing_comes_from_its_domain_any_more(world, files["follow"])


def _is_of(each: Payload, program: str) -> bool:
    return each.name.startswith(f"{program}/")


def _with_effect(files: Mapping[str, Payload], effect: str) -> Iterator[Payload]:
    return (each for each in files.values() if each.effect == effect)


# ---------------------------------------------------------------------------------------------- what it asks for


async def its_signature_opens_what_is_closed(world: World, form: Mapping[str, Any]) -> None:
    """With its way of signing the program gets a page of the town hall's outbox; with a wrong signature, nothing."""
    path = f"/users/{world.username}/outbox?page=true"
    headers = signed_get(world, path, form)
    assert (await world.town.get(path, headers=headers))[0] == 200
    assert (await world.town.get(path, headers={**headers, "Signature": _spoilt(headers["Signature"])}))[0] == 401


def signed_get(world: World, path: str, form: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a GET as a program signs it (signed_gets.toml says how)."""
    key_id, signer = world.moved_text(form["key_id"]), form["signer"]
    now = datetime.now(UTC)
    accept = {"Accept": form.get("accept", ACTIVITY_TYPE), "User-Agent": f"{form['agent']} (+https://example.org)"}
    if form.get("rfc9421"):
        url = world.town.origin + path
        return sign_message("GET", url, accept, None, key_id=key_id, private_key=key_of(signer), now=now)
    url = urlsplit(path)
    target = path if form["query"] else url.path
    sent = {"Host": f"{world.town.host}:{world.town.port}", "Date": format_http_date(now), **accept}
    if "digest" in form["covered"]:
        sent["Digest"] = digest_header(b"")
    times = {CREATED: str(int(now.timestamp())), EXPIRES: str(int(now.timestamp()) + 300)}
    fields = {name.lower(): value for name, value in sent.items()} | times
    signature = base64.b64encode(
        sign_bytes(key_of(signer), signing_string(form["covered"], fields, "GET", target))
    ).decode()
    said = {"keyId": key_id, "algorithm": form.get("algorithm"), "headers": " ".join(form["covered"])}
    written = [f'{name}="{value}"' for name, value in said.items() if value]
    written += [f"{name[1:-1]}={value}" for name, value in times.items() if name in form["covered"]]
    return {**sent, "Signature": ",".join([*written, f'signature="{signature}"'])}


def _spoilt(signature: str) -> str:
    """Return a signature with another letter in the middle of its last value."""
    at = len(signature) - 40
    return signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]


# ---------------------------------------------------------------------------------------------- what it shows


async def its_old_posts_are_read(world: World, files: Mapping[str, Payload]) -> None:
    """A first follow brings what the outbox and the pinned posts list."""
    owner = next(
        document["id"]
        for each in _with_effect(files, "actor")
        if (document := world.moved(each.document)).get("outbox") == world.moved(files["outbox"].document)["id"]
    )
    listed = [uri for each in _with_effect(files, "outbox") for uri in world.moved(each.expected["found"])]
    pinned = [uri for each in _with_effect(files, "featured") for uri in world.moved(each.expected["pinned"])]
    theirs = Status.uri.in_([*listed, *pinned])
    assert await world.town.count(Status, theirs) == 0

    resolver = world.town.app.server.resolver
    await read_profile(resolver, await resolver.actor(owner))

    assert await world.town.count(Status, theirs) == len([*listed, *pinned])
    assert await world.town.count(Status, Status.uri.in_(pinned), Status.pinned_at.is_not(None)) == len(pinned)


async def its_thread_is_read(world: World, each: Payload) -> None:
    """Opening a post brings what it answers and what answers it."""
    resolver, opened = world.town.app.server.resolver, world.moved(each.document)
    status = await resolver.status(opened["id"])
    thread = OpenedThread(status.uri, status.in_reply_to_uri, frozenset({status.uri}))
    await read_thread(resolver, thread, _nothing)
    for uri in world.moved(each.expected["found"]):
        assert await world.town.count(Status, Status.uri == uri) == 1, uri


async def _nothing(_found: int) -> None: ...


# ---------------------------------------------------------------------------------------------- what it sends


async def its_post_reaches_who_follows_the_hashtag(world: World, files: Mapping[str, Payload]) -> None:
    """Somebody who follows nobody there has a post with a hashtag in the home timeline."""
    each = next(each for each in files.values() if each.effect == "status" and each.expected.get("hashtags"))
    fan = await world.town.resident(f"fan{world.number}")
    await world.town.write(follow_tag, fan, each.expected["hashtags"][0])
    world.payload = each
    await follow_speakers(world)
    await world.accept(world.activity)
    uri = world.activity["object"]["id"]
    seen = select(Status.id).where(Status.uri == uri).scalar_subquery()
    assert await world.town.count(FeedEntry, FeedEntry.actor_id == fan.id, FeedEntry.status_id == seen) == 1


async def its_post_is_passed_on_by_a_club(world: World, following: Payload, each: Payload) -> None:
    """A member mentions a club of this town in a post, and the club announces it."""
    club = await world.town.resident(f"klub{world.number}", kind="Group")
    follow, create = (_about(world, club, world.moved(sent.document)) for sent in (following, each))
    await world.accept({**follow, "id": f"{follow['id']}-club"})
    note = {**create["object"], "id": f"{create['object']['id']}-club", "inReplyTo": None}
    await world.accept({**create, "id": f"{create['id']}-club", "object": note})
    shown = select(Status.id).where(Status.uri == note["id"]).scalar_subquery()
    assert await world.town.count(Announce, Announce.actor_id == club.id, Announce.status_id == shown) == 1


def _is_for_a_club(each: Payload, follower: str | None) -> bool:
    """True for a post with a mention, by somebody who can be a member."""
    mentioned = TOWN_HALL in each.expected.get("mentions", ()) and each.expected.get("visibility") != "direct"
    return each.effect == "status" and mentioned and _speaker_of(each) == follower


def _speaker_of(each: Payload) -> str | None:
    return uri_of(each.document["actor"])


def _about(world: World, club: Actor, document: Document) -> Document:
    """Return what is said to the town hall, said to a club."""
    hall = f"{world.town.origin}/users/{world.username}"
    said: Document = json.loads(json.dumps(document).replace(f'"{hall}"', f'"{club.uri}"'))
    return said


async def its_follow_waits_and_is_answered(world: World, each: Payload) -> None:
    """A locked town hall is asked; a yes and, to the next request, a no are sent."""
    follow = world.moved(each.document)
    await world.town.write(_lock, world.username)
    answered = [sent for sent in world.received if sent.activity["type"] == "Accept"]
    for answer, accepted in (("Accept", True), ("Reject", False)):
        await world.accept(follow)
        row = await world.town.read(_follow_by, follow["id"])
        assert row.accepted_at is None
        assert [sent for sent in world.received if sent.activity["type"] in {"Accept", "Reject"}] == answered
        await world.town.write(_answer, row.id, accepted)
        await world.town.rest()
        said = world.received[-1].activity
        answered.append(world.received[-1])
        assert (said["type"], said["object"]["id"]) == (answer, follow["id"])
        if accepted:
            await world.town.write(_end, row.id)
            follow = {**follow, "id": f"{follow['id']}-again"}


def _lock(unit: Unit, username: str) -> None:
    hall = actors.find_by_handle(unit, username, None)
    assert hall is not None
    hall.manually_approves_followers = True


def _follow_by(session: Session, uri: str) -> Follow:
    return session.scalars(select(Follow).where(Follow.uri == uri)).one()


def _answer(unit: Unit, follow_id: int, accepted: bool) -> None:
    row = unit.get_one(Follow, follow_id)
    acts.answer(unit, unit.get_one(Actor, row.follower_id), unit.get_one(Actor, row.followed_id), accept=accepted)


def _end(unit: Unit, follow_id: int) -> None:
    relationships.end_follow(unit, unit.get_one(Follow, follow_id))


async def its_server_subscribes_to_the_relay(world: World, each: Payload) -> None:
    """A server of the county asks the relay, and is told yes."""
    follow = world.moved(each.document)
    await world.town.write(_allow, _host_of(follow))
    before = len(world.received)
    await world.accept(follow)
    await world.town.rest()
    answers = [sent.activity for sent in world.received[before:]]
    assert [said["object"]["id"] for said in answers if said["type"] == "Accept"] == [follow["id"]]


def _allow(unit: Unit, domain: str) -> None:
    unit.add(DomainAllow(domain=domain, created_at=unit.now))
    unit.flush()


def _host_of(activity: Document) -> str:
    return urlsplit(uri_of(activity["actor"]) or "").hostname or ""


async def nothing_comes_from_its_domain_any_more(world: World, each: Payload) -> None:
    """Once its domain is shut out, what it sends is refused, and nobody of it follows anybody here."""
    follow = world.moved(each.document)
    domain = _host_of(follow)
    await world.town.write(carry_out, COMMAND_LINE, block_domain, domain, BlockForm(severity=Severity.SUSPEND))
    assert await world.deliver({**follow, "id": f"{follow['id']}-shut-out"}) == 403
    assert await world.town.count(Follow, Follow.uri.startswith(follow["id"])) == 0
