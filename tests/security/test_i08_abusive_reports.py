"""I08: a report is as long as a report, about what it names here, and from whom it says."""

from sqlalchemy import select

from activitypub.caps import CAPS
from activitypub.models import Report
from tests import acts
from tests.client import app_of
from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.town import Town


async def test_a_giant_report_is_cut(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    posts = [(await stadt.write(acts.write, anna)).uri for _ in range(3)]
    desk = nachbar.person("meldestelle")
    named = [anna.uri, *posts, *(f"{stadt.origin}/users/anna/statuses/{number}" for number in range(10_000))]
    await stadt.accept(desk, desk.activity("Flag", named, content="x" * 400_000))
    report = await stadt.read(lambda session: session.scalars(select(Report)).one())
    assert len(report.comment) == CAPS.report_characters
    assert len(report.status_ids) == 3


async def test_a_report_about_others_or_in_the_name_of_others_is_none(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    anna, bea = await app_of(stadt, "anna"), await stadt.resident("bea")
    theirs = await stadt.write(acts.write, bea)
    to_anna = f"{stadt.origin}/users/{anna.username}"
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar, but_for={"inbox_items", "actors", "actor_keys"}):
        forged = {**mallory.activity("Flag", to_anna), "actor": bob.uri}
        assert await stadt.deliver(mallory, forged) in (401, 403)
        await stadt.accept(mallory, mallory.activity("Flag", [f"{boese.origin}/users/x", f"{nachbar.origin}/users/y"]))
        assert await stadt.count(Report) == 0
    await stadt.accept(mallory, mallory.activity("Flag", [to_anna, theirs.uri]))
    report = await stadt.read(lambda session: session.scalars(select(Report)).one())
    assert (report.target_id, list(report.status_ids)) == (int(anna.id), [])
