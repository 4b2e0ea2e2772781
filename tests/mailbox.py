"""A real mail server on this machine that keeps what it is sent."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from fediverse_kommune.config import MailConfig


@dataclass
class Mailbox:
    """What arrived, and what the server answers to each mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def config(self) -> MailConfig:
        return MailConfig(host="127.0.0.1", port=self.port, security="none", sender="Teststadt <noreply@stadt.test>")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd calls it so)
        if self.answers:
            return self.answers.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"

    async def receive(self, count: int = 1, *, seconds: float = 20) -> EmailMessage:
        """Wait until so many mails have come, and return the last."""
        async with asyncio.timeout(seconds):
            while len(self.mails) < count:
                await asyncio.sleep(0.02)
        assert len(self.mails) == count
        return self.mails[-1]


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """Start a mail server."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, enable_SMTPUTF8=True), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


def text_of(message: EmailMessage) -> str:
    """Return what a mail says."""
    return str(message.get_content())
