"""A small raw HTTP/1.1 client: prepared bytes out, status lines in. It costs little beside the server it loads."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

END_OF_HEADERS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a load: seconds from the first byte to the last answer, answers by status, seconds per answer."""

    seconds: float
    statuses: Counter[int]
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return sum(self.statuses.values()) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the answers stayed below, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000


def request(method: str, host: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of one request on a connection that stays open."""
    fields = {"Host": host, "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def load(address: tuple[str, int], requests: Sequence[bytes], *, connections: int) -> Result:
    """Send the requests over so many connections, one at a time on each, and read every answer whole."""
    waiting = deque(requests)
    statuses: Counter[int] = Counter()
    latencies: list[float] = []

    async def run() -> None:
        reader, writer = await asyncio.open_connection(*address)
        while waiting:
            started = time.perf_counter()
            writer.write(waiting.popleft())
            statuses[await _answer(reader)] += 1
            latencies.append(time.perf_counter() - started)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(run() for _ in range(connections)))
    return Result(time.perf_counter() - started, statuses, tuple(latencies))


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(END_OF_HEADERS)
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            await reader.readexactly(int(value))
    return int(head[9:12])
