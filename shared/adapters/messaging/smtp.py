"""The channel of e-mail, over SMTP."""

import asyncio
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from smtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from shared.errors import PermanentError, TransientError
from shared.ports.channels import Dispatch

TIMEOUT_SECONDS = 20.0
# Source: RFC 5321, 4.2.1: a reply of 5yz is a permanent refusal, of 4yz a transient one.
PERMANENT_FROM = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The server that takes our mail.

    Attributes:
        mailroom: the office that passes on what has no e-mail address; empty for none.
        trust: the certificates accepted; None for the system's.
    """

    host: str
    port: int
    sender: str
    starttls: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    mailroom: str = ""
    trust: ssl.SSLContext | None = None


class SmtpChannel:
    """A Channel that sends e-mail."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, dispatch: Dispatch) -> bool:
        """Send a notice to its address, or to the mailroom where that is no e-mail address.

        Raises:
            PermanentError: the server refuses the login or the message.
        """
        to = dispatch.address if is_email(dispatch.address) else self._server.mailroom
        if not to:
            return False
        return await asyncio.to_thread(self._deliver, self._compose(dispatch, to))

    def _compose(self, dispatch: Dispatch, to: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = to
        message["Subject"] = " ".join(dispatch.subject.split())
        domain = parseaddr(self._server.sender)[1].partition("@")[2]
        # A receiver drops a repetition by this id.
        message["Message-ID"] = f"<{dispatch.case_id}.{dispatch.message_id}@{domain}>"
        message["X-Careloom-Case"] = dispatch.case_id
        message["X-Careloom-Address"] = dispatch.address
        message.set_content(dispatch.body)
        return message

    def _deliver(self, message: EmailMessage) -> bool:
        server = self._server
        try:
            with SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS) as smtp:
                if server.starttls:
                    smtp.starttls(context=server.trust or ssl.create_default_context())
                if server.username:
                    smtp.login(server.username, server.password)
                smtp.send_message(message)
        except SMTPRecipientsRefused as error:
            [(code, _)] = error.recipients.values()
            return _refused(code, error, is_address=True)
        except SMTPResponseException as error:
            return _refused(error.smtp_code, error)
        except (SMTPException, OSError) as error:
            raise TransientError("the mail server is out of reach") from error
        return True


def is_email(address: str) -> bool:
    """Whether an address is one of e-mail, and not a business identifier."""
    name, at, domain = address.partition("@")
    return bool(name and at and "." in domain) and not any(c.isspace() for c in address)


def _refused(code: int, error: SMTPException, *, is_address: bool = False) -> bool:
    if code < PERMANENT_FROM:
        raise TransientError(f"the mail server answered {code}") from error
    if not is_address:
        raise PermanentError(f"the mail server answered {code}") from error
    return False
