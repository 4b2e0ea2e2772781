"""E15: a form in many or in giant parts is refused before it costs memory, whoever sends it."""

import time

import pytest

from tests.client import Client, app_of
from tests.town import Town

BORDER = "grenze"
PICTURE = (b"\r\n--grenze\r\nContent-Disposition: form-data; name=file; filename=a.png\r\n\r\n", b"x")


def part(name: str, value: bytes) -> bytes:
    return f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


FORMS = {
    "a hundred thousand parts": b"".join(part(f"f{number}", b"") for number in range(20_000)) * 5,
    "a field of three megabytes": part("description", b"x" * 3_000_000),
    "a part of line ends": part("description", b"\r\n" * 1_500_000),
    "a part that begins with line ends": part("description", b"\r" * 900_000 + b"\n" * 900_000),
    "a header without an end": f"--{BORDER}\r\nContent-Disposition: form-data; name=".encode() + b"x" * 2_000_000,
}

TOO_MUCH = ("a hundred thousand parts", "a field of three megabytes")
PARTED = f"multipart/form-data; boundary={BORDER}"


async def sent(client: Client, path: str, body: bytes, kind: str = PARTED) -> tuple[int, float]:
    """Return the answer to a form, and the seconds it took."""
    begun = time.perf_counter()
    end = f"--{BORDER}--\r\n".encode() if kind == PARTED else b""
    reply = await client.ask("POST", path, data=body + end, headers={"Content-Type": kind})
    return reply.status, time.perf_counter() - begun


@pytest.mark.parametrize("path", ["/api/v1/statuses", "/api/v2/media", "/login"])
async def test_such_a_form_is_refused_and_the_next_is_read(stadt: Town, path: str, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for name, body in FORMS.items():
        with subtests.test(name):
            status, seconds = await sent(anna, path, body)
            assert status in ((413,) if name in TOO_MUCH else (400, 413, 422))
            assert seconds < 5
    plain = {"application/x-www-form-urlencoded": b"status=", "application/json": b'{"status":"'}
    for kind, begin in plain.items():
        if path == "/api/v1/statuses":  # what takes files takes more, and a page reads no JSON
            with subtests.test(kind):
                assert (await sent(anna, path, begin + b"x" * 2_000_000, kind))[0] == 413
    assert (await anna.write("Guten Tag"))["content"] == "<p>Guten Tag</p>"
