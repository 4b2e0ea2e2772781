"""Actors: whose endpoints, keys and names they claim to be."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.caps import CAPS
from activitypub.multikey import ed25519_pem
from activitypub.parse import Unreadable, parse_actor
from activitypub.parse_actor import MAX_KEYS, is_username
from activitypub.signatures.keys import load_public_key
from activitypub.vocabulary import RemoteActor, RemoteField, RemoteKey

ANNA = "https://a.example/users/anna"
EVIL = "https://evil.example/x"
PEM = (
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEALm/M42cB3HkUiODQsXRcweM6TByfzEHGO9ND274JcOY=\n"
    "-----END PUBLIC KEY-----\n"
)
# The same key, an example of the did:key specification.
MULTIBASE = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def document(**more: Any) -> dict[str, Any]:
    return {"id": ANNA, "type": "Person", "preferredUsername": "anna", "inbox": f"{ANNA}/inbox", **more}


def actor(**more: Any) -> RemoteActor:
    return parse_actor(document(**more))


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in document().items() if name != key}


def test_the_least_an_actor_can_be() -> None:
    read = actor()
    assert (read.uri, read.type, read.username, read.name, read.inbox) == (ANNA, "Person", "anna", "", f"{ANNA}/inbox")
    assert (read.url, read.shared_inbox, read.outbox, read.followers, read.webfinger, read.moved_to) == (None,) * 6
    assert (read.keys, read.fields, read.emojis, read.also_known_as) == ((),) * 4
    assert (read.manually_approves_followers, read.discoverable, read.indexable) == (False,) * 3


@pytest.mark.parametrize("kind", [None, "Note", "Tombstone", "Create", 7, [], "Mensch"])
def test_what_is_no_actor_is_refused(kind: Any) -> None:
    with pytest.raises(Unreadable, match="no actor"):
        actor(type=kind)


@pytest.mark.parametrize("bad", [None, "", 7, [ANNA], "acct:anna@a.example", "http://a.example/users/anna"])
def test_an_actor_needs_an_https_id(bad: Any) -> None:
    with pytest.raises(Unreadable, match="id"):
        actor(id=bad)


def test_a_test_network_may_speak_http() -> None:
    local = "http://127.0.0.1:8001/users/a"
    assert parse_actor(document(id=local, inbox=f"{local}/inbox"), allow_http=True).uri == local


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        7,
        {},
        EVIL,
        "https://a.example:8443/inbox",
        "http://a.example/inbox",
        "https://a.example.evil.example/",
    ],
)
def test_a_missing_or_foreign_inbox_refuses_the_actor(bad: Any) -> None:
    """Row A15, D06."""
    with pytest.raises(Unreadable, match="inbox"):
        actor(inbox=bad)


@pytest.mark.parametrize("inbox", [{"id": f"{ANNA}/inbox"}, [f"{ANNA}/inbox"]])
def test_the_inbox_in_any_shape(inbox: Any) -> None:
    assert actor(inbox=inbox).inbox == f"{ANNA}/inbox"


@pytest.mark.parametrize("key", ["outbox", "followers", "following", "featured"])
@pytest.mark.parametrize("bad", [EVIL, "javascript:alert(1)", "http://a.example/x", 7, {}])
def test_foreign_collections_are_left_out(key: str, bad: Any) -> None:
    """Row A15."""
    assert getattr(actor(**{key: f"{ANNA}/{key}"}), key) == f"{ANNA}/{key}"
    assert getattr(actor(**{key: {"id": f"{ANNA}/{key}", "type": "Collection"}}), key) == f"{ANNA}/{key}"
    assert getattr(actor(**{key: bad}), key) is None


def test_a_foreign_shared_inbox_is_left_out() -> None:
    """Row A15."""
    shared = "https://a.example/inbox"
    assert actor(endpoints={"sharedInbox": shared}).shared_inbox == shared
    assert actor(sharedInbox=shared).shared_inbox == shared
    assert actor(endpoints={"sharedInbox": EVIL}).shared_inbox is None
    assert actor(endpoints=[], sharedInbox=EVIL).shared_inbox is None
    assert actor(endpoints="https://a.example/endpoints").shared_inbox is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.example/@anna", "https://a.example/@anna"),
        ({"type": "Link", "mediaType": "text/html", "href": "https://a.example/@anna"}, "https://a.example/@anna"),
        (
            [
                "https://a.example/anna.json",
                {"type": "Link", "mediaType": "text/html", "href": "https://a.example/@anna"},
            ],
            "https://a.example/@anna",
        ),
        (EVIL, None),
        ("javascript:alert(1)", None),
        (7, None),
    ],
)
def test_the_profile_page(value: Any, expected: str | None) -> None:
    """Rows A15 and G05."""
    assert actor(url=value).url == expected


def key(**more: Any) -> dict[str, Any]:
    return {"id": f"{ANNA}#main-key", "owner": ANNA, "publicKeyPem": PEM, **more}


@pytest.mark.parametrize("uri", [f"{ANNA}#main-key", f"{ANNA}/main-key", f"{ANNA}/#main-key", ANNA])
def test_key_ids_of_four_programs(uri: str) -> None:
    assert actor(publicKey=key(id=uri)).keys == (RemoteKey(uri, ANNA, PEM),)


def test_several_keys_each_once_and_not_too_many() -> None:
    keys = [key(id=f"{ANNA}#{number}") for number in range(1000)]
    assert len(actor(publicKey=keys).keys) == MAX_KEYS
    assert len(actor(publicKey=[keys[0], keys[0]]).keys) == 1


@pytest.mark.parametrize("owner", [EVIL, "https://a.example/users/bert", 7, "", [], {"id": EVIL}])
def test_a_key_of_somebody_else_refuses_the_actor(owner: Any) -> None:
    """Rows A06 and A15."""
    if owner in ("", []):
        assert actor(publicKey=key(owner=owner)).keys  # not said, so it is the actor's
    else:
        with pytest.raises(Unreadable, match="another actor"):
            actor(publicKey=key(owner=owner))


@pytest.mark.parametrize("bad", [EVIL, None, 7, "#main-key", "http://a.example/users/anna#main-key"])
def test_a_key_with_a_foreign_id_is_left_out(bad: Any) -> None:
    """Row A15."""
    assert actor(publicKey=key(id=bad)).keys == ()


@pytest.mark.parametrize("bad", [None, "", 7, [PEM], "x" * 100_000])
def test_a_key_without_a_pem_is_left_out(bad: Any) -> None:
    assert actor(publicKey=key(publicKeyPem=bad)).keys == ()


def test_a_multikey_becomes_pem() -> None:
    method = {"id": f"{ANNA}#ed25519", "type": "Multikey", "controller": ANNA, "publicKeyMultibase": MULTIBASE}
    assert actor(assertionMethod=[method]).keys == (RemoteKey(f"{ANNA}#ed25519", ANNA, PEM),)
    both = actor(publicKey=key(), assertionMethod=method)
    assert [each.uri for each in both.keys] == [f"{ANNA}#main-key", f"{ANNA}#ed25519"]
    with pytest.raises(Unreadable, match="another actor"):
        actor(assertionMethod=[{**method, "controller": EVIL}])


def test_the_pem_of_a_multikey_loads() -> None:
    pem = ed25519_pem(MULTIBASE)
    assert pem == PEM
    assert load_public_key(pem) is not None


@pytest.mark.parametrize(
    "bad",
    ["", "z", "z0", MULTIBASE[1:], MULTIBASE + "x", "z" + "z" * 46, "z6Mk" * 100_000, "zQ3shokFTS3brHcDQrn82RUDfCZ"],
)
def test_what_is_no_ed25519_multikey(bad: str) -> None:
    assert ed25519_pem(bad) is None


@pytest.mark.parametrize("name", ["anna", "Anna_1", "a.b-c", "änna", "аня", "heimatverein.example", "~anna"])
def test_usernames(name: str) -> None:
    assert actor(preferredUsername=name).username == name


@pytest.mark.parametrize(
    "bad",
    [".", "..", "a/b", "../admin", "a@b", "a b", "a:b", "a?b", "a#b", "a%2fb", "<b>", "a\\b", "a\u00a0b", '"', "a&b"],
)
def test_odd_usernames_refuse_the_actor(bad: str) -> None:
    """Row L05."""
    assert not is_username(bad)
    with pytest.raises(Unreadable, match="name"):
        actor(preferredUsername=bad)


@pytest.mark.parametrize("written", ["anna\n", "an\u202ena", "an\u200bna", "anna\0"])
def test_invisible_characters_are_not_part_of_a_username(written: str) -> None:
    """Row L05."""
    assert actor(preferredUsername=written).username == "anna"


def test_a_username_is_capped() -> None:
    """Row L05."""
    assert len(actor(preferredUsername="a" * 1_000_000).username) == CAPS.username_characters


@pytest.mark.parametrize("missing", [None, "", 7, [], {}])
def test_without_preferred_username_the_address_or_the_id_tells_it(missing: Any) -> None:
    assert actor(preferredUsername=missing).username == "anna"
    assert actor(preferredUsername=missing, webfinger="rathaus@a.example").username == "rathaus"
    slashed = parse_actor({**without("preferredUsername"), "id": f"{ANNA}/?x=1#y"})
    assert slashed.username == "anna"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("anna@a.example", "anna@a.example"),
        ("acct:anna@a.example", "anna@a.example"),
        ("@anna@a.example", "anna@a.example"),
        ("anna", None),
        ("anna@", None),
        ("@a.example", None),
        ("a@b@c", None),
        ("a/b@c", None),
        (7, None),
    ],
)
def test_webfinger_address(value: Any, expected: str | None) -> None:
    assert actor(webfinger=value).webfinger == expected


@pytest.mark.parametrize("key_", ["icon", "image"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://cdn.example/a.png", "https://cdn.example/a.png"),
        ({"type": "Image", "url": "https://cdn.example/a.png"}, "https://cdn.example/a.png"),
        ({"type": "Image", "url": {"type": "Link", "href": "https://cdn.example/a.png"}}, "https://cdn.example/a.png"),
        (
            [{"url": "https://cdn.example/48.png", "width": 48}, {"url": "https://cdn.example/120.png", "width": 120}],
            "https://cdn.example/120.png",
        ),
        ([{"url": "data:image/png;base64,AA"}, {"url": "https://cdn.example/a.png"}], "https://cdn.example/a.png"),
        ({"type": "Image", "url": "javascript:alert(1)"}, None),
        ({"type": "Image", "url": "http://cdn.example/a.png"}, None),
        (None, None),
        ([], None),
        (7, None),
    ],
)
def test_pictures(key_: str, value: Any, expected: str | None) -> None:
    """Row G05."""
    read = actor(**{key_: value})
    assert {"icon": read.avatar_url, "image": read.header_url}[key_] == expected


def test_fields_are_property_values_and_nothing_else() -> None:
    attachment = [
        {"type": "PropertyValue", "name": "Web", "value": '<a href="https://x.example">x</a>'},
        {"type": "IdentityProof", "name": "anna", "signatureValue": "x"},
        {"type": "PropertyValue", "name": None, "value": None},
        {"type": "PropertyValue", "name": "Zahl", "value": 7},
        "PropertyValue",
    ]
    web = RemoteField("Web", '<a href="https://x.example">x</a>')
    assert actor(attachment=attachment).fields == (web, RemoteField("Zahl", ""))
    assert actor(attachment=attachment[0]).fields == (web,)


def test_everything_of_an_actor_is_capped() -> None:
    """Row E07."""
    long = "x" * 1_000_000
    read = actor(
        name=long,
        summary=long,
        attachment=[{"type": "PropertyValue", "name": long, "value": long}] * 1000,
        alsoKnownAs=[f"https://b.example/{number}" for number in range(10_000)],
    )
    assert len(read.name) == CAPS.name_characters
    assert len(read.summary) == CAPS.bio_characters
    assert len(read.fields) == CAPS.fields
    assert {len(text) for field in read.fields for text in (field.name, field.value)} == {CAPS.field_characters}
    assert len(read.also_known_as) == CAPS.also_known_as


def test_a_name_hides_nothing() -> None:
    """Row L06."""
    assert actor(name="Stadt\u202e\u2066 \n✔️\u200b").name == "Stadt ✔️"


@pytest.mark.parametrize("value", [None, "true", 1, [True], {}])
def test_flags_are_json_booleans(value: Any) -> None:
    read = actor(manuallyApprovesFollowers=value, discoverable=value, indexable=value)
    assert (read.manually_approves_followers, read.discoverable, read.indexable) == (False,) * 3


def test_aliases_and_a_move() -> None:
    read = actor(alsoKnownAs="https://b.example/users/anna", movedTo={"id": "https://c.example/users/anna"})
    assert read.also_known_as == ("https://b.example/users/anna",)
    assert read.moved_to == "https://c.example/users/anna"


@pytest.mark.parametrize("key_", ["attributedTo", "moderators"])
def test_the_moderators_of_a_group(key_: str) -> None:
    moderators = f"{ANNA}/moderators"
    assert actor(type="Group", **{key_: moderators}).moderators == moderators
    assert actor(type="Group", **{key_: EVIL}).moderators is None
    assert actor(type="Person", **{key_: moderators}).moderators is None


def test_the_owner_of_a_channel_is_no_collection_of_moderators() -> None:
    assert actor(type="Group", attributedTo=[{"type": "Person", "id": ANNA}]).moderators is None


def test_when_it_was_created() -> None:
    assert actor(published="2022-11-07T00:00:00Z").published == datetime(2022, 11, 7, tzinfo=UTC)
    assert actor(published="9999-01-01T00:00:00Z").published is None
