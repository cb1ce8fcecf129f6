import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.localhost.functions_host.running_host import WITHOUT_SERVICES, RunningHost

ROOT = Path(__file__).resolve().parents[2]

TINY_APP = """
import azure.functions as func

app = func.FunctionApp()


@app.route(route="hello", auth_level=func.AuthLevel.ANONYMOUS)
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "host.json").write_text('{"version": "2.0"}')
    (folder / "function_app.py").write_text(TINY_APP)
    return folder


def refused(app: Path, *arguments: str, services: bool = False) -> str:
    """The sentence with which a start is refused."""
    environment = {**os.environ, **({} if services else WITHOUT_SERVICES)}
    shown = subprocess.run(  # noqa: S603 - our own command
        [
            *(sys.executable, "-m", "localhost", "serve", "--port", "0", "--app", str(app)),
            *("--data", str(app.parent / "data"), *arguments),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert shown.returncode == 2, shown.stderr
    last = shown.stderr.splitlines()[-1]
    assert last.startswith("Careloom cannot start: ")
    assert "Traceback" not in shown.stderr
    return last.removeprefix("Careloom cannot start: ")


def test_ctrl_c_stops_the_whole_tree(app: Path) -> None:
    host = RunningHost(app.parent / "data", app)

    host.process.send_signal(signal.SIGINT)

    assert host.ended() == 0


def test_ctrl_c_also_stops_a_host_that_is_still_starting(app: Path) -> None:
    (app / "function_app.py").write_text("import time\ntime.sleep(20)\n")
    command = [sys.executable, "-m", "localhost", "serve", "--port", "0", "--app", str(app)]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--data", str(app.parent / "data")], cwd=ROOT, stderr=subprocess.PIPE
    ) as process:
        time.sleep(1.5)

        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=10) == 0


def test_a_missing_application_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path).startswith(f"there is no function_app.py in {tmp_path}; ")


def test_a_missing_host_json_is_named(app: Path) -> None:
    (app / "host.json").unlink()

    assert "host.json is missing" in refused(app)


def test_a_broken_host_json_is_named(app: Path) -> None:
    (app / "host.json").write_text("{")

    assert "host.json is not JSON" in refused(app)


def test_a_port_in_use_is_named(app: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        sentence = refused(app, "--port", str(port))

    assert (
        sentence
        == f"port {port} cannot be used (Address already in use); choose another with --port"
    )


def test_a_data_folder_in_use_is_named(app: Path) -> None:
    host = RunningHost(app.parent / "data", app)

    sentence = refused(app)

    assert sentence.startswith(f"the data folder {app.parent / 'data'} is in use by another host")
    assert host.stop() == 0


def test_a_data_folder_that_cannot_be_written_is_named(app: Path) -> None:
    (app.parent / "data").write_text("a file")

    assert "the data folder" in refused(app)


@pytest.mark.parametrize("name", ["taskhub.db", "cosmos.db", "eventhubs.db", "host.db"])
def test_a_broken_database_is_named(app: Path, name: str) -> None:
    (app.parent / "data").mkdir()
    (app.parent / "data" / name).write_text("this is not a database at all" * 100)

    assert name in refused(app, services=True)


def test_a_syntax_error_is_shown_with_its_place(app: Path) -> None:
    (app / "function_app.py").write_text("def broken(:\n")

    sentence = refused(app)

    assert sentence.startswith("function_app.py cannot be indexed: ")
    assert "SyntaxError" in sentence
    assert "line 1" in sentence


def test_a_missing_module_is_shown_with_the_line_that_wants_it(app: Path) -> None:
    (app / "function_app.py").write_text("import os\nimport no_such_module\n")

    sentence = refused(app)

    assert sentence == (
        "function_app.py cannot be indexed: function_app.py:2: "
        "ModuleNotFoundError: No module named 'no_such_module'"
    )


def test_an_application_without_functions_is_refused(app: Path) -> None:
    (app / "function_app.py").write_text("x = 1\n")

    assert "Could not find top level function app instances" in refused(app)


UNUSABLE = {
    "a wrong annotation": (
        """
@app.route(route="x")
def door(request: int) -> str: ...
""",
        "'door'",
    ),
    "an unknown constraint": (
        """
@app.route(route="x/{id:prime}")
def door(req: func.HttpRequest) -> str: ...
""",
        "'prime' is not a route constraint",
    ),
    "a route of the host": (
        """
@app.route(route="Admin/door")
def door(req: func.HttpRequest) -> str: ...
""",
        "the function 'door' has a route of the host's own: ",
    ),
    "a route of another function": (
        """
@app.route(route="cases/{id}", methods=["GET", "POST"])
def front_door(req: func.HttpRequest) -> str: ...
@app.route(route="/Cases/{id}/", methods=["DELETE"])
def back_door(req: func.HttpRequest) -> str: ...
@app.route(route="cases/{ID}", methods=["POST"])
def door(req: func.HttpRequest) -> str: ...
""",
        "answers the same requests as 'front_door', at the route 'api/cases/{id}'",
    ),
    "a wrong schedule": (
        """
@app.timer_trigger(schedule="61 * * * * *", arg_name="timer")
def door(timer: func.TimerRequest) -> None: ...
""",
        "'61' is no second from 0 to 59",
    ),
    "a schedule that is not set": (
        """
@app.timer_trigger(schedule="%NOT_SET%", arg_name="timer")
def door(timer: func.TimerRequest) -> None: ...
""",
        "'%NOT_SET%' names a setting that does not exist",
    ),
    "a trigger of another service": (
        """
@app.queue_trigger(arg_name="message", queue_name="q", connection="C")
def door(message: func.QueueMessage) -> None: ...
""",
        "the binding queueTrigger ('message'), which the local host does not support",
    ),
    "an output binding": (
        """
@app.route(route="x")
@app.event_hub_output(arg_name="out", event_hub_name="h", connection="C")
def door(req: func.HttpRequest, out: func.Out[str]) -> str: ...
""",
        "the binding eventHub ('out'), which the local host does not support",
    ),
    "a stream": (
        """
@app.route(route="x")
async def door(req: func.HttpRequest):
    yield b"part"
""",
        "streams its request or response",
    ),
}


@pytest.mark.parametrize(("declaration", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_function_that_cannot_be_run_is_named_with_the_reason(
    app: Path, declaration: str, reason: str
) -> None:
    (app / "function_app.py").write_text(f"{TINY_APP}\n\n{declaration}\n")

    sentence = refused(app)

    assert sentence.startswith("the function 'door' ")
    assert reason in sentence


def test_settings_come_from_the_file_and_the_environment_wins(app: Path) -> None:
    (app / "local.settings.json").write_text(
        json.dumps({"IsEncrypted": False, "Values": {"FROM_FILE": "file", "FROM_BOTH": "file"}})
    )
    (app / "function_app.py").write_text(
        TINY_APP.replace(
            'HttpResponse("hello")',
            'HttpResponse(os.environ["FROM_FILE"] + " " + os.environ["FROM_BOTH"])',
        ).replace("import azure", "import os\n\nimport azure", 1)
    )

    host = RunningHost(app.parent / "data", app, FROM_BOTH="environment")

    assert host.call("GET", "/api/hello").text == "file environment"
    assert host.stop() == 0


def test_logs_are_one_json_object_a_line(app: Path) -> None:
    source = (app / "function_app.py").read_text()
    (app / "function_app.py").write_text(
        source + 'import warnings\n\nwarnings.warn("an old habit", UserWarning)\n'
    )
    host = RunningHost(app.parent / "data", app)
    host.call("GET", "/api/hello")
    assert host.stop() == 0

    lines = host.logs()

    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert any("an old habit" in each["message"] for each in lines)
