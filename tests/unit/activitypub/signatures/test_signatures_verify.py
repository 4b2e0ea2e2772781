import pytest
from msgspec.structs import replace

from activitypub.signatures.results import Reason, Rejected, Verified
from activitypub.signatures.rules import ParsedSignature, is_key_id
from activitypub.signatures.verify import check, parse, verify
from tests.unit.activitypub.signatures.signed_requests import (
    CREATED_POST,
    FOR_GET,
    FOR_POST,
    HOST,
    KEY_ID,
    NOW,
    UNIX_NOW,
    WITH_EXPIRES,
    ed25519_key,
    get,
    http_date,
    outcome,
    post,
    rsa_key,
    signed,
    with_header,
    with_more,
)


class TestAccepted:
    def test_a_post(self) -> None:
        result = verify(signed(post()), public_key=rsa_key().public_key(), host=HOST, now=NOW)
        assert result == Verified(KEY_ID, FOR_POST)

    def test_a_get(self) -> None:
        result = verify(signed(get()), public_key=rsa_key().public_key(), host=HOST, now=NOW)
        assert result == Verified(KEY_ID, FOR_GET)

    @pytest.mark.parametrize("covered", [CREATED_POST, WITH_EXPIRES, (*FOR_POST, "(created)")])
    def test_created_stands_for_the_date(self, covered: tuple[str, ...]) -> None:
        request = signed(post(), covered, created=str(UNIX_NOW), expires=str(UNIX_NOW + 60))
        assert outcome(request) is None

    @pytest.mark.parametrize("algorithm", ["rsa-sha256", "hs2019", ""])
    def test_rsa(self, algorithm: str) -> None:
        assert outcome(signed(post(), algorithm=algorithm)) is None

    @pytest.mark.parametrize("algorithm", ["ed25519", "hs2019", ""])
    def test_ed25519(self, algorithm: str) -> None:
        request = signed(post(), key=ed25519_key(), algorithm=algorithm)
        assert outcome(request, key=ed25519_key().public_key()) is None

    def test_the_authorization_header(self) -> None:
        request = signed(post())
        scheme = tuple(
            ("authorization", f"Signature {value}") if name == "signature" else (name, value)
            for name, value in request.headers
        )
        assert outcome(replace(request, headers=scheme)) is None

    def test_a_token_beside_the_signature_does_no_harm(self) -> None:
        assert outcome(with_more(signed(get()), ("authorization", "Bearer token"))) is None

    def test_any_of_our_hosts(self) -> None:
        assert outcome(signed(post()), host=frozenset({"musterstadt.example", HOST})) is None
        assert outcome(signed(post(host="127.0.0.1:8001")), host="127.0.0.1:8001") is None
        assert outcome(signed(post(host=HOST.upper()))) is None

    def test_more_headers_may_be_covered_and_more_may_be_there(self) -> None:
        request = post(**{"content-length": "15", "accept-encoding": "gzip", "x-empty": ""})
        covered = ("x-empty", "accept-encoding", *FOR_POST, "content-type", "content-length")
        assert outcome(with_more(signed(request, covered), ("via", "a"), ("via", "b"))) is None

    def test_blanks_around_values_do_not_count(self) -> None:
        request = signed(post())
        padded = tuple((name, f" \t{value} ") for name, value in request.headers)
        assert outcome(replace(request, headers=padded)) is None

    def test_names_of_headers_have_no_case(self) -> None:
        request = signed(post(), headers="(Request-Target) HOST Date Digest")
        loud = tuple((name.upper(), value) for name, value in request.headers)
        assert outcome(replace(request, headers=loud)) is None

    def test_an_empty_body(self) -> None:
        request = replace(post(b""), method="POST")
        assert outcome(signed(request, FOR_POST)) is None


class TestNothingToBelieve:
    def test_no_signature(self) -> None:
        assert outcome(post()) is Reason.NO_SIGNATURE
        assert outcome(with_more(post(), ("authorization", "Bearer token"))) is Reason.NO_SIGNATURE

    def test_a_malformed_signature(self) -> None:
        result = parse(with_more(post(), ("signature", "junk")), host=HOST, now=NOW)
        assert isinstance(result, Rejected)
        assert (result.reason, result.status) == (Reason.SIGNATURE_MALFORMED, 400)
        assert result.message.startswith(Reason.SIGNATURE_MALFORMED.sentence)

    def test_two_places_for_one_signature(self) -> None:
        request = signed(post())
        twice = with_more(request, ("authorization", "Signature " + dict(request.headers)["signature"]))
        assert outcome(twice) is Reason.HEADER_REPEATED


class TestAlgorithm:
    """Row B05: the algorithm is a property of the key."""

    @pytest.mark.parametrize(
        "algorithm",
        ["none", "hmac-sha256", "rsa-sha1", "rsa-sha512", "ecdsa-sha256", "RSA-SHA256", "unknown"],
    )
    def test_others_are_refused_before_any_key_is_asked_for(self, algorithm: str) -> None:
        assert outcome(signed(post(), algorithm=algorithm)) is Reason.ALGORITHM_REFUSED

    def test_the_claim_fits_the_key(self) -> None:
        rsa = signed(post(), algorithm="ed25519")
        edwards = signed(post(), key=ed25519_key(), algorithm="rsa-sha256")
        assert outcome(rsa) is Reason.SIGNATURE_WRONG
        assert outcome(edwards, key=ed25519_key().public_key()) is Reason.SIGNATURE_WRONG

    def test_a_signature_of_one_kind_is_nothing_to_a_key_of_the_other(self) -> None:
        assert outcome(signed(post()), key=ed25519_key().public_key()) is Reason.SIGNATURE_WRONG
        assert outcome(signed(post(), key=ed25519_key())) is Reason.SIGNATURE_WRONG

    @pytest.mark.parametrize("covered", [CREATED_POST, (*FOR_POST, "(created)"), (*FOR_POST, "(expires)")])
    def test_rsa_sha256_and_created_exclude_each_other(self, covered: tuple[str, ...]) -> None:
        for algorithm, expected in (("rsa-sha256", Reason.ALGORITHM_REFUSED), ("hs2019", None)):
            request = signed(post(), covered, algorithm=algorithm, created=str(UNIX_NOW), expires=str(UNIX_NOW + 60))
            assert outcome(request) is expected


class TestDuplicates:
    """Row B06: a header sent twice is read in two ways."""

    @pytest.mark.parametrize("name", ["host", "date", "digest", "signature"])
    @pytest.mark.parametrize("same", [True, False])
    def test_of_the_essential_headers(self, name: str, *, same: bool) -> None:
        request = signed(post())
        for more in (name, name.upper()):
            twice = with_more(request, (more, dict(request.headers)[name] if same else "other"))
            assert outcome(twice) is Reason.HEADER_REPEATED

    def test_of_an_essential_header_that_is_not_covered(self) -> None:
        request = signed(post(), CREATED_POST, created=str(UNIX_NOW))
        assert outcome(request) is None
        assert outcome(with_more(request, ("date", http_date(NOW)))) is Reason.HEADER_REPEATED

    def test_of_any_covered_header(self) -> None:
        request = signed(post(), (*FOR_POST, "content-type"))
        assert outcome(with_more(request, ("content-type", "text/html"))) is Reason.HEADER_REPEATED

    @pytest.mark.parametrize("value", ["a\r\n b", "a\nhost: b", "a\x00b", "\u00fc", "\u20ac", "a\x7f"])
    def test_folded_and_unprintable_values(self, value: str) -> None:
        request = with_header(signed(post(), (*FOR_POST, "content-type")), "content-type", value)
        assert outcome(request) is Reason.HEADER_UNREADABLE


class TestAddress:
    """Row B07: for us, and nobody else."""

    @pytest.mark.parametrize(
        "host",
        [
            "other.example",
            f"{HOST}:8443",
            f"{HOST}:443",
            f"{HOST}.",
            f"x{HOST}",
            HOST.removeprefix("social."),
            f"{HOST}, other.example",
            "",
        ],
    )
    def test_another_host(self, host: str) -> None:
        assert outcome(signed(post(host=host))) is Reason.HOST_WRONG

    def test_a_forwarded_host_is_nobody(self) -> None:
        request = post(**{"host": "other.example", "x-forwarded-host": HOST, "forwarded": f"host={HOST}"})
        assert outcome(signed(request, (*FOR_POST, "x-forwarded-host"))) is Reason.HOST_WRONG

    @pytest.mark.parametrize(
        "target",
        [
            f"https://{HOST}/inbox",
            "http://other.example/inbox",
            "*",
            "",
            "inbox",
            "/in box",
            "/inbox\nhost: other.example",
            "/\u00fc",
        ],
    )
    def test_the_target_is_a_path(self, target: str) -> None:
        assert outcome(signed(replace(post(), target=target))) is Reason.TARGET_REFUSED

    @pytest.mark.parametrize("method", ["", "post", "PO ST", "POST\n", "P\u00d6ST"])
    def test_the_method_is_a_word(self, method: str) -> None:
        assert outcome(signed(replace(post(), method=method))) is Reason.TARGET_REFUSED

    @pytest.mark.parametrize("target", ["/users/bob/inbox", "/inbox/", "/INBOX", "/inbox?x", "//inbox", "/%69nbox"])
    def test_another_path(self, target: str) -> None:
        assert outcome(signed(post(), target=target)) is Reason.SIGNATURE_WRONG

    def test_another_method(self) -> None:
        assert outcome(replace(signed(post()), method="PUT")) is Reason.SIGNATURE_WRONG


class TestQuery:
    """Some servers leave the query out of what they sign when they GET."""

    OUTBOX = "/users/rathaus/outbox?page=true&max_id=7"

    def test_with_the_query(self) -> None:
        assert outcome(signed(get(self.OUTBOX))) is None

    def test_without_the_query(self) -> None:
        assert outcome(signed(get(self.OUTBOX), target="/users/rathaus/outbox")) is None

    @pytest.mark.parametrize("target", ["/users/rathaus", "/users/rathaus/outbox?", "/users/rathaus/outbox?page=false"])
    def test_only_all_of_it_may_be_missing(self, target: str) -> None:
        assert outcome(signed(get(self.OUTBOX), target=target)) is Reason.SIGNATURE_WRONG

    def test_a_post_is_signed_for_all_of_its_target(self) -> None:
        request = replace(post(), target="/inbox?a=b")
        assert outcome(signed(request)) is None
        assert outcome(signed(request, target="/inbox")) is Reason.SIGNATURE_WRONG

    def test_no_second_guess_without_a_query(self) -> None:
        plain = parse(signed(get()), host=HOST, now=NOW)
        queried = parse(signed(get(self.OUTBOX)), host=HOST, now=NOW)
        assert isinstance(plain, ParsedSignature)
        assert isinstance(queried, ParsedSignature)
        assert (len(plain.signing_strings), len(queried.signing_strings)) == (1, 2)


class TestKeyId:
    """Row B10: a keyId that is no URL never gets as far as a fetch."""

    @pytest.mark.parametrize(
        "key_id",
        [
            KEY_ID,
            "https://nord.example/users/anna/main-key",
            "https://nord.example/@anna#main-key",
            "https://nord.example/users/%C3%A4nne?key=1&b=c#k",
            "https://nord.example#main-key",
            "https://xn--brger-kva.example/actor#main-key",
            "http://127.0.0.1:8001/actor#main-key",  # the egress knows whether this is a test network
            "https://nord.example/" + "a" * 2027,
        ],
    )
    def test_urls(self, key_id: str) -> None:
        assert is_key_id(key_id)
        assert outcome(signed(get(), keyId=key_id)) is None

    @pytest.mark.parametrize(
        "key_id",
        [
            "x",
            "Test",
            "data:application/activity+json,{}",
            "file:///etc/passwd",
            "acct:anna@nord.example",
            "javascript:alert(1)",
            "//nord.example/users/anna",
            "https:nord.example",
            "https:///users/anna",
            "https://",
            "https://#main-key",
            "https://nord.example@evil.example/users/anna",
            "https://anna:secret@nord.example/",
            "https://nord.example:99999/",
            "https://nord.example:x/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://[::1/",
            "https://nord.example/users/anna main-key",
            "https://nord.example/#a#b",
            "https://nord.example/" + "a" * 2028,
            "https://nord.example/" + "a" * 6000,
        ],
    )
    def test_everything_else(self, key_id: str) -> None:
        assert not is_key_id(key_id)
        assert outcome(signed(get(), keyId=key_id)) is Reason.KEY_ID_MALFORMED

    @pytest.mark.parametrize(
        "key_id",
        [
            "https://nord.example\\@evil.example/",
            "https://b\u00fcrger.example/",
            "https://nord.example/\n",
            "\ud800",
            "",
        ],
    )
    def test_what_no_header_can_carry(self, key_id: str) -> None:
        assert not is_key_id(key_id)

    def test_a_keyid_of_10_kb(self) -> None:
        request = signed(get(), keyId="https://nord.example/" + "a" * 10_000)
        assert outcome(request) is Reason.SIGNATURE_MALFORMED


class TestSteps:
    def test_everything_but_the_key_is_known_before_the_key(self) -> None:
        parsed = parse(signed(post()), host=HOST, now=NOW)
        assert isinstance(parsed, ParsedSignature)
        assert (parsed.key_id, parsed.algorithm, parsed.covered) == (KEY_ID, "hs2019", FOR_POST)
        assert check(parsed, rsa_key().public_key())
        assert not check(parsed, ed25519_key().public_key())

    @pytest.mark.parametrize("length", [1, 64, 255, 257, 1024])
    def test_a_signature_of_another_length_is_wrong(self, length: int) -> None:
        parsed = parse(signed(post()), host=HOST, now=NOW)
        assert isinstance(parsed, ParsedSignature)
        other = replace(parsed, signature=b"\xff" * length)
        assert not check(other, rsa_key().public_key())
        assert not check(other, ed25519_key().public_key())

    def test_every_reason_has_a_sentence_and_one_of_two_statuses(self) -> None:
        assert {reason.status for reason in Reason} == {400, 401}
        assert all(reason.sentence.endswith(".") for reason in Reason)
        assert Rejected(Reason.NOT_COVERED, "digest").message.endswith(". (digest)")
