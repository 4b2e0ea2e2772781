from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from activitypub.caps import Caps
from activitypub.signatures.results import Reason
from tests.unit.activitypub.signatures.signed_requests import (
    BODY,
    CREATED_POST,
    FOR_GET,
    FOR_POST,
    NOW,
    UNIX_NOW,
    WITH_EXPIRES,
    digest_of,
    get,
    http_date,
    outcome,
    post,
    signed,
    with_header,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class TestCoverage:
    """Rows B01 and B02: what is not covered can be exchanged."""

    @pytest.mark.parametrize("name", FOR_POST)
    def test_a_post_leaves_nothing_out(self, name: str) -> None:
        covered = tuple(each for each in FOR_POST if each != name)
        assert outcome(signed(post(), covered)) is Reason.NOT_COVERED

    @pytest.mark.parametrize("name", FOR_GET)
    def test_a_get_leaves_nothing_out(self, name: str) -> None:
        covered = tuple(each for each in FOR_GET if each != name)
        assert outcome(signed(get(), covered)) is Reason.NOT_COVERED

    @pytest.mark.parametrize("name", CREATED_POST)
    def test_nor_with_created(self, name: str) -> None:
        covered = tuple(each for each in CREATED_POST if each != name)
        assert outcome(signed(post(), covered, created=str(UNIX_NOW))) is Reason.NOT_COVERED

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_any_method_that_may_carry_a_body_covers_the_digest(self, method: str) -> None:
        request = replace(post(b""), method=method)
        assert outcome(signed(request, FOR_GET)) is Reason.NOT_COVERED
        assert outcome(signed(request, FOR_POST)) is None

    def test_a_get_with_a_body_covers_the_digest(self) -> None:
        request = replace(get(digest=digest_of(BODY)), body=BODY)
        assert outcome(signed(request, FOR_GET)) is Reason.NOT_COVERED
        assert outcome(signed(request, FOR_POST)) is None

    @pytest.mark.parametrize("name", ["host", "date", "digest"])
    def test_a_covered_header_is_there(self, name: str) -> None:
        assert outcome(with_header(signed(post()), name, None)) is Reason.COVERED_MISSING

    def test_so_are_all_others(self) -> None:
        assert outcome(signed(post(), (*FOR_POST, "x-other"))) is Reason.COVERED_MISSING
        assert outcome(signed(post(), (*FOR_POST, "(unknown)"))) is Reason.COVERED_MISSING
        assert outcome(signed(post(), CREATED_POST)) is Reason.COVERED_MISSING
        assert outcome(signed(post(), WITH_EXPIRES, created=str(UNIX_NOW))) is Reason.COVERED_MISSING

    def test_a_header_cannot_pose_as_a_pseudo_header(self) -> None:
        request = signed(post(**{"(created)": str(UNIX_NOW)}), CREATED_POST)
        assert outcome(request) is Reason.COVERED_MISSING


class TestBody:
    """Row B01: the digest is recomputed over the body at hand."""

    def test_another_body(self) -> None:
        assert outcome(replace(signed(post()), body=BODY + b" ")) is Reason.DIGEST_WRONG

    def test_another_body_with_its_own_digest(self) -> None:
        other = BODY + b" "
        request = with_header(replace(signed(post()), body=other), "digest", digest_of(other))
        assert outcome(request) is Reason.SIGNATURE_WRONG

    def test_only_sha_512(self) -> None:
        assert outcome(signed(post(digest="SHA-512=" + "A" * 88))) is Reason.DIGEST_WITHOUT_SHA256

    def test_bad_base64(self) -> None:
        assert outcome(signed(post(digest="SHA-256=!"))) is Reason.DIGEST_MALFORMED

    def test_a_covered_digest_of_a_get_counts_too(self) -> None:
        assert outcome(signed(get(digest=digest_of(b"x")), FOR_POST)) is Reason.DIGEST_WRONG
        assert outcome(signed(get(digest=digest_of(b"")), FOR_POST)) is None


class TestTime:
    """Rows B03 and B04, and the caps on a signature's age."""

    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            (NOW - 5 * MINUTE - HOUR, None),
            (NOW - 5 * MINUTE - HOUR - SECOND, Reason.EXPIRED),
            (NOW + HOUR, None),
            (NOW + HOUR + SECOND, Reason.FROM_THE_FUTURE),
            (datetime(1, 1, 1, tzinfo=UTC), Reason.EXPIRED),
            (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), Reason.FROM_THE_FUTURE),
        ],
    )
    def test_the_window_of_a_signature_without_expires(self, moment: datetime, expected: Reason | None) -> None:
        assert outcome(signed(post(date=http_date(moment)))) is expected
        if moment.timestamp() >= 0:
            assert outcome(signed(post(), CREATED_POST, created=str(int(moment.timestamp())))) is expected

    @pytest.mark.parametrize(
        ("age", "lifetime", "expected"),
        [
            (11 * HOUR, 11 * HOUR, None),
            (12 * HOUR, 11 * HOUR, None),
            (12 * HOUR + SECOND, 11 * HOUR, Reason.EXPIRED),
            (13 * HOUR, 300 * HOUR, None),
            (13 * HOUR + SECOND, 300 * HOUR, Reason.EXPIRED),
            (HOUR + 4 * MINUTE, 3 * MINUTE, Reason.EXPIRED),
            (SECOND, timedelta(0), None),
        ],
    )
    def test_covered_expires_moves_the_end_up_to_the_ceiling(
        self, age: timedelta, lifetime: timedelta, expected: Reason | None
    ) -> None:
        created, expires = NOW - age, NOW - age + lifetime
        request = signed(
            post(),
            WITH_EXPIRES,
            created=str(int(created.timestamp())),
            expires=str(int(expires.timestamp())),
        )
        assert outcome(request) is expected
        by_date = signed(post(date=http_date(created)), (*FOR_POST, "(expires)"), expires=str(int(expires.timestamp())))
        assert outcome(by_date) is expected

    def test_what_is_not_covered_shortens_and_never_extends(self) -> None:
        old = post(date=http_date(NOW - 2 * HOUR))
        assert outcome(signed(old, expires=str(UNIX_NOW + 3600))) is Reason.EXPIRED
        assert outcome(signed(old, created=str(UNIX_NOW))) is Reason.EXPIRED
        fresh = post(date=http_date(NOW - HOUR - 4 * MINUTE))
        assert outcome(signed(fresh)) is None
        assert outcome(signed(fresh, expires=str(UNIX_NOW - 3601))) is Reason.EXPIRED
        assert outcome(signed(post(), created=str(UNIX_NOW - 7200))) is Reason.EXPIRED
        assert outcome(signed(post(), created=str(UNIX_NOW + 7200))) is Reason.FROM_THE_FUTURE

    def test_expires_before_created(self) -> None:
        request = signed(post(), WITH_EXPIRES, created=str(UNIX_NOW), expires=str(UNIX_NOW - 1))
        assert outcome(request) is Reason.EXPIRES_TOO_EARLY
        assert outcome(signed(post(), expires=str(UNIX_NOW - 1))) is Reason.EXPIRES_TOO_EARLY

    @pytest.mark.parametrize("date", ["", "junk", "0", "-1", "9" * 400, "Mon, 23 Nov 2026 12:00:00", "\u0660"])
    def test_a_junk_date_is_malformed(self, date: str) -> None:
        assert outcome(signed(post(date=date))) in {Reason.DATE_MALFORMED, Reason.HEADER_UNREADABLE}

    @pytest.mark.parametrize("number", ["-1", "9" * 13, "9" * 400, "1.5", "x"])
    def test_a_junk_number_is_malformed(self, number: str) -> None:
        for covered in (WITH_EXPIRES, FOR_POST):
            for created, expires in ((number, str(UNIX_NOW)), (str(UNIX_NOW), number)):
                request = signed(post(), covered, created=created, expires=expires)
                assert outcome(request) is Reason.SIGNATURE_MALFORMED

    def test_the_greatest_number_is_in_the_future(self) -> None:
        request = signed(post(), CREATED_POST, created="9" * 12)
        assert outcome(request) is Reason.FROM_THE_FUTURE

    def test_the_caps_are_used(self) -> None:
        caps = Caps(signature_age=MINUTE, signature_ceiling=2 * MINUTE, signature_skew=timedelta(0))
        assert outcome(signed(post(date=http_date(NOW - MINUTE))), caps=caps) is None
        assert outcome(signed(post(date=http_date(NOW - MINUTE - SECOND))), caps=caps) is Reason.EXPIRED
        assert outcome(signed(post(date=http_date(NOW + SECOND))), caps=caps) is Reason.FROM_THE_FUTURE
        late = signed(post(), WITH_EXPIRES, created=str(UNIX_NOW - 121), expires=str(UNIX_NOW + 60))
        assert outcome(late, caps=caps) is Reason.EXPIRED
