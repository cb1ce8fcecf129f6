"""The settings that Bicep gives the app are those that the app reads, and the page tells of."""

import re

from shared.settings import INBOUND_HUB, OUTBOUND_HUB, read_settings
from tests.infra.bicep import MAIN, ROOT, example_values, parse

PARAMETERS = parse(MAIN)["parameters"]
VARIABLES = parse(MAIN)["variables"]
GIVEN = VARIABLES["settings"]["value"]
SCHEDULER = VARIABLES["schedulerSettings"]["value"]["operator"]["operands"]["true_value"]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
# Microsoft Learn, "Migrate Consumption plan apps to the Flex Consumption plan": left behind.
REFUSED_BY_FLEX = {
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_MAX_HTTP_CONCURRENCY",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_RUN_FROM_PACKAGE",
}
FURTHER = set(re.findall(r"^  (\w+):", example_values()["furtherSettings"], re.MULTILINE))


def _environment() -> dict[str, str]:
    """The settings as Azure would show them, with an address for what only Azure can know."""
    return {name: _value(value) for name, value in GIVEN.items()}


def _value(value: object) -> str:
    if not isinstance(value, str):
        return "https://known-to.azure.example"
    parameter = PARAMETERS.get(str(value))
    return parameter["default"] if parameter else str(value)


def test_the_app_starts_with_the_settings_that_bicep_gives_it() -> None:
    settings = read_settings({**_environment(), "WEBSITE_INSTANCE_ID": "an-instance"})
    assert settings.cosmos.endpoint == "https://known-to.azure.example"
    assert settings.cosmos.key == ""
    assert settings.cosmos.client_id
    assert settings.event_hubs.namespace
    assert settings.event_hubs.connection_string == ""
    assert settings.event_hubs.client_id
    assert not settings.is_development


def test_what_bicep_leaves_open_is_what_the_app_assumes() -> None:
    given = _environment()
    assumed = read_settings(
        {name: value for name, value in given.items() if name.partition("__")[1]}
    )
    settings = read_settings(given)
    assert settings.cosmos == assumed.cosmos
    assert settings.event_hubs == assumed.event_hubs
    assert settings.task_hub == assumed.task_hub
    assert settings.sweep_schedule == assumed.sweep_schedule


def test_the_hubs_have_the_names_that_the_app_assumes() -> None:
    assert PARAMETERS["inboundHubName"]["default"] == INBOUND_HUB
    assert PARAMETERS["outboundHubName"]["default"] == OUTBOUND_HUB


def test_every_setting_that_a_trigger_or_the_host_looks_up_is_given() -> None:
    sources = [ROOT / "host.json", *(ROOT / "triggers").rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in sources]
    looked_up = {name for text in texts for name in re.findall(r'"%([A-Z_]+)%"', text)}
    assert {"TASKHUB_NAME", "INBOUND_HUB_NAME", "SWEEP_SCHEDULE"} <= looked_up <= set(GIVEN)


def test_every_connection_signs_in_with_the_identity() -> None:
    connections = {name.partition("__")[0] for name in GIVEN if "__" in name}
    assert connections == {"AzureWebJobsStorage", "COSMOS_CONNECTION", "EventHubConnection"}
    for connection in connections:
        assert connection not in GIVEN
        assert GIVEN[f"{connection}__credential"] == "managedidentity"
        assert GIVEN[f"{connection}__clientId"] == "clientId"


def test_every_setting_that_bicep_gives_is_on_the_page_of_settings() -> None:
    names = set(GIVEN) | set(SCHEDULER) | FURTHER
    assert FURTHER
    missing = {name for name in names if f"`{name}`" not in PAGE}
    assert not missing


def test_no_setting_is_one_that_flex_consumption_refuses() -> None:
    assert not (set(GIVEN) | set(SCHEDULER) | FURTHER) & REFUSED_BY_FLEX


def test_no_setting_says_who_is_signed_in_or_believed() -> None:
    decides = {"DEVELOPMENT_USER", "AZURE_FUNCTIONS_ENVIRONMENT", "WEBSITE_AUTH_ENABLED"}
    assert not decides & (set(GIVEN) | FURTHER)
