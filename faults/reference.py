"""What must be true when everything that was promised has been kept, worked out from the ledger alone.

A model of the server in a page: activities take effect one after the other, in the order of the promises, each once.
It knows nothing of queues, crashes or repeats, which is why it can be believed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from faults.ledger import Entry
from faults.scenes import Activity
from faults.witness import STRANGERS_WORDS

Fact = tuple[str, ...]


@dataclass(slots=True)
class Reference:
    """The promised state of one server, in ids.

    `posts` and `notes` map to what they say, `replies` to who wrote them, and `follows` maps who follows to the id of
    the Follow; `likes` and `announces` pair an actor with a status. `promised` are all activities ever accepted.
    """

    posts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)
    likes: set[tuple[str, str]] = field(default_factory=set)
    announces: set[tuple[str, str]] = field(default_factory=set)
    follows: dict[str, str] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)
    _deleted: set[str] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """Let one promise of the ledger take effect; a repeated one has none."""
        if "post" in entry:
            self.posts[entry["post"]] = entry["text"]
            return
        activity: Activity = entry["activity"]
        if activity["id"] not in self.promised:
            self.promised.add(activity["id"])
            self._act(activity, activity["actor"], activity["object"])

    def facts(self) -> Counter[Fact]:
        """Return what must be found, each as often as it must be found: once."""
        facts: list[Fact] = [("post", uri, text) for uri, text in self.posts.items()]
        facts += [("note", uri, content) for uri, content in self.notes.items()]
        facts += [("like", *pair) for pair in self.likes]
        facts += [("announce", *pair) for pair in self.announces]
        facts += [("follow", actor) for actor in self.follows]
        return Counter([*facts, *self._notifications()])

    def _act(self, activity: Activity, actor: str, target: Any) -> None:
        match activity["type"]:
            case "Create" | "Update" if target["id"] not in self._deleted:
                self.notes[target["id"]] = target["content"]
                if target["inReplyTo"]:
                    self.replies[target["id"]] = actor
            case "Delete":
                self._deleted.add(target["id"])
                self.notes.pop(target["id"], None)
            case "Like":
                self.likes.add((actor, target))
            case "Announce":
                self.announces.add((actor, target))
                if target not in self.posts:
                    self.notes[target] = STRANGERS_WORDS
            case "Follow":
                self.follows[actor] = activity["id"]
            case "Undo":
                self._undo(target["type"], actor, target["object"])

    def _undo(self, kind: str, actor: str, target: str) -> None:
        match kind:
            case "Like":
                self.likes.discard((actor, target))
            case "Announce":
                self.announces.discard((actor, target))
            case "Follow":
                self.follows.pop(actor, None)

    def _notifications(self) -> Iterable[Fact]:
        """Return what Anna must have been told, by the names the client API gives it."""
        yield from (("notified of favourite", actor, post) for actor, post in self.likes if post in self.posts)
        yield from (("notified of reblog", actor, post) for actor, post in self.announces if post in self.posts)
        yield from (("notified of mention", actor, note) for note, actor in self.replies.items() if note in self.notes)
        yield from (("notified of follow", actor, "") for actor in self.follows)


def read_reference(entries: Iterable[Entry]) -> Reference:
    """Return the state that a ledger promises."""
    reference = Reference()
    for entry in entries:
        reference.take(entry)
    return reference
