"""H08: what was said to few is not answered before many, and an edit opens nothing."""

import pytest

from tests.client import anonymous, app_of
from tests.town import Town


async def test_h08_an_answer_is_no_wider_than_what_it_answers(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    for parent in ["private", "direct"]:
        for asked in ["public", "unlisted", "private", "direct", None]:
            with subtests.test(parent=parent, asked=asked):
                status = await anna.write("@bert leise", visibility=parent)
                fields = {"visibility": asked} if asked else {}
                answer = await bert.write("@anna ja", in_reply_to_id=status["id"], **fields)
                assert answer["visibility"] == ("direct" if "direct" in {parent, asked} else "private")


async def test_h08_an_open_post_may_be_answered_as_one_likes(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("laut", visibility="unlisted")
    for visibility in ("public", "unlisted", "private", "direct"):
        answer = await bert.write("ja", in_reply_to_id=status["id"], visibility=visibility)
        assert answer["visibility"] == visibility


async def test_h08_an_edit_changes_no_visibility(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("leise", visibility="private")
    path = f"/api/v1/statuses/{status['id']}"
    edited = await anna.put(path, json={"status": "laut", "visibility": "public"})
    assert edited["visibility"] == "private"
    assert (await anonymous(stadt).ask("GET", path)).status == 404
