from localhost.functions_host.telemetry import start_telemetry


def test_without_a_setting_nothing_is_exported() -> None:
    assert start_telemetry({}) is False
    assert start_telemetry({"APPLICATIONINSIGHTS_CONNECTION_STRING": ""}) is False
