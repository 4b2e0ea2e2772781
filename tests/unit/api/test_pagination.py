"""Pages and the header that leads from one to the next."""

import pytest
from sqlalchemy import select

from activitypub.models import Status
from fediverse_kommune.api.pagination import Page, link_header, read_page
from fediverse_kommune.api.params import Params


@pytest.mark.parametrize(
    ("asked", "limit"),
    [({}, 20), ({"limit": "5"}, 5), ({"limit": "0"}, 1), ({"limit": "-3"}, 1), ({"limit": "99"}, 40)],
)
def test_a_limit_stays_within_its_bounds(asked: dict[str, str], limit: int) -> None:
    assert read_page(Params(asked), default=20, most=40).limit == limit


@pytest.mark.parametrize(
    ("page", "sql"),
    [
        (Page(20), "ORDER BY statuses.id DESC"),
        (Page(20, max_id=5), "statuses.id < 5 ORDER BY statuses.id DESC"),
        (Page(20, since_id=5), "statuses.id > 5 ORDER BY statuses.id DESC"),
        (Page(20, min_id=5), "statuses.id > 5 ORDER BY statuses.id ASC"),
        (Page(20, max_id=9, min_id=5), "statuses.id < 9 AND statuses.id > 5 ORDER BY statuses.id ASC"),
    ],
)
def test_the_position_becomes_a_range_of_ids(page: Page, sql: str) -> None:
    query = page.select(select(Status.id), Status.id).compile(compile_kwargs={"literal_binds": True})
    assert sql in " ".join(str(query).split())


def test_the_header_keeps_what_was_asked_and_replaces_the_position() -> None:
    asked = [("types[]", "mention"), ("types[]", "poll"), ("max_id", "99"), ("limit", "2")]
    assert link_header("https://a.example/api", asked, [7, 5]) == (
        '<https://a.example/api?types%5B%5D=mention&types%5B%5D=poll&limit=2&max_id=5>; rel="next", '
        '<https://a.example/api?types%5B%5D=mention&types%5B%5D=poll&limit=2&min_id=7>; rel="prev"'
    )


def test_an_empty_page_leads_nowhere() -> None:
    assert link_header("https://a.example/api", [], []) is None
