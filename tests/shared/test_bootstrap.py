"""The wiring: which adapter stands behind each port, over the real local parts."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from localhost.cosmos_gateway.server import Gateway
from localhost.eventhubs_broker.server import Broker, serve
from shared.adapters.fhir.directories import FhirMemberDirectory
from shared.adapters.messaging.rest_hook import RestHookChannel
from shared.adapters.messaging.smtp import SmtpChannel
from shared.adapters.messaging.tray_channel import TrayChannel
from shared.bootstrap import Ports, build_ports, ports, use_ports
from shared.domain.prior_authorization.notice_matrix import Channel as ChannelWord
from shared.domain.prior_authorization.outgoing import EVENT_CHANNEL
from shared.domain.prior_authorization.request import Identifier
from shared.settings import FhirServerSettings, SettingError, Settings, SmtpSettings, read_settings
from tests.shared.ports.samples import a_case, a_dispatch, opening

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def broker() -> AsyncGenerator[Broker]:
    running = await serve(None)
    yield running
    await running.stop()


@pytest.fixture
def settings(gateway: Gateway, broker: Broker) -> Settings:
    return read_settings(
        {
            "COSMOS_CONNECTION": f"AccountEndpoint={gateway.endpoint};AccountKey={gateway.key};",
            "EventHubConnection": broker.connection_string,
        }
    )


@pytest.fixture
async def wired(settings: Settings) -> AsyncGenerator[Ports]:
    built = build_ports(settings)
    yield built
    await built.close()


async def test_every_port_works_over_the_local_parts(wired: Ports) -> None:
    await wired.cases.save(opening(a_case()))
    assert await wired.cases.load("case-1") is not None
    assert await wired.members.find_member(Identifier("", "12345678901")) is not None
    assert await wired.reviewers.find_reviewer("nurse-rivera") is not None
    listed = await wired.providers.find_provider("1234567893")
    unlisted = await wired.providers.find_provider("1740283779")
    assert listed is not None
    assert listed.in_network
    assert unlisted is not None
    assert not unlisted.in_network
    assert "eligibility" in await wired.rules.versions(wired.clock.now())
    for name, channel in wired.channels.items():
        has_taker = name != ChannelWord.SUBSCRIPTION
        assert await channel.send(replace(a_dispatch(), message_id=name)) is has_taker, name
    letters = await wired.tray.letters_of("case-1")
    assert {letter.channel for letter in letters} == set(ChannelWord) - {ChannelWord.SUBSCRIPTION}


async def test_every_word_of_the_notice_matrix_has_a_channel(wired: Ports) -> None:
    assert set(wired.channels) == {*ChannelWord, EVENT_CHANNEL}
    assert isinstance(wired.channels["email"], TrayChannel)


async def test_settings_choose_the_real_adapters(settings: Settings) -> None:
    chosen = replace(
        settings,
        smtp=SmtpSettings(host="mail.example", sender="notices@payer.example"),
        rest_hook_url="https://hooks.example",
        member_directory=FhirServerSettings(url="https://fhir.example/r4"),
        provider_directory=FhirServerSettings(url="https://fhir.example/r4"),
    )
    built = build_ports(chosen)
    assert isinstance(built.channels["email"], SmtpChannel)
    assert isinstance(built.channels["mail"], TrayChannel)
    assert isinstance(built.channels["subscription"], RestHookChannel)
    assert isinstance(built.members, FhirMemberDirectory)
    await built.close()


async def test_the_ports_of_a_loop_are_built_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cosmos = f"AccountEndpoint={settings.cosmos.endpoint};AccountKey={settings.cosmos.key};"
    monkeypatch.setenv("COSMOS_CONNECTION", cosmos)
    monkeypatch.setenv("EventHubConnection", settings.event_hubs.connection_string)

    async def build_twice() -> tuple[Ports, Ports]:
        return ports(), ports()

    first, second = await build_twice()
    assert first is second
    elsewhere, _ = await asyncio.to_thread(asyncio.run, build_twice())
    assert elsewhere is not first


async def test_a_simulation_brings_its_own(wired: Ports) -> None:
    use_ports(wired)
    assert ports() is wired


async def test_a_missing_setting_is_named_at_the_first_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COSMOS_CONNECTION", raising=False)
    with pytest.raises(SettingError, match="COSMOS_CONNECTION"):
        ports()


def test_no_sdk_is_imported_before_it_is_needed() -> None:
    listing = "import shared.bootstrap, sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(  # noqa: S603 - Our own interpreter and text.
        [sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True
    )
    sdks = (
        "azure.cosmos",
        "azure.eventhub",
        "azure.identity",
        "aiohttp",
        "jinja2",
        "azure.monitor",
    )
    assert not [name for name in done.stdout.split() if name.startswith(sdks)]
