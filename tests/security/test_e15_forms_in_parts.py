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


async def sent(client: Client, path: str, body: bytes) -> tuple[int, float]:
    """Return the answer to a form, and the seconds it took."""
    begun = time.perf_counter()
    headers = {"Content-Type": f"multipart/form-data; boundary={BORDER}"}
    reply = await client.ask("POST", path, data=body + f"--{BORDER}--\r\n".encode(), headers=headers)
    return reply.status, time.perf_counter() - begun


@pytest.mark.parametrize("path", ["/api/v1/statuses", "/api/v2/media", "/login"])
async def test_such_a_form_is_refused_and_the_next_is_read(stadt: Town, path: str, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for name, body in FORMS.items():
        with subtests.test(name):
            status, seconds = await sent(anna, path, body)
            assert status in (400, 413, 422)
            assert seconds < 5
    assert (await anna.write("Guten Tag"))["content"] == "<p>Guten Tag</p>"
