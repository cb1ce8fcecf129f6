"""Nobody gets in without signing in, nothing has a key, and every door keeps a log."""

import re

import pytest

from tests.infra.bicep import ROOT, module, resource

PAGE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


def test_everybody_signs_in_except_who_asks_for_health() -> None:
    rules = resource("functionapp", "signIn")["properties"]
    assert rules["platform"]["enabled"] is True
    assert rules["globalValidation"]["requireAuthentication"] is True
    assert rules["globalValidation"]["excludedPaths"] == ["/api/health"]
    assert rules["httpSettings"] == {"requireHttps": True}
    door = (ROOT / "triggers" / "http" / "health.py").read_text(encoding="utf-8")
    assert 'route="api/health"' in door


def test_only_named_applications_are_let_in() -> None:
    signed_in = resource("functionapp", "signIn")["properties"]["identityProviders"]
    policy = signed_in["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"]
    allowed = policy["allowedApplications"]["function"]["parameters"]
    assert allowed == {"arg_1": ["signInClientId"], "arg_2": "callerClientIds"}


@pytest.mark.parametrize(
    ("where", "name", "switch", "value"),
    [
        ("storage", "account", "allowSharedKeyAccess", False),
        ("storage", "account", "allowBlobPublicAccess", False),
        ("cosmos", "account", "disableLocalAuth", True),
        ("eventhubs", "namespace", "disableLocalAuth", True),
        ("monitoring", "insights", "DisableLocalAuth", True),
        ("functionapp", "noFtpPassword", "allow", False),
        ("functionapp", "noScmPassword", "allow", False),
    ],
)
def test_nothing_opens_to_a_key_or_a_password(
    where: str, name: str, switch: str, *, value: bool
) -> None:
    assert resource(where, name)["properties"][switch] is value


def test_the_workspace_takes_no_key_either() -> None:
    assert resource("monitoring", "workspace")["properties"]["features"]["disableLocalAuth"] is True


def test_everything_speaks_tls_1_2() -> None:
    assert resource("storage", "account")["properties"]["minimumTlsVersion"] == "TLS1_2"
    assert resource("storage", "account")["properties"]["supportsHttpsTrafficOnly"] is True
    assert resource("cosmos", "account")["properties"]["minimalTlsVersion"] == "Tls12"
    assert resource("eventhubs", "namespace")["properties"]["minimumTlsVersion"] == "1.2"
    app = resource("functionapp", "app")["properties"]
    assert app["httpsOnly"] is True
    assert app["siteConfig"]["minTlsVersion"] == "1.2"


@pytest.mark.parametrize("where", ["storage", "cosmos", "eventhubs", "functionapp"])
def test_what_the_platform_saw_goes_to_log_analytics(where: str) -> None:
    kept = resource(where, "diagnostics")["properties"]
    assert kept["workspaceId"] == "workspaceId"
    assert all(each["enabled"] for each in (*kept["logs"], *kept["metrics"]))
    assert kept["logs"]
    assert "QueryRuntimeStatistics" not in {each["category"] for each in kept["logs"]}


def test_every_role_of_the_identity_is_on_the_page() -> None:
    variables = [each["value"] for each in module("roles")["variables"].values()]
    given = {role for value in variables for role in ([value] if isinstance(value, str) else value)}
    listed = set(re.findall(r"`([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`", PAGE))
    assert given == listed


def test_the_app_runs_on_flex_consumption_with_the_python_of_the_project() -> None:
    plan, app = resource("functionapp", "plan"), resource("functionapp", "app")["properties"]
    assert plan["sku"] == {"name": "FC1", "tier": "FlexConsumption"}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    runtime = app["functionAppConfig"]["runtime"]
    assert runtime["name"] == "python"
    assert f'requires-python = ">={runtime["version"]},' in project
