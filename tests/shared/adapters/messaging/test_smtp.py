"""E-mail, against a real SMTP server on this machine."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.adapters.messaging.smtp import SmtpChannel, SmtpServer, is_email
from shared.errors import PermanentError, TransientError
from tests.shared.ports.samples import a_dispatch

PASSWORD = "letmein"  # noqa: S105 - Of a server that lives for one test.


@dataclass
class Mailbox:
    """Takes mail, or refuses it with the replies it is given.

    Attributes:
        on_recipient, on_message: the SMTP replies.
    """

    on_recipient: str = "250 OK"
    on_message: str = "250 OK"
    taken: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names and calls it.
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it.
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        self.taken.append(envelope)
        return self.on_message


@dataclass
class Running:
    """A mail server, its mailbox, and how to reach it."""

    mailbox: Mailbox
    server: SmtpServer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("mail") / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
async def mail(certificate: Path) -> AsyncGenerator[Running]:
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate)

    def check(*given: Any) -> AuthResult:
        # Not handled: the server is to say 535 itself.
        return AuthResult(success=given[-1].password == PASSWORD.encode(), handled=False)

    mailbox = Mailbox()
    served = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            mailbox,
            tls_context=own,
            require_starttls=True,
            authenticator=check,
            auth_required=True,
        ),
        "127.0.0.1",
        0,
    )
    server = SmtpServer(
        host="127.0.0.1",
        port=served.sockets[0].getsockname()[1],
        sender="Careloom <notices@payer.example>",
        username="careloom",
        password=PASSWORD,
        trust=ssl.create_default_context(cafile=certificate),
    )
    yield Running(mailbox, server)
    served.close()
    await served.wait_closed()


ADDRESSED = replace(a_dispatch(), address="office@provider.example")


async def test_a_notice_arrives_encrypted_and_whole(mail: Running) -> None:
    letter = replace(
        ADDRESSED, subject="Approved:\nBäckerstraße", body="Ihr Antrag für Übungen: bewilligt.\n"
    )
    assert await SmtpChannel(mail.server).send(letter)
    [envelope] = mail.mailbox.taken
    assert envelope.rcpt_tos == ["office@provider.example"]
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    assert message["Subject"] == "Approved: Bäckerstraße"
    assert message["Message-ID"] == "<case-1.decision.r1@payer.example>"
    assert message["X-Careloom-Case"] == "case-1"
    assert message.get_content().replace("\r\n", "\n") == "Ihr Antrag für Übungen: bewilligt.\n"


async def test_what_has_no_email_address_goes_to_the_mailroom(mail: Running) -> None:
    paper = replace(ADDRESSED, address="M-1001")
    assert not await SmtpChannel(mail.server).send(paper)
    with_mailroom = replace(mail.server, mailroom="mailroom@payer.example")
    assert await SmtpChannel(with_mailroom).send(paper)
    [envelope] = mail.mailbox.taken
    assert envelope.rcpt_tos == ["mailroom@payer.example"]
    assert isinstance(envelope.content, bytes)
    assert message_from_bytes(envelope.content)["X-Careloom-Address"] == "M-1001"


async def test_an_address_refused_for_good_is_undeliverable(mail: Running) -> None:
    mail.mailbox.on_recipient = "550 no such user"
    assert not await SmtpChannel(mail.server).send(ADDRESSED)


async def test_a_full_mailbox_is_transient(mail: Running) -> None:
    mail.mailbox.on_recipient = "452 mailbox full"
    with pytest.raises(TransientError, match="452"):
        await SmtpChannel(mail.server).send(ADDRESSED)


async def test_a_message_refused_for_good_is_permanent(mail: Running) -> None:
    mail.mailbox.on_message = "554 transaction failed"
    with pytest.raises(PermanentError, match="554"):
        await SmtpChannel(mail.server).send(ADDRESSED)


async def test_a_wrong_password_is_permanent(mail: Running) -> None:
    with pytest.raises(PermanentError, match="535"):
        await SmtpChannel(replace(mail.server, password="wrong")).send(ADDRESSED)


async def test_a_certificate_that_nobody_trusts_is_not_trusted(mail: Running) -> None:
    with pytest.raises(TransientError):
        await SmtpChannel(replace(mail.server, trust=None)).send(ADDRESSED)
    assert mail.mailbox.taken == []


async def test_a_server_out_of_reach_is_transient() -> None:
    nowhere = SmtpServer(host="127.0.0.1", port=9, sender="notices@payer.example")
    with pytest.raises(TransientError):
        await SmtpChannel(nowhere).send(ADDRESSED)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("office@provider.example", True),
        ("M-1001", False),
        ("@provider.example", False),
        ("office@", False),
        ("a@b.example\nBcc: x@y.example", False),
    ],
)
def test_an_email_address_is_told_from_an_identifier(address: str, *, expected: bool) -> None:
    assert is_email(address) is expected
