"""What a client does that knows everything: every method of Mastodon.py that has a server side, in the order of a day.

Mastodon.py checks the types of all that it is answered. The walk is plain and synchronous, so that it can be led
through anything that stands between a client and a server; `test_walk.py` runs it and sees that nothing was left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mastodon import (
    Mastodon,
    MastodonIllegalArgumentError,
    MastodonNotFoundError,
    StreamListener,
)

from tests.client.beyond import on_our_own, until
from tests.pictures import picture

REQUEST_SECONDS = 60


class Recorder:
    """A client that notes which of its methods were called."""

    def __init__(self, client: Mastodon, called: set[str]) -> None:
        self._client = client
        self._called = called

    def __getattr__(self, name: str) -> Any:
        self._called.add(name)
        return getattr(self._client, name)


@dataclass(slots=True)
class Cast:
    """Who takes part: two residents, a third who is suggested and reported, and an administrator.

    `page` is one on the web that somebody links to, `streams_open` counts the open streams of the town.
    """

    address: str
    tokens: dict[str, str]
    page: str
    streams_open: Callable[[], int]
    anna: Any
    bert: Any
    carla: Any
    admin: Any
    called: set[str] = field(default_factory=set)


def cast(address: str, tokens: dict[str, str], page: str, streams_open: Callable[[], int]) -> Cast:
    """Return a client for each token, all of whose calls are noted together."""
    called: set[str] = set()
    clients = {
        name: Recorder(Mastodon(api_base_url=address, access_token=token, request_timeout=REQUEST_SECONDS), called)
        for name, token in tokens.items()
    }
    return Cast(address, tokens, page, streams_open, **clients, called=called)


def walk(people: Cast) -> None:
    """Do everything once."""
    for stretch in (
        instance_and_app,
        profiles,
        follows_and_relationships,
        posts,
        polls,
        pictures,
        interactions,
        quotes,
        timelines_and_lists,
        tags,
        filters,
        notifications,
        conversations,
        blocks_and_mutes,
        discovery,
        collections,
        announcements,
        settings,
        push,
        scheduled,
        without_the_library,
        reports_and_administration,
        streaming,
    ):
        stretch(people)


# ------------------------------------------------------------------------------------------ instance and app


def instance_and_app(people: Cast) -> None:
    anna = people.anna
    assert anna.instance().title == anna.instance_v1().title == anna.instance_v2().title
    assert anna.instance_health()
    assert isinstance(anna.instance_activity(), list)
    assert isinstance(anna.instance_peers(), list)
    assert isinstance(anna.instance_rules(), list)
    assert isinstance(anna.instance_domain_blocks(), list)
    anna.instance_extended_description()
    assert anna.instance_nodeinfo().software.name == "fediverse_kommune"
    assert isinstance(anna.instance_languages(), list)
    assert "en" in anna.instance_translation_languages()["de"]
    assert "freundlich" in anna.instance_terms_of_service().content
    assert isinstance(anna.custom_emojis(), list)
    assert anna.retrieve_mastodon_version()
    assert anna.app_verify_credentials().name
    assert anna.oauth_authorization_server_info().issuer
    client_id, secret = Mastodon.create_app("Spaziergang", api_base_url=people.address)
    people.called.add("create_app")
    app = Recorder(
        Mastodon(
            client_id=client_id, client_secret=secret, api_base_url=people.address, request_timeout=REQUEST_SECONDS
        ),
        people.called,
    )
    assert "/oauth/authorize?" in app.auth_request_url(client_id=client_id, scopes=["read"], allow_http=True)
    with pytest.raises(MastodonIllegalArgumentError, match="Validation failed"):
        app.create_account("neu", "kurz", "neu@post.example", agreement=True)
    assert app.create_account("neu", "ein langes Passwort", "neu@post.example", agreement=True)
    app.email_resend_confirmation()


# -------------------------------------------------------------------------------------------------- profiles


def profiles(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    me = anna.account_verify_credentials()
    assert anna.me().id == me.id
    changed = anna.account_update_credentials(
        display_name="Anna",
        note="Guten Tag",
        fields=[("Ort", "Rathaus")],
        discoverable=True,
        indexable=True,
        avatar=picture("PNG", (40, 40)),
        avatar_mime_type="image/png",
        avatar_description="Ein Gesicht",
        default_privacy="public",
        default_language="de",
    )
    assert (changed.display_name, changed.fields[0].name) == ("Anna", "Ort")
    assert anna.profile().display_name == "Anna"
    assert anna.profile_update(note="Guten Abend", header=picture("PNG", (60, 20)), header_mime_type="image/png")
    anna.account_delete_header()
    anna.account_delete_avatar()
    assert anna.account(me.id).acct == "anna"
    assert [one.id for one in anna.accounts([me.id])] == [me.id]
    assert anna.account_lookup("bert").acct == "bert"
    assert [one.acct for one in anna.account_search("bert")] == ["bert"]
    assert anna.preferences()
    bert.account_update_credentials(discoverable=True)
    people.carla.account_update_credentials(discoverable=True)


def follows_and_relationships(people: Cast) -> None:
    anna, bert, carla = people.anna, people.bert, people.carla
    a, b, c = (one.me().id for one in (anna, bert, carla))
    assert anna.account_follow(b, reblogs=True, notify=True).following
    assert bert.account_follow(c).following
    assert anna.account_relationships([b])[0].following
    assert [one.id for one in anna.account_following(a)] == [b]
    assert [one.id for one in anna.account_followers(b)] == [a]
    assert anna.account_familiar_followers([c])[0].accounts[0].id == b
    assert anna.account_note_set(b, "aus dem Turnverein").note
    assert anna.account_endorse(b).endorsed
    assert [one.id for one in anna.endorsements()] == [b]
    assert not anna.account_unendorse(b).endorsed
    anna.account_pin(b)
    anna.account_unpin(b)
    assert anna.account_remove_from_followers(b) is not None
    assert isinstance(anna.account_featured_tags(b), list)
    assert anna.account_lists(b) == []
    carla.account_update_credentials(locked=True)
    assert anna.account_follow(c).requested
    assert [one.id for one in carla.follow_requests()] == [a]
    carla.follow_request_authorize(a)
    anna.account_unfollow(c)
    anna.account_follow(c)
    carla.follow_request_reject(a)
    carla.account_update_credentials(locked=False)


# ----------------------------------------------------------------------------------------------------- posts


def posts(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    status = bert.status_post("Hallo @anna #fest https://musterstadt.example", visibility="public", language="de")
    assert anna.status(status.id).content
    assert [one.id for one in anna.statuses([status.id])] == [status.id]
    answer = anna.status_reply(status, "Ja, gern", spoiler_text="Antwort")
    assert [one.id for one in bert.status_context(status.id).descendants] == [answer.id]
    assert anna.status_update(answer.id, "Ja, sehr gern").edited_at
    assert len(anna.status_history(answer.id)) == 2
    assert anna.status_source(answer.id).text.endswith("Ja, sehr gern")
    assert anna.toot("Ganz kurz").content
    assert "Good day" in bert.status_translate(anna.toot("Guten Tag").id, lang="en").content
    assert anna.status_delete(answer.id, delete_media=True).text
    assert [one.id for one in anna.account_statuses(bert.me().id, exclude_reblogs=True)] == [status.id]


def polls(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    poll = anna.make_poll(["Montag", "Dienstag"], expires_in=3600)
    status = anna.status_post("Wann tagt der Rat?", poll=poll)
    assert bert.poll(status.poll.id).options[0].title == "Montag"
    assert bert.poll_vote(status.poll.id, [1]).own_votes == [1]
    assert anna.poll(status.poll.id).votes_count == 1


def pictures(people: Cast) -> None:
    anna = people.anna
    media = anna.media_post(
        picture("PNG", (80, 40)), mime_type="image/png", description="Ein Baum", focus=(0.1, -0.2), synchronous=True
    )
    assert anna.media(media.id).description == "Ein Baum"
    assert anna.media_update(media.id, description="Zwei Bäume").description == "Zwei Bäume"
    status = anna.status_post("Im Park", media_ids=[media])
    edited = anna.status_update(
        status.id,
        "Im Park",
        media_attributes=[anna.generate_media_edit_attributes(media.id, description="Drei Bäume")],
    )
    assert edited.media_attachments[0].description == "Drei Bäume"


def interactions(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    status = bert.status_post("Zum Merken")
    assert anna.status_favourite(status.id).favourited
    assert [one.id for one in anna.favourites(limit=1)] == [status.id]
    assert [one.id for one in anna.status_favourited_by(status.id)] == [anna.me().id]
    assert not anna.status_unfavourite(status.id).favourited
    assert anna.status_reblog(status.id).reblog.id == status.id
    assert [one.id for one in anna.status_reblogged_by(status.id)] == [anna.me().id]
    assert not anna.status_unreblog(status.id).reblogged
    assert anna.status_bookmark(status.id).bookmarked
    assert [one.id for one in anna.bookmarks()] == [status.id]
    assert not anna.status_unbookmark(status.id).bookmarked
    assert anna.status_mute(status.id).muted
    assert not anna.status_unmute(status.id).muted
    assert bert.status_pin(status.id).pinned
    assert not bert.status_unpin(status.id).pinned
    anna.status_favourite(status.id)
    anna.status_reblog(status.id)


def quotes(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    status = anna.status_post("Zum Zitieren", quote_approval_policy="public")
    quoting = bert.status_post("Wie wahr", quoted_status_id=status.id)
    assert quoting.quote.quoted_status.id == status.id
    assert [one.id for one in anna.status_quotes(status.id)] == [quoting.id]
    anna.status_quote_revoke(status.id, quoting.id)
    assert bert.status(quoting.id).quote.state == "revoked"
    assert anna.status_update_quote_approval_policy(status.id, "nobody").id == status.id


# ------------------------------------------------------------------------------------------------- timelines


def timelines_and_lists(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    assert anna.timeline_home() == anna.timeline("home")
    for timeline in (anna.timeline_public, anna.timeline_local):
        assert isinstance(timeline(), list)
    assert anna.timeline_is_available("public") is not None
    assert anna.timeline_hashtag("fest")
    with pytest.raises(MastodonNotFoundError):  # nothing has been read there
        anna.timeline_link("https://musterstadt.example")
    linked = bert.status_post(f"Kommt alle: {people.page}")
    until(lambda: anna.status(linked.id).card)
    assert [one.id for one in anna.timeline_link(people.page)] == [linked.id]
    chosen = anna.list_create("Verein", replies_policy="list", exclusive=False)
    assert [one.id for one in anna.lists()] == [chosen.id]
    assert anna.list(chosen.id).title == "Verein"
    assert anna.list_update(chosen.id, "Turnverein").title == "Turnverein"
    anna.list_accounts_add(chosen.id, [bert.me().id])
    assert [one.id for one in anna.list_accounts(chosen.id)] == [bert.me().id]
    assert anna.timeline_list(chosen.id)
    anna.list_accounts_delete(chosen.id, [bert.me().id])
    anna.list_delete(chosen.id)
    for number in range(5):
        bert.status_post(f"Nummer {number}")
    first = anna.timeline_home(limit=2)
    second = anna.fetch_next(first)
    assert second
    assert [one.id for one in anna.fetch_previous(second)] == [one.id for one in first]
    assert len(anna.fetch_remaining(anna.timeline_home(limit=4))) > 5


def tags(people: Cast) -> None:
    anna = people.anna
    assert anna.tag_follow("fest").following
    assert [one.name for one in anna.followed_tags()] == ["fest"]
    assert anna.tag("fest").following
    assert not anna.tag_unfollow("fest").following
    featured = anna.featured_tag_create("fest")
    assert [one.name for one in anna.featured_tags()] == ["fest"]
    assert isinstance(anna.featured_tag_suggestions(), list)
    anna.featured_tag_delete(featured.id)
    anna.tag_feature("fest")
    anna.tag_unfeature("fest")


def filters(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    made = anna.create_filter_v2(
        "Fußball", ["home"], "warn", keywords_attributes=[{"keyword": "Tor", "whole_word": True}]
    )
    assert [one.id for one in anna.filters_v2()] == [made.id]
    assert anna.filter_v2(made.id).title == "Fußball"
    assert anna.update_filter_v2(made.id, title="Handball").title == "Handball"
    keyword = anna.add_filter_keyword_v2(made.id, "Halbzeit")
    assert {one.keyword for one in anna.filter_keywords_v2(made.id)} == {"Tor", "Halbzeit"}
    anna.delete_filter_keyword_v2(keyword.id)
    status = bert.status_post("Ein Tor!")
    assert anna.status(status.id).filtered is not None
    row = anna.add_filter_status_v2(made.id, status.id)
    assert [one.id for one in anna.filter_statuses_v2(made.id)] == [row.id]
    assert anna.filter_status_v2(row.id).status_id == status.id
    anna.delete_filter_status_v2(row.id)
    anna.delete_filter_v2(made.id)
    old = anna.filter_create("Elfmeter", ["home"])
    assert [one.id for one in anna.filters()] == [old.id]
    assert anna.filter(old.id).phrase == "Elfmeter"
    assert anna.filter_update(old.id, phrase="Freistoß", context=["home"]).phrase == "Freistoß"
    anna.filter_delete(old.id)


# --------------------------------------------------------------------------------------------- notifications


def notifications(people: Cast) -> None:
    anna, bert, carla = people.anna, people.bert, people.carla
    bert.account_unfollow(carla.me().id)
    seen = bert.notifications()
    assert {"follow", "favourite", "reblog", "mention"} & {one.type for one in seen}
    assert bert.notifications(seen[0].id).id == seen[0].id
    assert bert.notifications_unread_count().count >= 1
    grouped = bert.grouped_notifications()
    key = grouped.notification_groups[0].group_key
    assert bert.grouped_notification(key).notification_groups
    assert bert.grouped_notification_accounts(key)
    assert bert.unread_grouped_notifications_count() >= 1
    bert.dismiss_grouped_notification(key)
    bert.notifications_dismiss(bert.notifications()[0].id)
    assert bert.notifications_policy().for_not_following
    for other, end in (
        (anna, bert.accept_notification_request),
        (carla, bert.dismiss_notification_request),
    ):
        bert.update_notifications_policy(for_not_following="filter")
        other.status_post("@bert Hallo")
        (request,) = bert.notification_requests()
        assert bert.notification_request(request.id).id == request.id
        end(request.id)
    people.admin.status_post("@bert Hallo")
    bert.accept_multiple_notification_requests([one.id for one in bert.notification_requests()])
    bert.dismiss_multiple_notification_requests([])
    assert bert.notifications_merged() in {True, False}
    bert.update_notifications_policy(for_not_following="accept")
    bert.notifications_clear()
    assert bert.notifications() == []


def conversations(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    bert.account_follow(anna.me().id)
    anna.status_post("@bert unter uns", visibility="direct")
    (conversation,) = bert.conversations()
    assert conversation.unread
    assert not bert.conversations_read(conversation.id).unread


def blocks_and_mutes(people: Cast) -> None:
    anna, carla = people.anna, people.carla
    c = carla.me().id
    assert anna.account_mute(c, notifications=True, duration=3600).muting
    assert [one.id for one in anna.mutes()] == [c]
    assert not anna.account_unmute(c).muting
    assert anna.account_block(c).blocking
    assert [one.id for one in anna.blocks()] == [c]
    assert not anna.account_unblock(c).blocking
    anna.domain_block("fern.example")
    assert list(anna.domain_blocks()) == ["fern.example"]
    anna.domain_unblock("fern.example")


# ------------------------------------------------------------------------------------------------- discovery


def discovery(people: Cast) -> None:
    anna, carla = people.anna, people.carla
    assert [one.acct for one in anna.search("bert").accounts] == ["bert"]
    assert [one.name for one in anna.search_v2("fest", result_type="hashtags").hashtags] == ["fest"]
    assert isinstance(anna.directory(local=True), list)
    for suggestions in (anna.suggestions, anna.suggestions_v1, anna.suggestions_v2):
        assert isinstance(suggestions(), list)
    anna.suggestion_delete(carla.me().id)
    for trends in (anna.trends, anna.trending_tags, anna.trending_statuses, anna.trending_links):
        assert isinstance(trends(), list)
    year = datetime.now(UTC).year
    anna.annual_reports()
    anna.annual_report_state(year)


def collections(people: Cast) -> None:
    anna, bert, carla = people.anna, people.bert, people.carla
    made = anna.collection_create("Vereine", description="Unsere Vereine", account_ids=[bert.me().id])
    number = made.collection.id if "collection" in made else made.id
    assert anna.collection(number)
    assert anna.collection_update(number, name="Alle Vereine")
    item = anna.collection_item_add(number, carla.me().id)
    item_id = item.collection_item.id if "collection_item" in item else item.id
    assert anna.account_collections(anna.me().id)
    assert bert.account_in_collections(bert.me().id)
    carla.collection_item_revoke(number, item_id)
    (own, *_) = [one for one in anna.collection(number).collection["items"] if one.account_id == bert.me().id]
    anna.collection_item_delete(number, own.id)
    anna.collection_delete(number)


def announcements(people: Cast) -> None:
    anna = people.anna
    (notice,) = anna.announcements()
    anna.announcement_reaction_create(notice.id, "👍")
    assert anna.announcements()[0].reactions[0].me
    anna.announcement_reaction_delete(notice.id, "👍")
    anna.announcement_dismiss(notice.id)
    assert anna.announcements() == [] or anna.announcements()[0].read


def settings(people: Cast) -> None:
    anna = people.anna
    (newest, *_) = anna.timeline_home()
    assert anna.markers_set(["home"], [newest.id]).home.last_read_id == newest.id
    assert anna.markers_get(["home"]).home.last_read_id == newest.id


def push(people: Cast) -> None:
    anna = people.anna
    _, public = anna.push_subscription_generate_keys()
    made = anna.push_subscription_set("https://push.example/anna", public, mention_events=True)
    assert made.endpoint == anna.push_subscription().endpoint == "https://push.example/anna"
    assert anna.push_subscription_update(follow_events=True).alerts.follow
    anna.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        anna.push_subscription()


def without_the_library(people: Cast) -> None:
    on_our_own(people.address, people.tokens, people.streams_open)


def scheduled(people: Cast) -> None:
    anna = people.anna
    later = datetime.now(UTC) + timedelta(hours=1)
    waiting = anna.status_post("Morgen Markt", scheduled_at=later)
    assert [one.id for one in anna.scheduled_statuses()] == [waiting.id]
    assert anna.scheduled_status(waiting.id).params.text == "Morgen Markt"
    assert anna.scheduled_status_update(waiting.id, later + timedelta(hours=1)).scheduled_at > later
    anna.scheduled_status_delete(waiting.id)


# -------------------------------------------------------------------------------------------- administration


def reports_and_administration(people: Cast) -> None:
    anna, admin = people.anna, people.admin
    target = people.carla.me().id
    report = anna.report(target, comment="Wirbt immerzu", category="spam")
    assert not report.action_taken
    assert [one.id for one in admin.admin_reports()] == [report.id]
    for act in (
        admin.admin_report,
        admin.admin_report_assign,
        admin.admin_report_unassign,
        admin.admin_report_resolve,
        admin.admin_report_reopen,
    ):
        assert act(report.id).id == report.id
    for accounts in (admin.admin_accounts, admin.admin_accounts_v1, admin.admin_accounts_v2):
        assert accounts()
    assert admin.admin_account(target).username == "carla"
    for action in ("none", "sensitive", "silence", "disable", "suspend"):
        admin.admin_account_moderate(target, action=None if action == "none" else action, text="Bitte nicht")
    for undo in (
        admin.admin_account_unsensitive,
        admin.admin_account_unsilence,
        admin.admin_account_unsuspend,
        admin.admin_account_enable,
    ):
        assert undo(target).id == target
    _domains(admin)
    _addresses(admin)
    _figures(admin)


def _domains(admin: Any) -> None:
    block = admin.admin_create_domain_block("boese.example", severity="silence")
    assert [one.id for one in admin.admin_domain_blocks()] == [block.id]
    assert admin.admin_domain_blocks(block.id).domain == "boese.example"
    assert admin.admin_update_domain_block(block.id, severity="suspend").severity == "suspend"
    admin.admin_delete_domain_block(block.id)
    allow = admin.admin_create_domain_allow("gut.example")
    assert [one.id for one in admin.admin_domain_allows()] == [allow.id]
    assert admin.admin_domain_allow(allow.id).domain == "gut.example"
    admin.admin_delete_domain_allow(allow.id)


def _addresses(admin: Any) -> None:
    mail = admin.admin_create_email_domain_block("wegwerf.example")
    assert [one.id for one in admin.admin_email_domain_blocks()] == [mail.id]
    assert admin.admin_email_domain_block(mail.id).domain == "wegwerf.example"
    admin.admin_delete_email_domain_block(mail.id)
    network = admin.admin_create_ip_block("203.0.113.0/24", "sign_up_block", comment="viele Anmeldungen")
    assert [one.id for one in admin.admin_ip_blocks()] == [network.id]
    assert admin.admin_ip_block(network.id).comment == "viele Anmeldungen"
    assert admin.admin_update_ip_block(network.id, comment="noch mehr").comment == "noch mehr"
    admin.admin_delete_ip_block(network.id)
    canonical = admin.admin_create_canonical_email_block(email="spam@post.example")
    assert [one.id for one in admin.admin_canonical_email_blocks()] == [canonical.id]
    assert admin.admin_canonical_email_block(canonical.id).id == canonical.id
    assert [one.id for one in admin.admin_test_canonical_email_block("spam@post.example")] == [canonical.id]
    admin.admin_delete_canonical_email_block(canonical.id)


def _figures(admin: Any) -> None:
    now = datetime.now(UTC)
    week = (now - timedelta(days=7), now)
    assert admin.admin_measures(*week, active_users=True, new_users=True, opened_reports=True)
    assert admin.admin_dimensions(*week, languages=True, software_versions=True)
    assert admin.admin_retention(*week)
    for trends in (admin.admin_trending_tags, admin.admin_trending_statuses, admin.admin_trending_links):
        assert isinstance(trends(), list)


# ------------------------------------------------------------------------------------------------- streaming


class Listener(StreamListener):  # type: ignore[misc]  # Mastodon.py is typed, its base class is not
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_update(self, status: Any) -> None:
        self.heard.append(str(status.id))


def streaming(people: Cast) -> None:
    anna, bert = people.anna, people.bert
    assert anna.stream_healthy()
    chosen = anna.list_create("Leute")
    for listen in (
        anna.stream_user,
        anna.stream_public,
        anna.stream_local,
        anna.stream_direct,
        anna.stream_user_notifications,
        lambda listener, **options: anna.stream_hashtag("fest", listener, **options),
        lambda listener, **options: anna.stream_list(chosen.id, listener, **options),
    ):
        listen(Listener(), run_async=True).close()
    listener = Listener()
    handle = anna.stream_user(listener, run_async=True)
    until(handle.is_receiving)
    status = bert.status_post("Gleich zu hören")
    until(lambda: str(status.id) in listener.heard)
    handle.close()
    anna.list_delete(chosen.id)
