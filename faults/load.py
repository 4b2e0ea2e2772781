"""A mixed load that keeps its word: what it was promised (2xx) stands in its ledger before anything else is asked.

Each neighbour sends its activities one after the other, as real servers do, and sends again what was not answered;
now and then it also repeats what was. Residents' apps post with an Idempotency-Key, and repeat that, too.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import aiohttp

from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import load_private_key
from bench.neighbours import ACTIVITY, host_of
from bench.stage import TOKEN, Stage
from faults.ledger import Ledger
from faults.scenes import SCENES, SCENES_ABOUT_A_POST, Activity, Person

PROMISED = "promised.jsonl"  # the ledger's name in the folder of the stage
HOSTS = 8
PEOPLE = 16  # on those hosts; each is a sender of its own
APPS = 2
REPEATED = 0.15  # the share of promises that are asked for a second time
MEMORY = 20  # how far back a repeat reaches
PAUSE_SECONDS = 0.1  # between two activities of one sender, on average
POST_PAUSE_SECONDS = 0.6  # between two posts of one app
PATIENCE = aiohttp.ClientTimeout(total=15)

Headers = Callable[[], Mapping[str, str]]  # made anew for each try: a signature bears the time


class Refused(Exception):
    """The server said no to what is in order: there is nothing to measure before that is mended."""


@dataclass(slots=True)
class Load:
    """Everybody who wants something of the server on `stage`. `posts` are the posts of apps that were promised."""

    stage: Stage
    ledger: Ledger
    dice: Random
    answers: Counter[int] = field(default_factory=Counter)
    posts: list[str] = field(default_factory=list)

    async def run(self, enough: asyncio.Event) -> None:
        """Make demands until `enough` is set, and return when every demand under way has been granted."""
        async with aiohttp.ClientSession(timeout=PATIENCE) as http, asyncio.TaskGroup() as everybody:
            for number in range(PEOPLE):
                everybody.create_task(Sender(self, http, self._person(number)).run(enough))
            for _ in range(APPS):
                everybody.create_task(App(self, http).run(enough))

    async def until_granted(self, http: aiohttp.ClientSession, url: str, body: bytes, headers: Headers) -> bytes:
        """POST again and again until the answer is 2xx, and return it. Raises `Refused`."""
        while True:
            try:
                async with http.post(url, data=body, headers=headers()) as answer:
                    text = await answer.read()
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(self.dice.uniform(0.02, 0.2))
                continue
            self.answers[answer.status] += 1
            if answer.status < 300:
                return text
            if answer.status < 500 and answer.status != 429:
                raise Refused(f"{url} answered {answer.status}: {text[:300]!r} to {body[:300]!r}")
            await asyncio.sleep(self.dice.uniform(0.1, 0.5))

    async def pause(self, seconds: float) -> None:
        """Let a while pass, of so many seconds on average."""
        await asyncio.sleep(self.dice.expovariate(1 / seconds))

    def _person(self, number: int) -> Person:
        """Return an actor that `bench.stage.populate` made, so Anna and it follow each other."""
        host = host_of(number % HOSTS, self.stage.neighbours_port)
        fellow = host_of((number + 1) % HOSTS, self.stage.neighbours_port)
        return Person(f"http://{host}", f"u{number}", f"http://{fellow}", f"{self.stage.origin}/users/anna")


class Sender:
    """Sends what one person on a neighbour does."""

    def __init__(self, load: Load, http: aiohttp.ClientSession, person: Person) -> None:
        self._load = load
        self._http = http
        self._person = person
        self._key = load_private_key(load.stage.key)
        self._posts_seen = 0
        self._sent: deque[Activity] = deque(maxlen=MEMORY)

    async def run(self, enough: asyncio.Event) -> None:
        """Play scene after scene, each to its end."""
        while not enough.is_set():
            for activity in self._next_scene():
                await self._send(activity)
                self._sent.append(activity)
                await self._load.pause(PAUSE_SECONDS)
                if self._load.dice.random() < REPEATED:
                    await self._send(self._load.dice.choice(self._sent))

    def _next_scene(self) -> list[Activity]:
        """Return a scene about a post that this person has not had to do with yet, or one that needs none."""
        if self._posts_seen < len(self._load.posts) and self._load.dice.random() < 0.5:
            post = self._load.posts[self._posts_seen]
            self._posts_seen += 1
            return self._load.dice.choice(SCENES_ABOUT_A_POST)(self._person, post)
        return self._load.dice.choice(SCENES)(self._person)

    async def _send(self, activity: Activity) -> None:
        inbox = self._load.dice.choice(("/inbox", "/users/anna/inbox"))
        url = self._load.stage.origin + inbox
        body = json.dumps(activity).encode()

        def signed() -> Mapping[str, str]:
            return sign(
                "POST",
                url,
                {"Content-Type": ACTIVITY},
                body,
                key_id=f"{activity['actor']}#main-key",
                private_key=self._key,
                now=datetime.now(UTC),
            )

        await self._load.until_granted(self._http, url, body, signed)
        self._load.ledger.note({"activity": activity})


class App:
    """Posts as Anna."""

    def __init__(self, load: Load, http: aiohttp.ClientSession) -> None:
        self._load = load
        self._http = http

    async def run(self, enough: asyncio.Event) -> None:
        """Post, and now and then send a post twice."""
        while not enough.is_set():
            key = str(UUID(int=self._load.dice.getrandbits(128), version=4))
            uri = await self._post(key)
            self._load.posts.append(uri)
            if self._load.dice.random() < REPEATED:
                await self._post(key)
            await self._load.pause(POST_PAUSE_SECONDS)

    async def _post(self, key: str) -> str:
        """Post a text that stands for its key, and return the id that was promised."""
        text = f"Der Markt öffnet. {key}"
        body = json.dumps({"status": text, "visibility": "public"}).encode()
        headers = {
            "Authorization": f"Bearer {TOKEN}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        url = f"{self._load.stage.origin}/api/v1/statuses"
        answer = json.loads(await self._load.until_granted(self._http, url, body, lambda: headers))
        self._load.ledger.note({"post": answer["uri"], "text": text})
        uri: str = answer["uri"]
        return uri
