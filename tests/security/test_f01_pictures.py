"""F01, F02, F03, F06: what is uploaded is a picture, drawn anew where nothing can be harmed, or is refused."""

import asyncio
import io
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from activitypub.caps import CAPS
from tests.client import app_of
from tests.pictures import photo_with_a_place, picture, png_that_claims, size_of, upload
from tests.town import Town

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURES = {
    "svg": SVG,
    "svg with a preamble": b'<?xml version="1.0"?>' + SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "json": b'{"@context": "https://www.w3.org/ns/activitystreams", "type": "Person"}',
    "pdf": b"%PDF-1.7\n",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "mvg": b"push graphic-context\nviewbox 0 0 1 1\nfill 'url(https://evil.example/)'\n",
    "playlist": b"#EXTM3U\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "tiff": b"II*\x00" + b"\x00" * 64,
    "bmp": b"BM" + b"\x00" * 64,
    "icon": b"\x00\x00\x01\x00" + b"\x00" * 64,
    "heic in name": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 64,
    "avif in name": b"\x00\x00\x00\x18ftypavif" + b"\x00" * 64,
    "nothing": b"",
    "jpeg in name": b"\xff\xd8\xff" + b"\x00" * 1000,
    "gif in name": b"GIF89a" + b"\xff" * 100,
    "webp in name": b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"\x00" * 8,
}


async def test_f01_what_is_no_picture_is_refused_whatever_it_is_called(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for name, body in NO_PICTURES.items():
        with subtests.test(name=name):
            reply = await upload(anna, body, filename="bild.png", content_type="image/png")
            assert reply.status == 422
            assert files_of(stadt) == []


async def test_f01_a_good_picture_of_another_format_is_refused_all_the_same(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    anna = await app_of(stadt, "anna")
    for kind in ["TIFF", "BMP", "ICO", "PPM", "TGA"]:
        with subtests.test(kind=kind):
            reply = await upload(anna, picture(kind, (32, 32)))
            assert reply.status == 422
            assert "these can: JPEG, PNG, GIF, WEBP" in reply.json["error"]


async def test_f02_just_too_large_a_picture_is_told_so(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await upload(anna, png_that_claims(8_000, 5_000))
    assert (reply.status, reply.json["error"]) == (422, "The picture has more than 33 megapixels.")


async def test_f02_a_picture_that_claims_too_much_is_refused_by_its_header(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    anna = await app_of(stadt, "anna")
    for width, height in [(50_000, 50_000), (2**31 - 1, 1), (0, 0), (5_000, 5_000)]:
        with subtests.test(width=width, height=height):
            async with asyncio.timeout(10):
                assert (await upload(anna, png_that_claims(width, height))).status == 422
            assert files_of(stadt) == []


async def test_f02_the_limit_is_the_one_that_is_announced(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    limits = (await anna.get("/api/v2/instance"))["configuration"]["media_attachments"]
    assert limits["image_matrix_limit"] == CAPS.image_pixels


async def test_f02_a_moving_picture_has_an_end(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    assert (await upload(anna, picture("GIF", (1300, 800), frames=2))).status == 422
    assert (await upload(anna, picture("WEBP", (1300, 800), frames=2))).status == 422
    assert (await upload(anna, picture("GIF", (8, 8), frames=2_001))).status == 422
    assert (await upload(anna, picture("PNG", (1300, 800), frames=2))).status == 422
    assert (await upload(anna, picture("PNG", (8, 8), frames=2_001))).status == 422


PROBE = """
import json, os, resource, socket, subprocess, sys, threading
from pathlib import Path
from fediverse_kommune.media import sandbox

def attempt(what):
    try:
        what()
    except MemoryError:
        return "no memory"
    except OSError as error:
        return error.strerror
    except RuntimeError as error:
        return str(error)
    return "done"

folder, secret = Path(sys.argv[1]), Path(sys.argv[2])
locks = sandbox.lock_down(getattr(sandbox, sys.argv[3]), folder=folder)
result = {
    "offline": locks.offline, "files": locks.files, "calls": locks.calls,
    "connect": attempt(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
    "local socket": attempt(lambda: socket.socket(socket.AF_UNIX)),
    "memory": attempt(lambda: bytearray(5_000_000_000)),
    "read": attempt(secret.read_bytes),
    "list": attempt(lambda: os.listdir(secret.parent)),
    "write outside": attempt(lambda: (secret.parent / "new").write_bytes(b"x")),
    "write inside": attempt(lambda: (folder / "new").write_bytes(b"x")),
    "move out": attempt(lambda: os.rename(folder / "new", secret.parent / "new")),
    "shell": attempt(lambda: subprocess.run(["/bin/true"], close_fds=False)),
    "fork": attempt(os.fork),
    "kill": attempt(lambda: os.kill(os.getppid(), 0)),
    "thread": attempt(lambda: threading.Thread(target=dict).start()) if sys.argv[3] == "FILMS" else "done",
    "limits": [resource.getrlimit(kind)[1] for kind in
               (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)],
}
print(json.dumps(result))
"""


@pytest.mark.parametrize(
    ("allowance", "limits"), [("PICTURES", [20, 32, 64_000_000, 0]), ("FILMS", [3_600, 64, 1_000_000_000, 0])]
)
async def test_f03_a_child_gives_up_memory_time_files_programs_and_network(
    tmp_path: Path, allowance: str, limits: list[int]
) -> None:
    folder, secret = tmp_path / "work", tmp_path / "data" / "kommune.db"
    folder.mkdir()
    secret.parent.mkdir()
    secret.write_bytes(b"secret")
    command = (sys.executable, "-c", PROBE, str(folder), str(secret), allowance)
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await child.communicate()
    result = json.loads(output.splitlines()[-1])
    assert result["memory"] == "no memory"
    assert result["limits"] == limits
    assert result["thread"] == result["write inside"] == "done"
    assert result["offline"] or result["calls"]
    if result["calls"]:
        refused = {result[name] for name in ("connect", "local socket", "fork", "shell", "kill")}
        assert refused == {"Operation not permitted"}
    if result["files"]:
        refused = {result[name] for name in ("read", "list", "write outside")}
        assert refused == {"Permission denied"}
        assert result["move out"] in {"Permission denied", "Invalid cross-device link"}


async def test_f03_a_child_that_hangs_is_killed_and_the_server_goes_on(
    stadt: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await app_of(stadt, "anna")
    monkeypatch.setattr("fediverse_kommune.media.process.DEADLINE_SECONDS", 0.01)
    reply = await upload(anna, picture("PNG", (10, 10)))
    assert (reply.status, reply.json["error"]) == (422, "The picture takes too long to be read.")
    monkeypatch.setattr("fediverse_kommune.media.process.DEADLINE_SECONDS", 30)
    assert (await upload(anna, picture("PNG", (10, 10)))).status == 200


async def test_f06_nothing_says_where_and_with_what_it_was_taken(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    photo = photo_with_a_place()
    assert b"SecretCamera" in photo
    reply = await upload(anna, photo)
    for url in (reply.json["url"], reply.json["preview_url"]):
        body = (await anna.ask("GET", urlsplit(url).path)).body
        assert b"Secret" not in body
        with Image.open(io.BytesIO(body)) as image:
            assert dict(image.getexif()) == {}
            assert "comment" not in image.info
            assert "icc_profile" not in image.info
    assert size_of((await anna.ask("GET", urlsplit(reply.json["url"]).path)).body) == (40, 60), "and it stands upright"


def files_of(town: Town) -> list[Path]:
    return [path for path in town.app.server.studio.store._root.rglob("*") if path.is_file()]
