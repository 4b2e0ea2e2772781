"""Every document under tests/payloads reads as its table in expectations.toml says."""

from collections.abc import Callable
from typing import Any

import pytest

from activitypub.addressing import visibility
from activitypub.parse import Unreadable, parse_activity, parse_actor, parse_status
from activitypub.parse_reaction import read_reaction
from activitypub.vocabulary import ACTOR_TYPES, STATUS_TYPES, Activity, RemoteActor, RemoteStatus, type_of
from tests.payload_files import FOLDER, SHOWN, Payload, payloads

PAYLOADS = list(payloads())
ACTORS = [each for each in PAYLOADS if each.effect == "actor"]
STATUS_DOCUMENTS = [each for each in PAYLOADS if each.effect == "status-document"]
UNREADABLE = [each for each in PAYLOADS if each.expected.get("unreadable")]
SERVED = [each for each in PAYLOADS if each.effect in SHOWN]
ACTIVITIES = [each for each in PAYLOADS if each not in ACTORS + STATUS_DOCUMENTS + UNREADABLE + SERVED]
FOLLOWERS = {each.document["id"]: each.document.get("followers") for each in ACTORS}
FOLDERS = sorted(path for path in FOLDER.iterdir() if path.is_dir())

# Which activities can have which effect. "ignored" may be anything.
EFFECTS = {
    "status": {"Create"},
    "vote": {"Create", "PollVote"},
    "revoke": {"Delete"},
    "relay": {"Follow"},
    "update": {"Update"},
    "update-actor": {"Update"},
    "delete": {"Delete"},
    "delete-actor": {"Delete"},
    **{
        f"announced-{what}": {"Announce"}
        for what in (
            "create",
            "update",
            "update-group",
            "delete",
            "removal",
            "like",
            "undo-like",
            "lock",
            "unlock",
            "block",
        )
    },
    "react": {"EmojiReact", "Like"},
    "quote-request": {"QuoteRequest"},
    "follow": {"Follow"},
    "accept": {"Accept"},
    "reject": {"Reject"},
    "undo": {"Undo"},
    "like": {"Like"},
    "dislike": {"Dislike"},
    "announce": {"Announce"},
    "block": {"Block"},
    "flag": {"Flag"},
    "add": {"Add"},
    "remove": {"Remove"},
    "move": {"Move"},
    "join": {"Join", "Accept"},
    "leave": {"Leave", "Reject"},
    "invite": {"Invite"},
}


def _reaction(activity: Activity) -> str | None:
    """Return the emoji of a reaction, or the shortcode of its picture."""
    reaction = read_reaction(activity, allow_http=False)
    return reaction.name.partition("@")[0] if reaction else None


ACTIVITY_VALUES: dict[str, Callable[[Activity], Any]] = {
    "object": lambda activity: activity.object.uri,
    "objects": lambda activity: len(activity.objects),
    "target": lambda activity: activity.target.uri if activity.target else None,
    "undone": lambda activity: activity.object.type,
    "inner": lambda activity: parse_activity(activity.object.document or {}).type,
    "activity_content": lambda activity: activity.content,
    "reaction": _reaction,
}
STATUS_VALUES: dict[str, Callable[[RemoteStatus], Any]] = {
    "type": lambda status: status.type,
    "attributed_to": lambda status: status.attributed_to,
    "url": lambda status: status.url or "",
    "in_reply_to": lambda status: status.in_reply_to,
    "visibility": lambda status: visibility(status.to, status.cc, FOLLOWERS.get(status.attributed_to)),
    "title": lambda status: status.title,
    "content": lambda status: status.content,
    "summary": lambda status: status.summary,
    "excerpt": lambda status: status.excerpt,
    "sensitive": lambda status: status.sensitive,
    "language": lambda status: status.language,
    "edited": lambda status: status.updated is not None,
    "mentions": lambda status: [mention.uri for mention in status.mentions],
    "hashtags": lambda status: list(status.hashtags),
    "emojis": lambda status: [emoji.shortcode for emoji in status.emojis],
    "media": lambda status: len(status.media),
    "media_url": lambda status: status.media[0].url,
    "conversation": lambda status: status.conversation,
    "audience": lambda status: status.audience,
    "quote": lambda status: status.quote or "",
    "policy": lambda status: sorted(status.policy),
    "locked": lambda status: status.locked,
    "link": lambda status: status.link,
    "poll": lambda status: [name for name, _ in status.poll.options] if status.poll else None,
    "tallies": lambda status: [votes for _, votes in status.poll.options] if status.poll else None,
    "multiple": lambda status: status.poll and status.poll.multiple,
    "voters": lambda status: status.poll and status.poll.voters_count,
    "closed": lambda status: status.poll is not None and status.poll.closed_at is not None,
    "starts_at": lambda status: status.event and status.event.starts_at and status.event.starts_at.isoformat(),
    "ends_at": lambda status: status.event and status.event.ends_at and status.event.ends_at.isoformat(),
    "time_zone": lambda status: status.event and status.event.time_zone,
    "place": lambda status: status.event and status.event.place and status.event.place.name,
    "address": lambda status: status.event and status.event.place and status.event.place.address,
    "online_url": lambda status: status.event and status.event.online_url,
    "join_mode": lambda status: status.event and status.event.join_mode,
    "external_url": lambda status: status.event and status.event.external_url,
    "capacity": lambda status: status.event and status.event.capacity,
    "participants": lambda status: status.event and status.event.participants,
    "cancelled": lambda status: status.event and status.event.state == "cancelled",
    "remaining": lambda status: status.event and status.event.remaining,
    "organisers": lambda status: list(status.event.organisers) if status.event else None,
    "comments": lambda status: status.event and status.event.comments,
}
ACTOR_VALUES: dict[str, Callable[[RemoteActor], Any]] = {
    "type": lambda actor: actor.type,
    "username": lambda actor: actor.username,
    "name": lambda actor: actor.name,
    "fields": lambda actor: len(actor.fields),
    "keys": lambda actor: len(actor.keys),
    "key_ids": lambda actor: [key.uri for key in actor.keys],
    "locked": lambda actor: actor.manually_approves_followers,
    "discoverable": lambda actor: actor.discoverable,
    "webfinger": lambda actor: actor.webfinger,
    "shared_inbox": lambda actor: actor.shared_inbox,
    "avatar": lambda actor: actor.avatar_url,
    "emojis": lambda actor: [emoji.shortcode for emoji in actor.emojis],
    "also_known_as": lambda actor: len(actor.also_known_as),
    "moderators": lambda actor: actor.moderators or "",
}


def named(each: object) -> str:
    return each.name if isinstance(each, Payload) else str(each)


def assert_values(expected: dict[str, Any], values: dict[str, Callable[[Any], Any]], read: Any) -> None:
    found = {key: values[key](read) for key in expected}
    assert found == expected


def table_without(each: Payload, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in each.expected.items() if key not in {"effect", *keys}}


@pytest.mark.parametrize("each", ACTIVITIES, ids=named)
def test_activity_reads_as_expected(each: Payload) -> None:
    activity = parse_activity(each.document)
    if each.effect != "ignored":
        assert activity.type in EFFECTS[each.effect]
    about_activity = {key: value for key, value in each.expected.items() if key in ACTIVITY_VALUES}
    assert_values(about_activity, ACTIVITY_VALUES, activity)
    about_object = table_without(each, *ACTIVITY_VALUES)
    if activity.object.type in STATUS_TYPES and each.effect in {"status", "vote", "update", "invite"}:
        status = parse_status(activity.object.document or {}, envelope=activity)
        assert_values(about_object, STATUS_VALUES, status)
    elif activity.object.type in ACTOR_TYPES and each.effect == "update-actor":
        assert_values(about_object, ACTOR_VALUES, parse_actor(activity.object.document or {}))
    else:
        assert not about_object


@pytest.mark.parametrize("each", STATUS_DOCUMENTS, ids=named)
def test_fetched_status_reads_as_expected(each: Payload) -> None:
    assert_values(table_without(each), STATUS_VALUES, parse_status(each.document))


def test_what_is_shown_is_a_collection_or_a_status() -> None:
    for each in SERVED:
        if type_of(each.document) in STATUS_TYPES:
            assert parse_status(each.document).uri == each.document["id"]
        else:
            assert "Collection" in each.document["type"], each.name


@pytest.mark.parametrize("each", ACTORS, ids=named)
def test_actor_reads_as_expected(each: Payload) -> None:
    actor = parse_actor(each.document)
    assert actor.uri == each.document["id"]
    assert actor.keys
    assert actor.inbox
    assert_values(table_without(each), ACTOR_VALUES, actor)


@pytest.mark.parametrize("each", UNREADABLE, ids=named)
def test_unreadable_activity_is_ignored(each: Payload) -> None:
    assert each.effect == "ignored"
    with pytest.raises(Unreadable):
        parse_activity(each.document)


def test_every_file_has_its_table() -> None:
    on_disk = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.json")}
    assert on_disk == {each.name for each in PAYLOADS}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_program_shows_the_whole_round(folder: Any) -> None:
    of_folder = [each for each in PAYLOADS if each.name.startswith(f"{folder.name}/")]
    effects = {each.effect for each in of_folder}
    assert {"actor", "status", "update", "delete", "delete-actor", "follow", "accept", "undo"} <= effects
    assert any(effect.startswith("announce") for effect in effects)
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert 3 <= len([line for line in lines if line]) <= 8
    if folder.name == "gancio":  # it has no people who like or answer anything
        return
    assert effects & {"like", "react", "dislike"}
    assert any({"in_reply_to", "mentions"} <= each.expected.keys() for each in of_folder)


def test_deletes_come_in_all_three_shapes() -> None:
    deleted = [each.document["object"] for each in PAYLOADS if each.effect == "delete"]
    shapes = {type_of(value) if isinstance(value, dict) else "URI" for value in deleted}
    assert {"URI", "Tombstone", "Event"} <= shapes
