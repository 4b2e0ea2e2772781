"""E06: a poll with more options than anybody reads costs no more than its bytes."""

import json
import time

from activitypub.caps import CAPS
from activitypub.models import Status
from activitypub.parse import parse_status
from tests.fediverse import Remote
from tests.security.attack import follower_of, serves
from tests.town import Town


async def test_a_giant_poll_is_cut(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    options = [{"type": "Note", "name": str(number)} for number in range(25_000)]
    poll = mallory.note(type="Question", oneOf=options, endTime="2030-01-01T00:00:00Z")
    assert len(json.dumps(poll)) < CAPS.body_bytes

    begun = time.process_time()
    await stadt.accept(mallory, mallory.create(poll))
    tallied = {**poll, "oneOf": [{**option, "replies": {"totalItems": 10**9}} for option in options[:9_000]]}
    await stadt.accept(mallory, mallory.activity("Update", {**tallied, "updated": "2030-01-01T00:00:00Z"}))
    assert time.process_time() - begun < 2

    assert await stadt.count(Status, Status.uri == poll["id"], Status.type == "Question") == 1
    read = parse_status(poll, allow_http=True).poll
    assert read is not None
    assert len(read.options) == CAPS.poll_options
    path = f"/api/v1/statuses/{await stadt.read(lambda session: session.query(Status.id).scalar())}"
    begun = time.process_time()
    status, entity = await stadt.get(path, accept="application/json")
    assert (status, len(json.dumps(entity)) < 20_000) == (200, True)
    assert time.process_time() - begun < 0.5
    await serves(stadt, nachbar)
