"""E09: a post that names a thousand people, or has a thousand hashtags or emoji, costs what a post may cost.

Whom else it names nobody reads, so there is no fan-out beyond the cap. The caps alone are tested in
tests/unit/activitypub/test_parse_tags.py.
"""

from typing import Any

from sqlalchemy import event

from activitypub.caps import CAPS
from activitypub.models import Mention, StatusHashtag
from fediverse_kommune.models import Notification
from tests.client import app_of
from tests.fediverse import Remote
from tests.town import Town


async def test_one_post_rings_once_for_each_and_costs_the_same_however_many_it_names(
    stadt: Town, boese: Remote
) -> None:
    anna, mallory = await app_of(stadt, "anna"), boese.person("mallory")
    uri = f"{stadt.origin}/users/anna"
    named = {"type": "Mention", "href": uri, "name": "@anna"}
    crowd = [{**named, "href": f"{stadt.origin}/users/niemand{number}"} for number in range(1_000)]
    hashtags = [{"type": "Hashtag", "name": f"#h{number}"} for number in range(1_000)]
    await stadt.accept(mallory, mallory.create(mallory.note(cc=[uri], tag=[named])))
    costs = []
    for tags in ([named], [named] * 1_000 + crowd, [named, *hashtags]):
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = statements) -> None:
            if "inbox_items" not in statement:
                seen.append(statement)

        engine = stadt.app.server.db.engine
        event.listen(engine, "before_cursor_execute", note)
        await stadt.accept(mallory, mallory.create(mallory.note(cc=[uri], tag=tags)))
        event.remove(engine, "before_cursor_execute", note)
        costs.append(len(statements))
    assert max(costs) - min(costs) <= 20, costs
    assert await stadt.count(Notification) == len(await anna.get("/api/v1/notifications")) == 4
    assert await stadt.count(Mention) == 4
    assert await stadt.count(StatusHashtag) <= CAPS.tags
