"""Asking a translator that speaks LibreTranslate's protocol, if one is configured. https://docs.libretranslate.com/

It is asked through an egress of its own: it may live in the network of the town, where nothing else of ours may reach.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from activitypub.context import Clock
from activitypub.http import Egress, EgressError, Resolver
from activitypub.strict_json import HostileJson, write
from fediverse_kommune.config import TranslationConfig

log = logging.getLogger(__name__)

PROVIDER = "LibreTranslate"
LANGUAGES_LAST = timedelta(hours=1)
ANSWER_BYTES = 2_097_152
MOST_CHARACTERS = 100_000


class TranslatorFailed(Exception):
    """The translator could not be asked, or did not answer with a translation. The log says why."""


class Translator:
    """The translator of this instance; with no URL there is none."""

    def __init__(self, config: TranslationConfig, egress: Egress, clock: Clock) -> None:
        self._config = config
        self._egress = egress
        self._clock = clock
        self._languages: Mapping[str, Sequence[str]] = {}
        self._read_at: datetime | None = None
        self._lock = asyncio.Lock()

    @property
    def is_there(self) -> bool:
        """True if one is configured."""
        return bool(self._config.url)

    async def languages(self) -> Mapping[str, Sequence[str]]:
        """Return into which languages it translates, by the one that it translates from. Raises `TranslatorFailed`."""
        if not self.is_there:
            return {}
        async with self._lock:
            now = self._clock()
            if self._read_at is None or now - self._read_at > LANGUAGES_LAST:
                self._languages, self._read_at = await self._ask_languages(), now
            return self._languages

    async def translate(self, texts: Sequence[str], source: str, target: str) -> tuple[list[str], str]:
        """Return texts (HTML) in another language, and the language they were in. Raises `TranslatorFailed`.

        Without a `source` the translator guesses. What it answers is hostile until it has been sanitised.
        """
        if sum(map(len, texts)) > MOST_CHARACTERS:
            raise TranslatorFailed("the text is too long")
        filled = [index for index, text in enumerate(texts) if text.strip()]
        if not filled:
            return list(texts), source or target
        question = {
            "q": [texts[index] for index in filled],
            "source": source or "auto",
            "target": target,
            "format": "html",
            **({"api_key": self._config.api_key} if self._config.api_key else {}),
        }
        answer = await self._post("translate", question)
        made = answer.get("translatedText")
        if not isinstance(made, list) or len(made) != len(filled) or not all(isinstance(text, str) for text in made):
            raise TranslatorFailed("the answer holds no translation")
        done = list(texts)
        for index, text in zip(filled, made, strict=True):
            done[index] = text
        return done, source or _detected(answer) or "und"

    async def close(self) -> None:
        """Close all connections."""
        await self._egress.close()

    async def _ask_languages(self) -> Mapping[str, Sequence[str]]:
        try:
            answer = await self._egress.get(self._url("languages"), accept="application/json", limit=ANSWER_BYTES)
            rows = msgspec.json.decode(answer.body) if answer.status == 200 else None
        except (EgressError, msgspec.DecodeError) as error:
            raise TranslatorFailed(str(error)) from error
        if not isinstance(rows, list):
            raise TranslatorFailed(f"it answered {answer.status} without a list of languages")
        return {
            str(row["code"]): sorted({str(code) for code in row.get("targets") or ()} - {str(row["code"])})
            for row in rows
            if isinstance(row, dict) and "code" in row
        }

    async def _post(self, path: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = await self._egress.post(
                self._url(path), write(question), content_type="application/json", limit=ANSWER_BYTES
            )
            body = msgspec.json.decode(answer.body) if answer.status == 200 else None
        except (EgressError, msgspec.DecodeError, HostileJson) as error:
            raise TranslatorFailed(str(error)) from error
        if not isinstance(body, dict):
            raise TranslatorFailed(f"it answered {answer.status}")
        return body

    def _url(self, path: str) -> str:
        return f"{(self._config.url or '').rstrip('/')}/{path}"


def open_translator(
    config: TranslationConfig, clock: Clock, *, user_agent: str, resolver: Resolver | None
) -> Translator:
    """Return the translator of this instance with a way out that leads to it."""
    way = Egress(
        user_agent=user_agent,
        allow_networks=config.allowed_networks(),
        allow_http=(config.url or "").startswith("http://"),
        resolver=resolver,
    )
    return Translator(config, way, clock)


def _detected(answer: Mapping[str, Any]) -> str | None:
    found = answer.get("detectedLanguage")
    first = found[0] if isinstance(found, list) and found else found
    code = first.get("language") if isinstance(first, dict) else None
    return code if isinstance(code, str) and 2 <= len(code) <= 35 else None
