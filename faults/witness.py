"""Neighbours that remember what they were sent: `python -m faults.witness FOLDER PORT COUNT`, a process of its own.

Their ledger is the other end of every delivery. They take their time with an answer, as the fediverse does, so that
a server that is killed has deliveries in hand.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.activities import PUBLIC
from bench.neighbours import ACCEPTED, ACTIVITY, Neighbours, found, main
from faults.ledger import Ledger

RECEIVED = "received.jsonl"  # the ledger's name in the folder
ANSWER_SECONDS = 0.02
STRANGERS_NOTES = "/strangers/"
STRANGERS_WORDS = "<p>Das Freibad öffnet.</p>"


class Witness(Neighbours):
    """Serves one connection, and notes each activity before it says 202."""

    def __init__(self, public_key: str, *, ledger: Ledger) -> None:
        super().__init__(public_key)
        self._ledger = ledger

    def take(self, host: str, target: str, body: bytes) -> None:
        """Note what came to which inbox, and accept it after a moment."""
        activity = json.loads(body)
        about = activity["object"]
        self._ledger.note(
            {
                "inbox": f"http://{host}{target}",
                "id": activity["id"],
                "type": activity["type"],
                "object": about["id"] if isinstance(about, dict) else about,
            }
        )
        asyncio.get_running_loop().call_later(ANSWER_SECONDS, self.transport.write, ACCEPTED)

    def document(self, host: str, target: str) -> bytes:
        """Serve also what strangers wrote: any number of notes, for others to announce."""
        if target.startswith(STRANGERS_NOTES):
            return found(_strangers_note(f"http://{host}", target), ACTIVITY)
        return super().document(host, target)


def _strangers_note(origin: str, path: str) -> dict[str, object]:
    author = f"{origin}/users/fremd"
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{origin}{path}",
        "type": "Note",
        "attributedTo": author,
        "published": datetime.now(UTC).isoformat(timespec="seconds"),
        "content": STRANGERS_WORDS,
        "to": [PUBLIC],
        "cc": [f"{author}/followers"],
    }


if __name__ == "__main__":
    folder, port, count = sys.argv[1:]
    asyncio.run(main(folder, port, count, partial(Witness, ledger=Ledger(Path(folder) / RECEIVED))))
