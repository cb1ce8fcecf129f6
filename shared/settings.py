"""Every setting of the application, read from the environment once and checked.

docs/settings.md describes each; the names follow the conventions of Azure Functions, in which
NAME__part is the part of a connection that an identity signs in to.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shared.errors import CareloomError

INBOUND_HUB = "prior-authorization-requests"
OUTBOUND_HUB = "prior-authorization-outcomes"
SAMPLE_REVIEWER = "nurse-rivera"
EVERY_FIVE_MINUTES = "0 */5 * * * *"
ANSWER_WITHIN_SECONDS_MAX = 15
SMTP_SUBMISSION_PORT = 587
PORT_MAX = 65535


class SettingError(CareloomError):
    """A setting is missing or malformed; the message is one sentence that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CosmosSettings:
    """Where the database is, and how to sign in: by key, or as an identity where key is empty."""

    endpoint: str
    database: str
    key: str = field(default="", repr=False)
    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventHubsSettings:
    """Where the hubs are: by connection string, or by namespace and identity."""

    inbound_hub: str
    outbound_hub: str
    connection_string: str = field(default="", repr=False)
    namespace: str = ""
    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How e-mail leaves; host is empty where it does not.

    Attributes:
        mailroom: the office that passes on what has no e-mail address.
    """

    host: str = ""
    port: int = SMTP_SUBMISSION_PORT
    starttls: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    mailroom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirServerSettings:
    """A FHIR R4 server to look things up in; url is empty where there is none."""

    url: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the application; what is secret in them is not printed.

    Attributes:
        sweep_schedule: NCRONTAB with seconds, of the timer that looks for what was missed.
        insurer_identifiers: under which the payer is asked; empty where any will do.
        answer_within_seconds: how long the $submit door waits for a decision before it pends.
        platform_signs_in: whether App Service authentication stands before the app, so that its
            headers can be believed.
        development_user: who somebody is that did not sign in; empty, nobody, outside development.
    """

    cosmos: CosmosSettings
    event_hubs: EventHubsSettings
    smtp: SmtpSettings
    member_directory: FhirServerSettings
    provider_directory: FhirServerSettings
    insurer_identifiers: frozenset[str]
    rest_hook_url: str
    rest_hook_secret: str = field(repr=False)
    task_hub: str
    sweep_schedule: str
    answer_within_seconds: float
    application_insights: str = field(repr=False)
    development_user: str
    platform_signs_in: bool

    @property
    def is_development(self) -> bool:
        """Whether this is a developer's machine, where people need not sign in."""
        return bool(self.development_user)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings, all of them checked.

    Raises:
        SettingError: one is missing or malformed.
    """
    read = _Reader(environment)
    return Settings(
        cosmos=_cosmos(read),
        event_hubs=_event_hubs(read),
        smtp=_smtp(read),
        member_directory=_fhir_server(read, "MEMBER_DIRECTORY_FHIR"),
        provider_directory=_fhir_server(read, "PROVIDER_DIRECTORY_FHIR"),
        insurer_identifiers=frozenset(read.text("INSURER_IDENTIFIERS").replace(",", " ").split()),
        rest_hook_url=read.url("REST_HOOK_URL"),
        rest_hook_secret=read.text("REST_HOOK_SECRET"),
        task_hub=read.text("TASKHUB_NAME", "careloom"),
        sweep_schedule=read.schedule("SWEEP_SCHEDULE", EVERY_FIVE_MINUTES),
        answer_within_seconds=read.seconds("ANSWER_WITHIN_SECONDS", 10, ANSWER_WITHIN_SECONDS_MAX),
        application_insights=read.text("APPLICATIONINSIGHTS_CONNECTION_STRING"),
        development_user=_development_user(read),
        platform_signs_in=read.truth("WEBSITE_AUTH_ENABLED", default=False),
    )


def _development_user(read: "_Reader") -> str:
    """Nobody on Azure, whatever the settings say: the instance id is there on every App Service."""
    named = read.text("DEVELOPMENT_USER")
    if read.text("WEBSITE_INSTANCE_ID"):
        if named:
            raise SettingError("DEVELOPMENT_USER must not be set on Azure, where people sign in.")
        return ""
    is_development = read.text("AZURE_FUNCTIONS_ENVIRONMENT") == "Development"
    return named or (SAMPLE_REVIEWER if is_development else "")


def _cosmos(read: "_Reader") -> CosmosSettings:
    database = read.text("COSMOS_DATABASE", "careloom")
    connection = read.text("COSMOS_CONNECTION")
    if connection:
        parts = read.parts("COSMOS_CONNECTION", "AccountEndpoint", "AccountKey")
        endpoint, key = parts
        return CosmosSettings(endpoint=endpoint, database=database, key=key)
    endpoint = read.url("COSMOS_CONNECTION__accountEndpoint")
    if not endpoint:
        raise SettingError(
            "Set COSMOS_CONNECTION to a connection string, "
            "or COSMOS_CONNECTION__accountEndpoint to sign in with an identity."
        )
    client_id = read.text("COSMOS_CONNECTION__clientId")
    return CosmosSettings(endpoint=endpoint, database=database, client_id=client_id)


def _event_hubs(read: "_Reader") -> EventHubsSettings:
    connection = read.text("EventHubConnection")
    namespace = read.text("EventHubConnection__fullyQualifiedNamespace")
    if connection:
        read.parts("EventHubConnection", "Endpoint", "SharedAccessKeyName", "SharedAccessKey")
    elif not namespace:
        raise SettingError(
            "Set EventHubConnection to a connection string, or "
            "EventHubConnection__fullyQualifiedNamespace to sign in with an identity."
        )
    return EventHubsSettings(
        inbound_hub=read.text("INBOUND_HUB_NAME", INBOUND_HUB),
        outbound_hub=read.text("OUTBOUND_HUB_NAME", OUTBOUND_HUB),
        connection_string=connection,
        namespace="" if connection else namespace,
        client_id=read.text("EventHubConnection__clientId"),
    )


def _smtp(read: "_Reader") -> SmtpSettings:
    host = read.text("SMTP_HOST")
    sender = read.text("SMTP_FROM")
    if host and not sender:
        raise SettingError("Set SMTP_FROM to the sender's address, since SMTP_HOST is set.")
    return SmtpSettings(
        host=host,
        port=read.port("SMTP_PORT", SMTP_SUBMISSION_PORT),
        starttls=read.truth("SMTP_STARTTLS", default=True),
        username=read.text("SMTP_USERNAME"),
        password=read.text("SMTP_PASSWORD"),
        sender=sender,
        mailroom=read.text("SMTP_MAILROOM"),
    )


def _fhir_server(read: "_Reader", name: str) -> FhirServerSettings:
    return FhirServerSettings(url=read.url(f"{name}_URL"), token=read.text(f"{name}_TOKEN"))


class _Reader:
    """Reads one setting at a time; a blank one counts as absent."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def url(self, name: str) -> str:
        text = self.text(name)
        parts = urlsplit(text)
        if text and not (parts.scheme in {"http", "https"} and parts.netloc):
            raise SettingError(f"{name} must be an http or https address.")
        return text.rstrip("/")

    def port(self, name: str, default: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= PORT_MAX):
            raise SettingError(f"{name} must be a port from 1 to {PORT_MAX}.")
        return int(text)

    def truth(self, name: str, *, default: bool) -> bool:
        text = self.text(name, str(default)).lower()
        if text not in {"true", "false"}:
            raise SettingError(f"{name} must be true or false.")
        return text == "true"

    def seconds(self, name: str, default: float, most: float) -> float:
        text = self.text(name, str(default))
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= most:
            raise SettingError(f"{name} must be a number of seconds from 0 to {most}.")
        return seconds

    def schedule(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if len(text.split()) != 6:  # noqa: PLR2004 - seconds, minutes, hours, day, month, weekday.
            raise SettingError(f"{name} must be an NCRONTAB of six fields, such as '{default}'.")
        return text

    def parts(self, name: str, *wanted: str) -> list[str]:
        """The values of a connection string's parts, none of them empty."""
        pairs = [part.partition("=") for part in self.text(name).split(";") if part]
        found = {key.strip().lower(): value for key, _, value in pairs}
        missing = [part for part in wanted if not found.get(part.lower())]
        if missing:
            raise SettingError(f"{name} is a connection string without {' and '.join(missing)}.")
        return [found[part.lower()] for part in wanted]
