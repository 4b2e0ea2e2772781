"""From rows to the mail server: the work of the mail worker (`activitypub/tasks.py`)."""

import logging
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

import aiosmtplib

from activitypub.context import Clock
from activitypub.unit import UnitsOfWork
from fediverse_kommune.config import MailConfig
from fediverse_kommune.mail.texts import MailTexts
from fediverse_kommune.models import Mail
from fediverse_kommune.services import mails

log = logging.getLogger(__name__)

ROOM = 4  # mails handed over at the same time
SECONDS = 30.0  # for one mail
FOREVER = 500  # SMTP: replies from here on mean that trying again makes no sense (RFC 5321 section 4.2.1)


class MailWork:
    """Sends what waits. A mail that is refused for good is forgotten; everything else is tried for two days."""

    def __init__(self, db: UnitsOfWork, config: MailConfig, texts: MailTexts, clock: Clock) -> None:
        self._db = db
        self._config = config
        self._texts = texts
        self._clock = clock

    async def claim(self, room: int) -> Sequence[Mail]:
        """Lease due mails."""
        if not await self._db.read(mails.MAILS.any_due, self._clock()):
            return ()
        return await self._db.write(mails.claim, room)

    async def work(self, item: Mail) -> bool:
        """Hand a mail over to the mail server."""
        try:
            await self._send(self._message(item))
        except (aiosmtplib.SMTPException, OSError) as failure:
            await self._note(item, failure)
        else:
            await self._db.write(mails.sent, item.id)
        return False

    async def extend(self, items: Sequence[Mail]) -> None:
        """Renew leases."""
        await self._db.write(mails.MAILS.extend, [mail.id for mail in items])

    async def release(self, items: Sequence[Mail]) -> None:
        """Give mails back."""
        await self._db.write(mails.MAILS.release, [mail.id for mail in items])

    def _message(self, mail: Mail) -> EmailMessage:
        words = self._texts.words(mail.template, mail.locale, mail.details)
        message = EmailMessage()
        message["From"] = self._config.sender
        message["To"] = mail.to_address
        message["Subject"] = words.subject
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = make_msgid(str(mail.id), domain=parseaddr(self._config.sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        for name, value in mail.headers.items():
            message[name] = value
        message.set_content(words.body)
        return message

    async def _send(self, message: EmailMessage) -> None:
        config = self._config
        await aiosmtplib.send(
            message,
            hostname=config.host,
            port=config.port,
            username=config.user or None,
            password=config.password or None,
            use_tls=config.security == "tls",
            start_tls=config.security == "starttls",
            timeout=SECONDS,
        )

    async def _note(self, mail: Mail, failure: Exception) -> None:
        """Put a mail off, or give it up. Logs say which mail it was, and not whose."""
        if _is_final(failure):
            await self._db.write(mails.sent, mail.id)
            log.warning("mail %d is refused for good: %s", mail.id, type(failure).__name__)
        elif not await self._db.write(mails.postpone, mail.id, mail.attempts, f"{type(failure).__name__}: {failure}"):
            log.error("mail %d could not be sent for two days and is given up", mail.id)


def _is_final(failure: Exception) -> bool:
    match failure:
        case aiosmtplib.SMTPRecipientsRefused():
            return all(refused.code >= FOREVER for refused in failure.recipients)
        case aiosmtplib.SMTPRecipientRefused() | aiosmtplib.SMTPDataError():
            return failure.code >= FOREVER
        case _:
            return False  # also a password that is not taken: that is ours to mend
