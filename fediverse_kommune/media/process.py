"""Have a picture drawn anew by a child process: few at once, bounded in memory and time, killed when it is late."""

import asyncio
import json
import logging
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quart.datastructures import FileStorage

from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.media.store import LocalFolder, media_type
from fediverse_kommune.services.refusals import Invalid

log = logging.getLogger(__name__)

AT_ONCE = 2  # children at the same time: each may take a core and hundreds of megabytes
DEADLINE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture in the store, as it was drawn."""

    key: str
    thumbnail_key: str
    width: int
    height: int
    blurhash: str

    @property
    def media_type(self) -> str:
        """What kind of picture it became."""
        return media_type(self.key)


class Studio:
    """Draws pictures and keeps them."""

    def __init__(self, store: LocalFolder) -> None:
        self.store = store
        self._room = asyncio.Semaphore(AT_ONCE)
        self._warned = False

    async def draw(self, upload: FileStorage, purpose: Purpose) -> Drawn:
        """Return the picture in the store. Raises `Invalid` for what is no picture that is taken."""
        async with self._room:
            folder = await asyncio.to_thread(self._work_folder)
            with folder:
                source = Path(folder.name) / "upload"
                await upload.save(source)
                made = await self._run_child(purpose, source, Path(folder.name))
                if "error" in made:
                    raise Invalid(str(made["error"]))
                return await asyncio.to_thread(self._keep, made, Path(folder.name))

    async def remove(self, *keys: str | None) -> None:
        """Remove files that nothing shows any more."""
        for key in keys:
            if key:
                await asyncio.to_thread(self.store.remove, key)

    def _work_folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(dir=self.store.incoming(), ignore_cleanup_errors=True)

    async def _run_child(self, purpose: Purpose, source: Path, folder: Path) -> dict[str, Any]:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "fediverse_kommune.media.child", purpose, str(source), str(folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                output, _ = await child.communicate()
        except TimeoutError:
            log.warning("a picture took longer than %s s and was given up", DEADLINE_SECONDS)
            return {"error": "The picture takes too long to be read."}
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return self._read(output, child.returncode)

    def _read(self, output: bytes, code: int | None) -> dict[str, Any]:
        """Return what the child said. A picture may have talked it into anything, so `_keep` takes names, not paths."""
        try:
            made = json.loads(output)
        except ValueError:
            log.warning("the child that reads pictures ended with %s", code)
            return {"error": "The file is no picture, or is damaged."}
        if not made.get("offline") and not self._warned:
            self._warned = True
            log.warning(
                "Pictures are decoded in a process that could reach the network: this system gives no user namespaces."
                " deploy/systemd shows how to take the network away from outside."
            )
        return dict(made)

    def _keep(self, made: dict[str, Any], folder: Path) -> Drawn:
        original, thumbnail = folder / Path(made["original"]).name, folder / Path(made["thumbnail"]).name
        return Drawn(
            key=self.store.keep(original, original.suffix.removeprefix(".")),
            thumbnail_key=self.store.keep(thumbnail, thumbnail.suffix.removeprefix(".")),
            width=int(made["width"]),
            height=int(made["height"]),
            blurhash=str(made["blurhash"]),
        )
