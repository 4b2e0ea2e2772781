"""Read as JSON and read as JSON-LD, a document says the same, or it is refused (rows C01 to C05)."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader

from activitypub.jsonld import (
    AS,
    DATA_INTEGRITY,
    DID,
    OUTGOING_CONTEXT,
    SECURITY,
    NotPlain,
    UnknownContext,
    document_loader,
    plain,
)

NS = f"{AS}#"
SEC = "https://w3id.org/security#"
ANNA = "https://stadt.example/users/anna"


def expanded(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a JSON-LD processor reads, with no network behind it."""
    (node,) = jsonld.expand(document, {"documentLoader": document_loader})
    return dict(node)


def note(context: Any, **properties: Any) -> dict[str, Any]:
    return {
        "@context": context,
        "id": f"{ANNA}/1",
        "type": "Note",
        "attributedTo": ANNA,
        "content": "x",
        **properties,
    }


# --- the contexts we carry ---


@pytest.mark.parametrize("url", [AS, SECURITY, DID])
def test_bundled_contexts_are_the_published_ones(url: str) -> None:
    theirs = FrozenDocumentLoader()(url, {})["document"]
    assert document_loader(url)["document"]["@context"] == theirs["@context"]


def test_no_context_is_fetched() -> None:
    with pytest.raises(UnknownContext):
        document_loader("https://evil.example/context")


def test_a_proof_and_a_key_expand_to_the_security_vocabulary() -> None:
    for context in (DATA_INTEGRITY, "https://w3id.org/security/data-integrity/v2"):
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "created": "2026-11-23T10:00:00Z",
            "verificationMethod": f"{ANNA}#key",
            "proofPurpose": "assertionMethod",
            "proofValue": "z1",
        }
        (read,) = expanded(note([AS, context], proof=proof))[f"{SEC}proof"][0]["@graph"]
        assert read["@type"] == [f"{SEC}DataIntegrityProof"]
        assert read[f"{SEC}proofPurpose"] == [{"@id": f"{SEC}assertionMethod"}]
        assert read[f"{SEC}cryptosuite"][0]["@value"] == "eddsa-jcs-2022"
        assert read[f"{SEC}proofValue"] == [{"@value": "z1", "@type": f"{SEC}multibase"}]
        assert read["http://purl.org/dc/terms/created"][0]["@value"] == "2026-11-23T10:00:00Z"


def test_every_term_we_send_has_its_published_meaning() -> None:
    actor = expanded(
        {
            "@context": OUTGOING_CONTEXT,
            "id": ANNA,
            "type": "Person",
            "inbox": f"{ANNA}/inbox",
            "alsoKnownAs": ["https://old.example/anna"],
            "movedTo": "https://new.example/anna",
            "manuallyApprovesFollowers": True,
            "discoverable": True,
            "indexable": True,
            "featured": f"{ANNA}/featured",
            "webfinger": "anna@stadt.example",
            "publicKey": {"id": f"{ANNA}#main-key", "owner": ANNA, "publicKeyPem": "PEM"},
            "assertionMethod": [
                {"id": f"{ANNA}#key", "type": "Multikey", "controller": ANNA, "publicKeyMultibase": "z6"}
            ],
            "attachment": [{"type": "PropertyValue", "name": "Web", "value": "x"}],
            "tag": [{"type": "Emoji", "name": ":x:"}, {"type": "Hashtag", "name": "#x"}],
        }
    )
    toot = "http://joinmastodon.org/ns#"
    assert actor["@type"] == [f"{NS}Person"]
    assert actor["http://www.w3.org/ns/ldp#inbox"] == [{"@id": f"{ANNA}/inbox"}]
    assert actor[f"{NS}alsoKnownAs"] == [{"@id": "https://old.example/anna"}]
    assert actor[f"{NS}movedTo"] == [{"@id": "https://new.example/anna"}]
    assert actor[f"{NS}manuallyApprovesFollowers"] == [{"@value": True}]
    assert actor[f"{toot}discoverable"] == actor[f"{toot}indexable"] == [{"@value": True}]
    assert actor[f"{toot}featured"] == [{"@id": f"{ANNA}/featured"}]
    assert actor["https://purl.archive.org/socialweb/webfinger#webfinger"][0]["@value"] == "anna@stadt.example"
    assert actor[f"{SEC}publicKey"][0][f"{SEC}publicKeyPem"] == [{"@value": "PEM"}]
    assert actor[f"{SEC}assertionMethod"][0][f"{SEC}publicKeyMultibase"][0]["@value"] == "z6"
    assert actor[f"{NS}attachment"][0]["@type"] == ["http://schema.org#PropertyValue"]
    assert actor[f"{NS}attachment"][0]["http://schema.org#value"] == [{"@value": "x"}]
    assert [tag["@type"][0] for tag in actor[f"{NS}tag"]] == [f"{toot}Emoji", f"{NS}Hashtag"]

    status = expanded(
        note(
            OUTGOING_CONTEXT,
            sensitive=True,
            votersCount=3,
            quote=f"{ANNA}/2",
            quoteAuthorization=f"{ANNA}/stamp",
            conversation="tag:x",
            attachment=[{"type": "Document", "blurhash": "L0", "focalPoint": [0.5, -1.0]}],
            interactionPolicy={"canQuote": {"automaticApproval": [f"{NS}Public"]}},
        )
    )
    gts = "https://gotosocial.org/ns#"
    assert status[f"{NS}sensitive"] == [{"@value": True}]
    assert status[f"{toot}votersCount"] == [{"@value": 3}]
    assert status["https://w3id.org/fep/044f#quote"] == [{"@id": f"{ANNA}/2"}]
    assert status["https://w3id.org/fep/044f#quoteAuthorization"] == [{"@id": f"{ANNA}/stamp"}]
    assert status[f"{NS}attachment"][0][f"{toot}focalPoint"] == [{"@list": [{"@value": 0.5}, {"@value": -1.0}]}]
    policy = status[f"{gts}interactionPolicy"][0][f"{gts}canQuote"][0]
    assert policy[f"{gts}automaticApproval"] == [{"@id": f"{NS}Public"}]


def test_what_we_send_is_plain() -> None:
    plain(note([*OUTGOING_CONTEXT, {}]))
    plain(note(OUTGOING_CONTEXT, replies={"@context": OUTGOING_CONTEXT, "type": "Collection"}))


# --- what arrives ---

# The shapes of @context that servers of the fediverse send.
IN_THE_WILD: dict[str, Any] = {
    "none at all": None,
    "Lemmy": ["https://join-lemmy.org/context.json", AS],
    "Pleroma": [AS, "https://pleroma.example/schemas/litepub-0.1.jsonld", {"@language": "und"}],
    "Mastodon": [
        AS,
        SECURITY,
        {
            "ostatus": "http://ostatus.org#",
            "atomUri": "ostatus:atomUri",
            "movedTo": {"@id": "as:movedTo", "@type": "@id"},
            "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
            "sensitive": "as:sensitive",
            "Hashtag": "as:Hashtag",
            "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
            "toot": "http://joinmastodon.org/ns#",
            "schema": "http://schema.org#",
            "value": "schema:value",
        },
    ],
    "Misskey": [AS, SECURITY, {"Key": "sec:Key", "quoteUrl": "as:quoteUrl", "isCat": "misskey:isCat"}],
    "PeerTube": [
        AS,
        SECURITY,
        {"RsaSignature2017": f"{SEC}RsaSignature2017"},
        {
            "sc": "http://schema.org/",
            "pt": "https://joinpeertube.org/ns#",
            "category": "sc:category",
            "icons": "as:icon",
            "likes": {"@id": "as:likes", "@type": "@id"},
            "shares": {"@id": "as:shares", "@type": "@id"},
            "support": {"@type": "sc:Text", "@id": "pt:support"},
        },
    ],
    "Mobilizon": [
        AS,
        {
            "sc": "http://schema.org#",
            "location": {"@id": "sc:location", "@type": "sc:Place"},
            "address": {"@id": "sc:address", "@type": "sc:PostalAddress"},
            "uuid": "sc:identifier",
        },
    ],
    "Takahe": [AS, {"Public": {"@id": "as:Public", "@type": "@id"}}],
    "Mitra": [
        AS,
        SECURITY,
        {"proofValue": "sec:proofValue", "verificationMethod": "sec:verificationMethod"},
    ],
    "examples of the specification": {"@vocab": AS, "@language": "en", "ext": "https://ext.example/terms/"},
    "full addresses": [{"id": "@id", "type": "@type", "actor": {"@id": f"{NS}actor", "@type": "@id"}}],
    "unknown extension": [
        AS,
        {"@version": 1.1, "x": {"@id": "https://x.example/#x", "@container": "@graph"}},
    ],
}


@pytest.mark.parametrize("context", IN_THE_WILD.values(), ids=IN_THE_WILD.keys())
def test_contexts_of_the_fediverse_are_plain(context: Any) -> None:
    document = note(context, actor=ANNA, object={"@context": context, "type": "Note"})
    if context is None:
        document = {"id": f"{ANNA}/1", "type": "Note"}
    plain(document)


EVIL = "https://evil.example/#"
HOSTILE_CONTEXTS: dict[str, Any] = {
    "actor is object": {"actor": "as:object"},
    "actor is nothing": {"actor": None},
    "actor is an alias": {"actor": "object"},
    "actor is elsewhere": {"actor": EVIL + "actor"},
    "actor without id": {"actor": {"@type": "@id"}},
    "actor is empty": {"actor": {}},
    "actor is a number": {"actor": 1},
    "actor is a graph": {"actor": {"@id": "as:actor", "@container": "@graph"}},
    "actor is indexed": {"actor": {"@id": "as:actor", "@container": ["@graph", "@id"]}},
    "actor is reversed": {"actor": {"@reverse": "as:object"}},
    "reverse of an extension": {"x": {"@reverse": "as:actor"}},
    "nest of an extension": {"x": {"@id": EVIL, "@nest": "y"}},
    "prefix is moved": {"as": EVIL},
    "prefix is moved and used": {"as": EVIL, "actor": "as:actor"},
    "prefix of ours": {"x": NS},
    "prefix of our prefix": {"x": "https://www.w3.org/ns/"},
    "prefix of everything": {"x": ""},
    "own prefix, moved later": [{"x": EVIL}, {"x": "https://ok.example/#"}, {"x": EVIL, "actor": "x:actor"}],
    "own prefix, moved before": [{"x": "https://x.example/#"}, {"x": EVIL}, {"actor": "x:actor"}],
    "key by a prefix, moved later": [{"x": SEC}, {"x": EVIL, "publicKeyPem": "x:publicKeyPem"}],
    "prefix in a circle": {"a": "b:x", "b": "a:x", "actor": "a:actor"},
    "inbox": {"inbox": "as:inbox"},
    "type": {"type": EVIL},
    "id": {"id": EVIL + "id"},
    "Note is Follow": {"Note": "as:Follow"},
    "public": {"Public": EVIL},
    "key": {"publicKeyPem": EVIL},
    "owner": {"owner": "sec:controller"},
    "moved": {"movedTo": "as:alsoKnownAs"},
    "second content": {"x": "as:content"},
    "second icon": {"x": "as:icon"},
    "icons as actor": {"icons": "as:actor"},
    "second actor by its term": {"x": "actor"},
    "second actor by another term": {"x": "y", "y": {"@id": "actor"}},
    "second actor": {"x": {"@id": "as:actor"}},
    "second recipient": {"x": f"{NS}to"},
    "second id": {"x": "@id"},
    "second type": {"x": {"@id": "@type"}},
    "second graph": {"x": "@graph"},
    "second nest": {"x": "@nest"},
    "vocab": {"@vocab": EVIL},
    "vocab of a list": {"@vocab": [AS]},
    "base": {"@base": "https://evil.example/"},
    "import": {"@import": "https://evil.example/context"},
    "propagate": {"@propagate": False},
    "graph in the context": {"@graph": []},
    "scoped": {"Note": {"@id": "as:Note", "@context": {"actor": EVIL}}},
    "scoped in an extension": {"x": {"@id": EVIL, "@context": [{"y": {"@context": {"actor": EVIL}}}]}},
    "null": None,
    "null in a list": [None],
    "number": 5,
    "list of lists": [[AS]],
}


@pytest.mark.parametrize("context", HOSTILE_CONTEXTS.values(), ids=HOSTILE_CONTEXTS.keys())
@pytest.mark.parametrize("where", ["top", "alone", "inside", "deep"])
def test_a_context_that_moves_our_terms_is_refused(context: Any, where: str) -> None:
    parts = context if isinstance(context, list) else [context]
    document = {
        "top": note([AS, *parts]),
        "alone": note(context),
        "inside": note(AS, object={"type": "Note", "@context": [AS, *parts]}),
        "deep": note(AS, tag=[[{"x": [{"@context": context}]}]]),
    }[where]
    with pytest.raises(NotPlain):
        plain(document)


@pytest.mark.parametrize("keyword", ["@graph", "@included", "@reverse", "@nest"])
@pytest.mark.parametrize("value", [None, [], {}, [{"id": ANNA}]])
def test_restructuring_is_refused_at_any_depth(keyword: str, value: Any) -> None:
    for document in (
        note(AS, **{keyword: value}),
        note(AS, object={keyword: value}),
        note(AS, tag=[{"x": [[{"y": {keyword: value}}]]}]),
        {keyword: value},
    ):
        with pytest.raises(NotPlain):
            plain(document)


@pytest.mark.parametrize("name", ["@id", "@type", "as:actor", f"{NS}actor", "as:"])
def test_a_second_name_for_a_term_is_refused(name: str) -> None:
    with pytest.raises(NotPlain):
        plain(note(AS, object={"id": ANNA, "type": "Person", name: "x"}))


@pytest.mark.parametrize("name", ["content", "name", "summary", "preferredUsername"])
def test_a_text_that_becomes_a_reference_is_refused(name: str) -> None:
    for kind in ("@id", "@vocab"):
        with pytest.raises(NotPlain):
            plain(note([AS, {name: {"@id": f"as:{name}", "@type": kind}}]))


def test_ordinary_names_with_colons_and_keywords_are_plain() -> None:
    plain(note(AS, **{"diaspora:guid": "x", "asx:y": 1, "tag": [{"@id": ANNA, "@type": "Mention"}]}))
    plain(note(AS, content={"@value": "x", "@language": "de"}, to={"@list": [ANNA]}))


NAMES = st.sampled_from(["actor", "content", "to", "id", "type", "Note", "as", "x", "y", "z", "icons"])
HARMLESS = st.sampled_from(["https://x.example/#", "y:z", "toot:x", "as:icon", None])
IRIS = HARMLESS | st.sampled_from(
    [NS, f"{NS}actor", EVIL, "https://www.w3.org/ns/", "@id", "@type", "@graph", "@nest", "actor", "x", "to"]
)
IRIS |= st.sampled_from(["as:actor", "as:to", "as:content", "as:Note", "x:actor", "y:"])
DETAILS = st.fixed_dictionaries(
    {"@id": IRIS},
    optional={
        "@type": st.sampled_from(["@id", "@vocab", "xsd:string"]),
        "@container": st.sampled_from(["@list", "@set", "@graph", "@index"]),
    },
)
# What each term may be, so that a good part of the contexts is let through, and anything else.
DEFINITIONS = st.fixed_dictionaries(
    {},
    optional={
        "actor": st.sampled_from(["as:actor", {"@id": "as:actor", "@type": "@id"}, "x:actor"]),
        "to": st.sampled_from(["as:to", {"@id": "as:to", "@container": "@list"}, {"@id": "as:to", "@type": "@id"}]),
        "x": HARMLESS,
        "y": HARMLESS,
        "@vocab": st.sampled_from(["_:", NS]),
    },
) | st.dictionaries(NAMES, IRIS | DETAILS, max_size=3)


@given(st.lists(DEFINITIONS, max_size=3), st.sampled_from(["x", "x:actor", "y:to", "x:activitystreams#actor"]))
@settings(max_examples=600)
def test_what_is_plain_means_the_same_to_a_processor(context: list[Any], extra: str) -> None:
    """For any context that is let through, PyLD reads our terms in the published sense, or nothing."""
    document = note([AS, *context], actor=ANNA, to=[f"{ANNA}/followers"], icons=f"{ANNA}/2")
    document[extra] = f"{ANNA}/3"
    try:
        plain(document)
    except NotPlain:
        return
    try:
        read = expanded(document)
    except jsonld.JsonLdError:
        return
    assert read["@id"] == f"{ANNA}/1"
    assert read["@type"] == [f"{NS}Note"]
    assert values(read, "actor") == [ANNA]
    assert values(read, "to") == [f"{ANNA}/followers"]
    assert values(read, "content") == ["x"]
    assert "@graph" not in read


def values(read: dict[str, Any], name: str) -> list[Any]:
    """Return the values of a property of ActivityStreams in an expanded document, also those of a list."""
    found = [inner for value in read.get(f"{NS}{name}", []) for inner in value.get("@list", [value])]
    return [value.get("@id", value.get("@value")) for value in found]


def test_a_large_hostile_document_is_judged_at_once() -> None:
    """Row C05: no work beyond one look at each name."""
    context = {f"t{number}": {"@id": f"t{number - 1}:x"} for number in range(2_000)}
    document = note([AS, context], tag=[{"@context": context} for _ in range(5)])
    started = time.process_time()
    plain(document)
    assert time.process_time() - started < 0.5
