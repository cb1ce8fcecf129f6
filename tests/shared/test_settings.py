"""Settings: what is read, what is refused, and that the documents tell of all of it."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shared.settings import SettingError, read_settings

ROOT = Path(__file__).parents[2]
COSMOS = "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5==;"
HUBS = "Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=n;SharedAccessKey=k;"
ENOUGH = {"COSMOS_CONNECTION": COSMOS, "EventHubConnection": HUBS}
OF_THE_HOST = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
# Read by the SDKs and the host in Azure, never by the application itself; Bicep sets them.
OF_AZURE = {
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "AzureWebJobsStorage__clientId",
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
    "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID",
}
OF_THE_ENVIRONMENT = {
    "WEBSITE_INSTANCE_ID",
    "WEBSITE_AUTH_ENABLED",
    "AZURE_FUNCTIONS_ENVIRONMENT",
}
OF_AN_IDENTITY = {
    "COSMOS_CONNECTION__accountEndpoint",
    "COSMOS_CONNECTION__clientId",
    "EventHubConnection__fullyQualifiedNamespace",
    "EventHubConnection__clientId",
}


class Recording(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_by_name = dict(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


def names_read() -> set[str]:
    by_key = Recording(ENOUGH)
    read_settings(by_key)
    by_identity = Recording(
        {
            "COSMOS_CONNECTION__accountEndpoint": "https://a.documents.azure.com",
            "EventHubConnection__fullyQualifiedNamespace": "a.servicebus.windows.net",
        }
    )
    read_settings(by_identity)
    return by_key.asked | by_identity.asked


def example() -> dict[str, str]:
    content = json.loads((ROOT / "local.settings.example.json").read_text())
    assert content["IsEncrypted"] is False
    values: dict[str, str] = content["Values"]
    return values


def test_every_setting_read_is_documented_and_nothing_else() -> None:
    table = set(
        re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    )
    assert table - OF_AZURE == names_read() | OF_THE_HOST


def test_the_example_names_every_setting_of_a_developer() -> None:
    expected = (names_read() | OF_THE_HOST) - OF_THE_ENVIRONMENT - OF_AN_IDENTITY
    assert set(example()) == expected


def test_the_example_is_read_as_it_stands() -> None:
    settings = read_settings(example())
    assert settings.cosmos.endpoint == "http://127.0.0.1:8081/"
    assert settings.cosmos.key.endswith("==")
    assert settings.event_hubs.inbound_hub == "prior-authorization-requests"
    assert settings.smtp.host == ""


def test_the_documented_defaults_are_the_real_ones() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    documented = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", text, re.MULTILINE))
    assert read_settings(ENOUGH) == read_settings({**ENOUGH, **documented})
    assert len(documented) >= 8


def test_an_identity_signs_in_without_a_key() -> None:
    settings = read_settings(
        {
            "COSMOS_CONNECTION__accountEndpoint": "https://a.documents.azure.com:443/",
            "COSMOS_CONNECTION__clientId": "id",
            "EventHubConnection__fullyQualifiedNamespace": "a.servicebus.windows.net",
            "EventHubConnection__clientId": "id",
        }
    )
    assert settings.cosmos.key == ""
    assert settings.cosmos.endpoint == "https://a.documents.azure.com:443"
    assert settings.event_hubs.namespace == "a.servicebus.windows.net"
    assert settings.event_hubs.connection_string == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COSMOS_CONNECTION", ""),
        ("COSMOS_CONNECTION", "AccountEndpoint=http://127.0.0.1:8081/;"),
        ("COSMOS_CONNECTION", "nonsense"),
        ("EventHubConnection", " "),
        ("EventHubConnection", "Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey="),
        ("ANSWER_WITHIN_SECONDS", "soon"),
        ("ANSWER_WITHIN_SECONDS", "-1"),
        ("ANSWER_WITHIN_SECONDS", "16"),
        ("ANSWER_WITHIN_SECONDS", "nan"),
        ("SWEEP_SCHEDULE", "*/5 * * * *"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "65536"),
        ("SMTP_STARTTLS", "yes"),
        ("MEMBER_DIRECTORY_FHIR_URL", "fhir.example/r4"),
        ("REST_HOOK_URL", "ftp://hooks.example"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name) as caught:
        read_settings({**ENOUGH, name: value})
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(SettingError, match="SMTP_FROM"):
        read_settings({**ENOUGH, "SMTP_HOST": "mail.example"})


def test_no_error_repeats_a_secret() -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({**ENOUGH, "COSMOS_CONNECTION": "AccountKey=topsecret;"})
    assert "topsecret" not in str(caught.value)


def test_printed_settings_hold_no_secret() -> None:
    secrets = {
        "SMTP_PASSWORD": "s3cret-1",
        "REST_HOOK_SECRET": "s3cret-2",
        "MEMBER_DIRECTORY_FHIR_TOKEN": "s3cret-3",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=s3cret-4",
        "COSMOS_CONNECTION": "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=s3cret-5;",
        "EventHubConnection": "Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey=s3cret-6;",
    }
    assert "s3cret" not in repr(read_settings(secrets))


def test_only_a_developer_may_be_somebody_without_signing_in() -> None:
    assert read_settings(ENOUGH).development_user == ""
    development = {**ENOUGH, "AZURE_FUNCTIONS_ENVIRONMENT": "Development"}
    assert read_settings(development).development_user == "nurse-rivera"
    assert read_settings({**development, "WEBSITE_INSTANCE_ID": "i"}).development_user == ""
    with pytest.raises(SettingError, match="DEVELOPMENT_USER"):
        read_settings({**ENOUGH, "WEBSITE_INSTANCE_ID": "i", "DEVELOPMENT_USER": "dr-chen"})


def test_the_payers_own_identifiers_are_told_with_commas_or_spaces() -> None:
    assert read_settings(ENOUGH).insurer_identifiers == frozenset()
    told = {**ENOUGH, "INSURER_IDENTIFIERS": "1992999990, 789312  payer-7"}
    assert read_settings(told).insurer_identifiers == {"1992999990", "789312", "payer-7"}
