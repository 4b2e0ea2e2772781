"""Attachments, films and title pictures."""

from typing import Any

import pytest

from activitypub.caps import CAPS
from activitypub.parse import parse_status
from activitypub.vocabulary import RemoteMedia

JPEG = "https://cdn.example/1.jpg"
HASH = "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH"


def media(**more: Any) -> tuple[RemoteMedia, ...]:
    document = {"id": "https://a.example/posts/1", "type": "Note", "attributedTo": "https://a.example/users/anna"}
    return parse_status({**document, **more}).media


def attached(**more: Any) -> RemoteMedia:
    (found,) = media(attachment=[{"type": "Document", "mediaType": "image/jpeg", "url": JPEG, **more}])
    return found


def test_an_attachment_with_everything() -> None:
    found = attached(name="Der Saal", blurhash=HASH, width=1600, height=900, focalPoint=[-0.5, 1], duration=None)
    assert found == RemoteMedia(JPEG, "image/jpeg", "Der Saal", HASH, 1600, 900, None, (-0.5, 1.0))


@pytest.mark.parametrize(
    "value",
    [
        JPEG,
        [JPEG],
        {"type": "Image", "url": JPEG},
        {"type": "Link", "href": JPEG, "mediaType": "image/jpeg"},  # Hubzilla, Lemmy
        {"type": "Document", "url": [{"type": "Link", "href": JPEG, "mediaType": "image/jpeg"}]},  # Akkoma
        [{"type": "Document", "mediaType": "IMAGE/JPEG; q=1", "url": JPEG}],
        [None, 7, {"type": "Image", "url": JPEG}],
        {"type": "Image", "mediaType": "image/jpeg", "id": JPEG},  # the examples of FEP-b2b8
    ],
)
def test_attachments_in_any_shape(value: Any) -> None:
    assert [found.url for found in media(attachment=value)] == [JPEG]
    assert media(attachment=value)[0].media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        ({"type": "Image", "url": "https://cdn.example/1"}, "image/*"),
        ({"type": "Video", "url": "https://cdn.example/1"}, "video/*"),
        ({"type": "Document", "url": "https://cdn.example/1.WEBP?v=2"}, "image/webp"),
        ({"type": "Image", "mediaType": "nonsense", "url": "https://cdn.example/1.png"}, "image/png"),
        ({"type": "Document", "mediaType": "audio/ogg", "url": "https://cdn.example/1.bin"}, "audio/ogg"),
    ],
)
def test_the_media_type_is_declared_or_guessed(attachment: dict[str, Any], kind: str) -> None:
    assert media(attachment=attachment)[0].media_type == kind


@pytest.mark.parametrize(
    "attachment",
    [
        {"type": "Document", "mediaType": "application/pdf", "url": "https://cdn.example/1.pdf"},
        {"type": "PropertyValue", "name": "zot.system.app", "value": "x"},
        {"type": "Link", "href": "https://zeitung.example/artikel"},
        {"type": "Image", "url": "javascript:alert(1)"},
        {"type": "Image", "url": "data:image/png;base64,AA"},
        {"type": "Image", "url": "http://cdn.example/1.jpg"},
        {"type": "Image"},
    ],
)
def test_what_is_no_media(attachment: dict[str, Any]) -> None:
    """Row G05."""
    assert media(attachment=[attachment]) == ()


def test_attachments_are_capped_and_each_once() -> None:
    """Row E07."""
    many = [{"type": "Image", "url": f"https://cdn.example/{number}.jpg"} for number in range(10_000)]
    assert len(media(attachment=many)) == CAPS.attachments
    assert len(media(attachment=[many[0]] * 5)) == 1


@pytest.mark.parametrize("bad", ["x", "<script>alert(1)</script>", "A" * 500, 7, None, "UBL_:rOpGG-oB UNG"])
def test_a_malformed_blurhash_is_ignored(bad: Any) -> None:
    """Row F11."""
    assert attached(blurhash=bad).blurhash is None


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (-1, None),
        (0, None),
        (0.5, None),
        (float("nan"), None),
        ("800", None),
        (None, None),
        (True, None),
        (1080.0, 1080),
        (10**400, 100_000),
    ],
)
def test_sizes_are_positive_and_clamped(bad: Any, expected: int | None) -> None:
    """Row F11."""
    assert (attached(width=bad).width, attached(height=bad).height) == (expected, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0.25, -0.75], (0.25, -0.75)),
        ([5, -5], (1.0, -1.0)),
        ([float("nan"), 0], None),
        ([0], None),
        ([0, 0, 0], None),
        (["0", "0"], None),
        ({"x": 0, "y": 0}, None),
        (None, None),
    ],
)
def test_focus_is_within_the_picture(value: Any, expected: tuple[float, float] | None) -> None:
    """Row F11."""
    assert attached(focalPoint=value).focus == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PT1M5S", 65.0),
        ("PT5432S", 5432.0),
        ("P1DT2H", 93_600.0),
        ("PT1.5S", 1.5),
        (12.5, 12.5),
        ("30s", None),
        ("PT" + "9" * 100_000 + "S", None),
        (None, None),
    ],
)
def test_duration(value: Any, expected: float | None) -> None:
    assert attached(duration=value).duration == expected


def test_alt_text_keeps_its_lines_and_is_capped() -> None:
    assert attached(name=" Oben: Turm\nUnten: Tor ").description == "Oben: Turm\nUnten: Tor"
    assert attached(name=None, summary="Turm").description == "Turm"
    assert len(attached(name="x" * 1_000_000).description) == CAPS.alt_characters


def link(height: int, kind: str = "video/mp4") -> dict[str, Any]:
    return {"type": "Link", "mediaType": kind, "href": f"https://a.example/{height}.mp4", "height": height, "width": 9}


@pytest.mark.parametrize(
    ("heights", "best"),
    [([1080, 720, 480], 720), ([1080, 480, 144], 480), ([2160, 1080], 1080), ([144], 144)],
)
def test_of_a_film_the_file_of_middling_size_is_shown(heights: list[int], best: int) -> None:
    page = {"type": "Link", "mediaType": "text/html", "href": "https://a.example/w/1"}
    plain = media(type="Video", name="Rat", url=[page, *map(link, heights)], duration="PT60S")
    playlist = {"type": "Link", "mediaType": "application/x-mpegURL", "tag": list(map(link, heights))}
    streamed = media(type="Video", name="Rat", url=[page, playlist], duration="PT60S")
    assert plain == streamed
    assert (plain[0].url, plain[0].height) == (f"https://a.example/{best}.mp4", best)
    assert (plain[0].description, plain[0].duration) == ("Rat", 60.0)


def test_an_image_is_its_own_media() -> None:
    assert media(type="Image", url=JPEG)[0].url == JPEG
    assert media(type="Image", url={"type": "Link", "href": JPEG, "mediaType": "image/jpeg"})[0].url == JPEG
    assert media(type="Audio", url=[{"href": "https://a.example/1.mp3", "mediaType": "audio/mpeg"}])[0].url


def test_the_title_picture_counts_only_if_nothing_is_attached() -> None:
    title = {"type": "Image", "url": "https://a.example/titel.jpg"}
    assert [found.url for found in media(type="Article", image=title)] == ["https://a.example/titel.jpg"]
    assert [found.url for found in media(image=title, attachment={"type": "Image", "url": JPEG})] == [JPEG]
