"""A client that we did not write: Mastodon.py, strict about types, calling what it offers for this milestone."""

import asyncio
from typing import Any

from mastodon import Mastodon, MastodonNotFoundError

from tests.client import app_of
from tests.pictures import picture
from tests.town import Town


async def test_mastodon_py_writes_reads_and_reacts(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await asyncio.to_thread(use, stadt.address, anna.token, bert.token)


def use(address: str, anna_token: str, bert_token: str) -> None:
    anna: Any = Mastodon(api_base_url=address, access_token=anna_token, request_timeout=30)
    bert: Any = Mastodon(api_base_url=address, access_token=bert_token, request_timeout=30)
    assert anna.instance_v2().api_versions.mastodon == 10
    assert anna.instance_v1().title == anna.instance_v2().title == "Teststadt"
    me = anna.account_update_credentials(
        display_name="Anna", note="Guten Tag", locked=False, fields=[("Ort", "Rathaus")]
    )
    assert (me.display_name, me.fields[0].name) == ("Anna", "Ort")
    bert_account = anna.account_lookup("bert")
    assert anna.account_follow(bert_account.id, reblogs=True).following
    assert anna.account_relationships([bert_account.id])[0].following

    media = bert.media_post(picture("PNG", (20, 10)), mime_type="image/png", description="Ein Baum", focus=(0.1, -0.2))
    status = bert.status_post(
        "Hallo @anna #fest", media_ids=[media], sensitive=False, visibility="unlisted", language="de"
    )
    assert status.media_attachments[0].description == "Ein Baum"
    assert [one.id for one in anna.timeline_home()] == [status.id]
    assert anna.status_favourite(status.id).favourited
    assert anna.status_reblog(status.id).reblog.id == status.id
    answer = anna.status_reply(status, "Ja, gern")
    assert answer.in_reply_to_id == status.id
    assert [one.id for one in bert.status_context(status.id).descendants] == [answer.id]
    edited = anna.status_update(answer.id, "Ja, sehr gern")
    assert edited.edited_at
    assert len(anna.status_history(answer.id)) == 2
    assert anna.status_source(answer.id).text.endswith("Ja, sehr gern")

    kinds = {one.type for one in bert.notifications()}
    assert kinds == {"follow", "favourite", "reblog", "mention"}
    bert.notifications_clear()
    assert bert.notifications() == []
    assert anna.timeline_hashtag("fest") == []
    assert [one.acct for one in anna.search_v2("ber").accounts] == ["bert"]
    assert anna.account_search("ber")[0].id == bert_account.id
    assert [one.id for one in bert.status_favourited_by(status.id)] == [me.id]
    assert [one.id for one in anna.account_statuses(bert_account.id, only_media=True)] == [status.id]

    for number in range(5):
        bert.status_post(f"Nummer {number}")
    first = anna.timeline_home(limit=2)
    rest = anna.fetch_remaining(first)
    assert len(rest) == 7
    assert [one.id for one in anna.fetch_previous(anna.fetch_next(first))] == [one.id for one in first]

    anna.account_block(bert_account.id)
    assert [one.id for one in anna.blocks()] == [bert_account.id]
    anna.account_unblock(bert_account.id)
    bert.status_delete(status.id)
    try:
        anna.status(status.id)
    except MastodonNotFoundError:
        return
    raise AssertionError("the status is gone")
