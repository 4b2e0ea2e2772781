import base64
from datetime import timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from activitypub.signatures.cavage import MalformedSignature, parse_signature, sign
from activitypub.signatures.signing_string import signing_string
from tests.unit.activitypub.signatures.signed_requests import (
    BODY,
    KEY_ID,
    NOW,
    digest_of,
    ed25519_key,
    rsa_key,
)

INBOX = "https://social.musterstadt.example/users/bob/inbox"
SIGNATURE = base64.b64encode(b"s" * 256).decode()
PARTS = {
    "keyId": KEY_ID,
    "algorithm": "rsa-sha256",
    "headers": "(request-target) host date",
    "signature": SIGNATURE,
}

# draft-cavage-http-signatures-12, appendix C: the request, the key and what they give.
DRAFT_FIELDS = {
    "host": "example.com",
    "date": "Sun, 05 Jan 2014 21:31:40 GMT",
    "content-type": "application/json",
    "digest": "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
    "content-length": "18",
}
DRAFT_KEY = b"""-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
"""
DRAFT_COVERED = {
    "C.2": ("(request-target)", "host", "date"),
    "C.3": ("(request-target)", "host", "date", "content-type", "digest", "content-length"),
}
DRAFT_SIGNATURES = {
    "C.2": """
qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAj
n7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswte
mr3lgdDEmn04swr2Os0=""",
    "C.3": """
vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB
2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF
5MOkR0Zkly4zKH7s1dE=""",
}


def header(**parameters: str) -> str:
    return ",".join(f'{name}="{value}"' for name, value in (PARTS | parameters).items() if value)


class TestReading:
    def test_every_parameter_is_read(self) -> None:
        read = parse_signature(header(created="1402170695", expires="1402170699"))
        assert (read.key_id, read.algorithm, read.signature) == (KEY_ID, "rsa-sha256", b"s" * 256)
        assert read.headers == ("(request-target)", "host", "date")
        assert (read.created, read.expires) == (1402170695, 1402170699)

    def test_algorithm_and_times_may_be_missing(self) -> None:
        read = parse_signature(header(algorithm=""))
        assert (read.algorithm, read.created, read.expires) == (None, None, None)

    def test_numbers_and_words_need_no_quotes(self) -> None:
        read = parse_signature(header(algorithm="") + ",created=1402170695 ,\texpires=1402170699, algorithm=hs2019")
        assert (read.created, read.expires, read.algorithm) == (1402170695, 1402170699, "hs2019")

    def test_unknown_parameters_are_ignored(self) -> None:
        assert parse_signature(header() + ',opaque="x, y=z"').key_id == KEY_ID

    @pytest.mark.parametrize("prefix", ["Signature ", "signature ", "SIGNATURE "])
    def test_the_scheme_of_an_authorization_header_is_read_over(self, prefix: str) -> None:
        assert parse_signature(prefix + header()) == parse_signature(header())

    def test_names_of_headers_are_read_in_lower_case(self) -> None:
        assert parse_signature(header(headers="(Request-Target) Host DATE")).headers == (
            "(request-target)",
            "host",
            "date",
        )

    @pytest.mark.parametrize("name", ["keyId", "headers", "signature"])
    def test_a_required_parameter_is_missing(self, name: str) -> None:
        with pytest.raises(MalformedSignature, match=name):
            parse_signature(header(**{name: ""}))

    @pytest.mark.parametrize("name", ["keyId", "KEYID", "algorithm", "headers", "Headers", "signature", "sIgnature"])
    def test_a_parameter_is_given_twice(self, name: str) -> None:
        with pytest.raises(MalformedSignature, match="twice"):
            parse_signature(header() + f',{name}="x"')

    def test_unknown_parameters_are_given_once_as_well(self) -> None:
        with pytest.raises(MalformedSignature, match="twice"):
            parse_signature(header() + ",a=1,A=2")

    @pytest.mark.parametrize(
        "junk",
        [
            "",
            "junk",
            ",",
            "sig1=:AAAA:",
            header() + ",",
            "," + header(),
            header() + " junk",
            header() + ",junk",
            header() + ",a=",
            header() + ",=b",
            header() + ',a="b',
            header() + ',a=b"',
            header() + ',a="b"c',
            header() + ',a="\\""',
            header() + ',a="\u00fc"',
            header() + ',a="\x7f"',
            header() + ",a = b",
            header() + ";a=b",
            header() + ",,a=b",
            header().replace('",', '";'),
            header() + "\n",
            header().replace(",", ",\r\n "),
            header() + ',a="\n"',
            " " + header(),
            "Signature",
            "Bearer " + header(),
            header() + ',a="' + "x" * 8192 + '"',
        ],
    )
    def test_junk_is_malformed(self, junk: str) -> None:
        with pytest.raises(MalformedSignature):
            parse_signature(junk)

    @pytest.mark.parametrize(
        "names",
        [
            " ",
            "host  date",
            " host",
            "host ",
            "host,date",
            "host host",
            "Host host",
            "host\tdate",
            "()",
            "(a",
            "a)",
            "a:b",
            "h\u00fc",
        ],
    )
    def test_a_list_of_headers_has_each_once_and_nothing_else(self, names: str) -> None:
        with pytest.raises(MalformedSignature):
            parse_signature(header(headers=names))

    @pytest.mark.parametrize(
        "text",
        [
            "!",
            "AAA",
            "AAAA=",
            "AAAA====",
            "A A=",
            "AB==",  # the same byte as AA== to a lenient decoder
            "_-_-",
            SIGNATURE[:-1],
            SIGNATURE + "AAAA=",
            SIGNATURE[:-3] + "x==",
        ],
    )
    def test_base64_has_one_spelling(self, text: str) -> None:
        with pytest.raises(MalformedSignature, match="base64"):
            parse_signature(header(signature=text))

    @pytest.mark.parametrize("name", ["created", "expires"])
    @pytest.mark.parametrize(
        "text",
        ["-1", "+1", "1.5", "1e9", "0x10", "01", "1_0", " 1", "junk", "9" * 13, "9" * 5000, "NaN", "now"],
    )
    def test_times_are_whole_seconds_of_sane_length(self, name: str, text: str) -> None:
        with pytest.raises(MalformedSignature, match=name):
            parse_signature(header(**{name: text}))

    @given(st.text() | st.text(alphabet='keyIdhaders="(), \\\t\u00fc0123=', max_size=200))
    def test_no_text_raises_anything_else(self, text: str) -> None:
        with pytest.raises(MalformedSignature):
            parse_signature(text)

    def test_a_long_hostile_header_is_refused_in_no_time(self) -> None:
        for hostile in (
            'a="' * 2700,
            "a=b," * 2047,
            "a" * 8192,
            " " * 8192,
            "a=b" + " ,\t" * 2700,
            "a=b" + " " * 8189,
        ):
            with pytest.raises(MalformedSignature):
                parse_signature(hostile)


class TestSigningString:
    @pytest.mark.parametrize("vector", DRAFT_COVERED)
    def test_the_signatures_of_the_draft_belong_to_our_signing_string(self, vector: str) -> None:
        message = signing_string(DRAFT_COVERED[vector], DRAFT_FIELDS, "POST", "/foo?param=value&pet=dog")
        key = load_pem_public_key(DRAFT_KEY)
        assert isinstance(key, RSAPublicKey)
        key.verify(base64.b64decode(DRAFT_SIGNATURES[vector]), message, PKCS1v15(), SHA256())

    def test_it_is_the_text_that_the_draft_shows(self) -> None:
        assert signing_string(DRAFT_COVERED["C.3"], DRAFT_FIELDS, "POST", "/foo?param=value&pet=dog") == (
            b"(request-target): post /foo?param=value&pet=dog\n"
            b"host: example.com\n"
            b"date: Sun, 05 Jan 2014 21:31:40 GMT\n"
            b"content-type: application/json\n"
            b"digest: SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=\n"
            b"content-length: 18"
        )

    def test_times_and_empty_values_have_their_lines(self) -> None:
        fields = {"(created)": "1402170695", "(expires)": "1402170699", "x-empty": ""}
        assert signing_string(("(created)", "x-empty", "(expires)"), fields, "GET", "/") == (
            b"(created): 1402170695\nx-empty: \n(expires): 1402170699"
        )


class TestSigning:
    def signed(
        self, method: str = "POST", url: str = INBOX, body: bytes | None = BODY, /, **headers: str
    ) -> dict[str, str]:
        return sign(method, url, headers, body, key_id=KEY_ID, private_key=rsa_key(), now=NOW)

    def test_a_post_carries_host_date_digest_and_signature(self) -> None:
        headers = self.signed()
        assert headers.keys() == {"Host", "Date", "Digest", "Signature"}
        assert headers["Host"] == "social.musterstadt.example"
        assert headers["Date"] == "Mon, 23 Nov 2026 12:00:00 GMT"
        assert headers["Digest"] == digest_of(BODY)

    def test_the_signature_header_reads_as_mastodon_expects(self) -> None:
        read = parse_signature(self.signed()["Signature"])
        assert (read.key_id, read.algorithm) == (KEY_ID, "rsa-sha256")
        assert read.headers == ("(request-target)", "host", "date", "digest")
        assert len(read.signature) == 256

    def test_the_signature_is_over_what_is_sent(self) -> None:
        headers = self.signed(
            "POST", INBOX + "?a=b&c=%20#fragment", BODY, **{"Content-Type": "application/activity+json"}
        )
        read = parse_signature(headers["Signature"])
        message = (
            "(request-target): post /users/bob/inbox?a=b&c=%20\n"
            "host: social.musterstadt.example\n"
            "date: Mon, 23 Nov 2026 12:00:00 GMT\n"
            f"digest: {digest_of(BODY)}\n"
            "content-type: application/activity+json"
        )
        rsa_key().public_key().verify(read.signature, message.encode(), PKCS1v15(), SHA256())

    def test_a_get_has_no_digest(self) -> None:
        headers = self.signed("GET", INBOX, None, Accept="application/activity+json")
        assert headers.keys() == {"Accept", "Host", "Date", "Signature"}
        assert parse_signature(headers["Signature"]).headers == ("(request-target)", "host", "date")

    def test_an_empty_body_is_a_body(self) -> None:
        assert self.signed("POST", INBOX, b"")["Digest"] == digest_of(b"")

    def test_ed25519_signs_as_hs2019(self) -> None:
        headers = sign("GET", INBOX, {}, None, key_id=KEY_ID, private_key=ed25519_key(), now=NOW)
        read = parse_signature(headers["Signature"])
        message = f"(request-target): get /users/bob/inbox\nhost: {headers['Host']}\ndate: {headers['Date']}"
        ed25519_key().public_key().verify(read.signature, message.encode())
        assert read.algorithm == "hs2019"

    @pytest.mark.parametrize(
        ("url", "host", "target"),
        [
            ("https://b.example", "b.example", "/"),
            ("https://b.example/", "b.example", "/"),
            ("https://b.example?a=b", "b.example", "/?a=b"),
            ("https://b.example:443/x", "b.example", "/x"),
            ("https://b.example:80/x", "b.example:80", "/x"),
            ("http://b.example:80/x", "b.example", "/x"),
            ("http://127.0.0.1:8001/x", "127.0.0.1:8001", "/x"),
            ("http://[::1]:8001/x", "[::1]:8001", "/x"),
            ("https://B.Example/X", "b.example", "/X"),
            ("https://b.example/a%2Fb/../c;d?e#f", "b.example", "/a%2Fb/../c;d?e"),
        ],
    )
    def test_host_and_target_are_those_of_the_wire(self, url: str, host: str, target: str) -> None:
        headers = self.signed("GET", url, None)
        message = f"(request-target): get {target}\nhost: {host}\ndate: {headers['Date']}"
        signature = parse_signature(headers["Signature"]).signature
        rsa_key().public_key().verify(signature, message.encode(), PKCS1v15(), SHA256())
        assert headers["Host"] == host

    def test_the_time_is_written_in_gmt(self) -> None:
        moment = NOW.astimezone(timezone(timedelta(hours=1)))
        headers = sign("GET", INBOX, {}, None, key_id=KEY_ID, private_key=rsa_key(), now=moment)
        assert headers["Date"] == "Mon, 23 Nov 2026 12:00:00 GMT"

    def test_a_naive_time_is_a_mistake_of_ours(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            sign("GET", INBOX, {}, None, key_id=KEY_ID, private_key=rsa_key(), now=NOW.replace(tzinfo=None))

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "/inbox",
            "ftp://b.example/x",
            "https:///x",
            "https://user@b.example/x",
            "https://b\u00fcrger.example/x",
            "https://b.example/\u00fc",
            "https://b.example/a b",
            "https://b.example/a\nhost: c.example",
            "https://b.example/\tx",
            "https://[::1/x",
        ],
    )
    def test_urls_that_cannot_be_signed_for(self, url: str) -> None:
        with pytest.raises(ValueError, match=r".+"):
            self.signed("GET", url, None)

    @pytest.mark.parametrize("name", ["Host", "host", "Date", "DIGEST", "Signature"])
    def test_the_signer_writes_these_itself(self, name: str) -> None:
        with pytest.raises(ValueError, match=name.lower()):
            self.signed(**{name: "x"})

    @pytest.mark.parametrize("value", ["a\nhost: b", "a\r\nX: y", "\u00fc", ""])
    def test_a_content_type_that_would_not_arrive_as_signed(self, value: str) -> None:
        with pytest.raises(ValueError, match="Content-Type"):
            self.signed(**{"content-type": value})
