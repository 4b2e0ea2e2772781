"""Have files drawn anew by child processes: few at once, bounded in memory and time, killed when they are late."""

import asyncio
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from quart.datastructures import FileStorage

from fediverse_kommune.media import films
from fediverse_kommune.media.arrival import Arriving
from fediverse_kommune.media.films import Probe
from fediverse_kommune.media.kinds import GIF, HEAD_BYTES, KINDS, Kind, Medium, kind_of
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.media.store import LocalFolder, media_type
from fediverse_kommune.services.media import PREVIEW, File, Waiting
from fediverse_kommune.services.refusals import Invalid

log = logging.getLogger(__name__)

AT_ONCE = 2  # children at the same time: each may take a core and hundreds of megabytes
DEADLINE_SECONDS = 30.0
FILM_DEADLINE_SECONDS = 3_600.0
OUTPUT_BYTES = 65_536  # of what a child says, the rest is thrown away
NO_FILM = "The file is no film and no recording, or is damaged."


Listen = Callable[[bytes], None]
"""Hears what a child says."""
Heard = Callable[[float], None]
"""Hears how far something is, from 0 to 1."""


def _nobody(_share: float) -> None:
    """Hear nothing."""


class Said(Struct, frozen=True):
    """How a child ended (None: it was killed, being late), and what it said."""

    code: int | None
    output: bytes
    errors: bytes


class Studio:
    """Draws pictures, sound and films anew, and keeps them."""

    def __init__(
        self,
        store: LocalFolder,
        *,
        ffmpeg: Path | None = None,
        switched_off: tuple[str, ...] = (),
        film_seconds: float = 1_800.0,
    ) -> None:
        self.store = store
        self._ffmpeg = ffmpeg
        self._film_seconds = film_seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._warned = False
        self.offered = tuple(
            kind
            for kind in KINDS.values()
            if kind.name not in switched_off and (ffmpeg is not None or kind.medium is Medium.PICTURE)
        )

    @property
    def types(self) -> list[str]:
        """The media types that can be uploaded."""
        return [name for kind in self.offered for name in kind.types]

    @property
    def takes_films(self) -> bool:
        """False where there is no ffmpeg."""
        return self._ffmpeg is not None

    async def draw(self, upload: FileStorage, purpose: Purpose) -> File:
        """Return a picture in the store. Raises `Invalid` for what is no picture that is taken."""
        if self._kind(upload).medium is not Medium.PICTURE:
            raise Invalid("This has to be a picture.")
        drawn = await self._picture(_arrived(upload), purpose)
        if drawn is None:
            raise AssertionError("only what is asked for films can be one")
        return drawn

    async def draw_file(self, path: Path, purpose: Purpose) -> File:
        """Do the same with a file of this machine."""
        with path.open("rb") as file:
            kind = kind_of(file.read(HEAD_BYTES))
        if kind not in self.offered or kind.medium is not Medium.PICTURE:
            raise Invalid(f"{path.name} is no picture that is taken.")
        drawn = await self._picture(path, purpose)
        if drawn is None:
            raise AssertionError("only what is asked for films can be one")
        return drawn

    async def receive(self, upload: FileStorage) -> File | Waiting:
        """Return a picture in the store, or a sound or film that waits. Raises `Invalid` for what is not taken."""
        kind, path = self._kind(upload), _arrived(upload)
        if kind.medium is Medium.PICTURE:
            films_too = kind is GIF and self.takes_films
            drawn = await self._picture(path, Purpose.ATTACHMENT, films_too=films_too)
            if drawn is not None:
                return drawn
        name = await asyncio.to_thread(self.store.receive, path)
        return Waiting(name, "audio/mpeg" if kind.medium is Medium.SOUND else "video/mp4", loops=kind is GIF)

    async def finish(self, name: str, heard: Heard = _nobody) -> File:
        """Draw anew what waits under this name, and tell `heard` how far it is. Raises `Invalid` for what cannot be."""
        source = self.store.waiting(name)
        with await asyncio.to_thread(self._work_folder) as work:
            folder = Path(work)
            upload = folder / "upload"
            kind = await asyncio.to_thread(_take, source, upload)
            if kind is None or self._ffmpeg is None:
                raise Invalid(NO_FILM)
            probe = self._checked(await self._probe(kind.reader, upload, folder))
            if probe.has_picture and kind.medium is not Medium.SOUND:
                return await self._film(kind, upload, folder, probe, heard)
            return await self._sound(kind, upload, folder, probe, heard)

    async def remove(self, *keys: str | None) -> None:
        """Remove files that nothing shows any more."""
        for key in keys:
            if key:
                await asyncio.to_thread(self.store.remove, key)

    # --------------------------------------------------------------------------------------- pictures

    def _kind(self, upload: FileStorage) -> Kind:
        kind = upload.stream.kind if isinstance(upload.stream, Arriving) else None
        if kind not in self.offered:
            names = ", ".join(each.name.upper() for each in self.offered)
            raise Invalid(f"Files of this kind cannot be uploaded; these can: {names}.")
        return kind

    async def _picture(self, source: Path, purpose: Purpose, *, films_too: bool = False) -> File | None:
        """Return a picture in the store; None for a moving one that is to become a film."""
        async with self._room:
            with await asyncio.to_thread(self._work_folder) as work:
                folder = Path(work)
                await asyncio.to_thread(_take, source, folder / "upload")
                made = await self._made(folder / "upload", folder, purpose, *(["--films"] if films_too else []))
                return None if made.get("moving") else await asyncio.to_thread(self._keep, made, folder)

    def _work_folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(dir=self.store.incoming(), ignore_cleanup_errors=True)

    async def _made(self, source: Path, folder: Path, purpose: Purpose, *options: str) -> dict[str, Any]:
        """Return what a child made of a picture. Raises `Invalid`."""
        said = await _run("fediverse_kommune.media.child", purpose, str(source), str(folder), *options, folder=folder)
        if said.code is None:
            raise Invalid("The picture takes too long to be read.")
        try:
            made = dict(json.loads(said.output))
        except ValueError:
            log.warning("the child that reads pictures ended with %s", said.code)
            raise Invalid("The file is no picture, or is damaged.") from None
        self._warn_of_open_locks(made.get("locks", {}))
        if "error" in made:
            raise Invalid(str(made["error"]))
        return made

    def _warn_of_open_locks(self, locks: dict[str, bool]) -> None:
        is_shut = (locks.get("offline") or locks.get("calls")) and locks.get("files")
        if not is_shut and not self._warned:
            self._warned = True
            log.warning(
                "Files are decoded in a process that could reach the network or other files: this system has neither"
                " Landlock and seccomp nor user namespaces. Linux 6.1 has them."
            )

    def _keep(self, made: dict[str, Any], folder: Path) -> File:
        """Take over what a child says it made. A file may have talked it into anything: names are taken, not paths."""
        original, thumbnail = folder / Path(made["original"]).name, folder / Path(made["thumbnail"]).name
        return File(
            key=(key := self._kept(original)),
            media_type=media_type(key),
            thumbnail_key=self._kept(thumbnail),
            width=int(made["width"]),
            height=int(made["height"]),
            thumbnail_width=int(made["thumbnail_width"]),
            thumbnail_height=int(made["thumbnail_height"]),
            blurhash=str(made["blurhash"]),
        )

    def _kept(self, path: Path) -> str:
        return self.store.keep(path, path.suffix.removeprefix("."))

    # --------------------------------------------------------------------------------- sound and films

    async def _film(self, kind: Kind, source: Path, folder: Path, probe: Probe, heard: Heard) -> File:
        arguments = films.film_arguments(kind, source, folder, probe, self._film_seconds)
        await self._ffmpeg_made(arguments, folder, films.FILM_NAME, _share_of(probe.duration, heard))
        made = await self._probe("mov", folder / films.FILM_NAME, folder)
        poster = await self._picture(folder / films.POSTER_NAME, Purpose.THUMBNAIL)
        if poster is None:
            raise AssertionError("a poster is a PNG")
        await self.remove(poster.key)
        silent = not made.has_sound and (made.duration or 0.0) <= films.LOOP_SECONDS
        return replace(
            poster,
            key=(key := await asyncio.to_thread(self._kept, folder / films.FILM_NAME)),
            media_type=media_type(key),
            width=made.width,
            height=made.height,
            duration=made.duration,
            bitrate=made.bitrate,
            frame_rate=str(made.frame_rate) if made.frame_rate else None,
            sound=made.sound,
            loops=kind is GIF or silent,
        )

    async def _sound(self, kind: Kind, source: Path, folder: Path, probe: Probe, heard: Heard) -> File:
        arguments = films.sound_arguments(kind, source, folder)
        await self._ffmpeg_made(arguments, folder, films.SOUND_NAME, _share_of(probe.duration, heard))
        made = await self._probe("mp3", folder / films.SOUND_NAME, folder)
        cover = await self._cover(kind, source, folder) if probe.has_cover else None
        key = await asyncio.to_thread(self._kept, folder / films.SOUND_NAME)
        file = File(key=key, media_type=media_type(key), duration=made.duration, bitrate=made.bitrate, sound=made.sound)
        return replace(file, **{name: getattr(cover, name) for name in PREVIEW}) if cover else file

    async def _cover(self, kind: Kind, source: Path, folder: Path) -> File | None:
        """Return the picture that a recording brings along, drawn anew like any other; None if it is none."""
        try:
            await self._ffmpeg_made(films.cover_arguments(kind.reader, source, folder), folder, films.COVER_NAME)
            cover = await self._picture(folder / films.COVER_NAME, Purpose.THUMBNAIL)
        except Invalid as refusal:
            log.info("a recording has no cover that can be shown: %s", refusal)
            return None
        if cover is not None:
            await self.remove(cover.key)
        return cover

    def _checked(self, probe: Probe) -> Probe:
        """Return what is within the limits. Raises `Invalid` (row F02)."""
        if not probe.has_picture and not probe.has_sound:
            raise Invalid(NO_FILM)
        if (probe.width or 0) * (probe.height or 0) > films.PIXELS:
            raise Invalid(f"The film has more than {films.PIXELS // 1_000_000} megapixels.")
        if probe.has_picture and (probe.frame_rate or 0) > films.FRAME_RATE:
            raise Invalid(f"The film has more than {films.FRAME_RATE} frames a second.")
        if probe.has_picture and (probe.duration or 0) > self._film_seconds:
            raise Invalid(f"The film is longer than {self._film_seconds / 60:g} minutes.")
        return probe

    async def _probe(self, reader: str, source: Path, folder: Path) -> Probe:
        said = await self._locked(films.probe_arguments(reader, source), folder, DEADLINE_SECONDS)
        return films.read_probe(said.errors.decode(errors="replace"))

    async def _ffmpeg_made(self, arguments: list[str], folder: Path, name: str, listen: Listen | None = None) -> None:
        """Let ffmpeg write a file. Raises `Invalid` if it did not."""
        said = await self._locked(arguments, folder, FILM_DEADLINE_SECONDS, listen)
        if said.code is None:
            raise Invalid("The file takes too long to be worked on.")
        if said.code or not (folder / name).exists():
            log.info("ffmpeg ended with %s: %s", said.code, said.errors[-500:].decode(errors="replace"))
            raise Invalid(NO_FILM)

    async def _locked(self, arguments: list[str], folder: Path, seconds: float, listen: Listen | None = None) -> Said:
        module, program = "fediverse_kommune.media.locked", str(self._ffmpeg)
        return await _run(module, str(folder), program, *arguments, folder=folder, seconds=seconds, listen=listen)


def _share_of(duration: float | None, heard: Heard) -> Listen:
    """Return what tells `heard` the share of a film or recording of this length that is done, from 0 to 1."""

    def listen(said: bytes) -> None:
        done = films.read_progress(said)
        if done is not None and duration:
            heard(min(1.0, done / duration))

    return listen


def _arrived(upload: FileStorage) -> Path:
    if not isinstance(upload.stream, Arriving):
        raise TypeError("an upload arrives through fediverse_kommune.bodies")
    return upload.stream.path


def _take(source: Path, target: Path) -> Kind | None:
    """Make a file stand in a work folder, too, without copying it if that can be; return what it is."""
    try:
        os.link(source, target)
    except OSError:  # from another file system
        shutil.copyfile(source, target)
    with target.open("rb") as file:
        return kind_of(file.read(HEAD_BYTES))


async def _run(
    module: str, *arguments: str, folder: Path, seconds: float | None = None, listen: Listen | None = None
) -> Said:
    """Run a module of ours as a child that is killed after so many seconds, and when nobody waits any more.

    `listen` hears what it says while it says it.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={"LANG": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(DEADLINE_SECONDS if seconds is None else seconds):
            output, errors, _ = await asyncio.gather(
                _front_of(child.stdout, listen), _front_of(child.stderr), child.wait()
            )
    except TimeoutError:
        log.warning("%s took too long and was given up", module)
        return Said(None, b"", b"")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return Said(child.returncode, output, errors)


async def _front_of(stream: asyncio.StreamReader | None, listen: Listen | None = None) -> bytes:
    """Read to the end, and keep the front of it."""
    kept = b""
    while stream is not None and (piece := await stream.read(OUTPUT_BYTES)):
        kept += piece[: OUTPUT_BYTES - len(kept)]
        if listen is not None:
            listen(piece)
    return kept
