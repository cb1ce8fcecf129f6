import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.localhost.functions_host.following import BASE, JSON, code_of, ended, start, status_when
from tests.localhost.functions_host.running_host import RunningHost, until


def test_the_status_url_follows_a_story_to_its_end(host: RunningHost) -> None:
    urls = start(host, "three_steps", 4)

    shown = ended(host, urls)

    assert shown["name"] == "three_steps"
    assert shown["instanceId"] == urls["id"]
    assert (shown["runtimeStatus"], shown["input"], shown["output"]) == ("Completed", 4, 7)
    assert shown["createdTime"] <= shown["lastUpdatedTime"]
    assert "historyEvents" not in shown


def test_a_running_story_answers_202_with_where_to_look_next(host: RunningHost) -> None:
    urls = start(host, "review", 60)

    answer = host.call("GET", urls["statusQueryGetUri"])

    assert answer.status == 202
    assert answer.headers["Retry-After"] == "5"
    assert urlsplit(answer.headers["Location"]).path == urlsplit(urls["statusQueryGetUri"]).path
    host.call("POST", urls["terminatePostUri"])


def test_the_history_is_shown_on_demand(host: RunningHost) -> None:
    urls = start(host, "three_steps", 0)
    ended(host, urls)

    shown = host.call(
        "GET", urls["statusQueryGetUri"] + "&showHistory=true&showHistoryOutput=true"
    ).json()

    kinds = [each["EventType"] for each in shown["historyEvents"]]
    assert kinds == ["ExecutionStarted", *["TaskCompleted"] * 3, "ExecutionCompleted"]
    assert shown["historyEvents"][1]["FunctionName"] == "add_one"


def test_the_input_can_be_left_out(host: RunningHost) -> None:
    urls = start(host, "three_steps", 4)
    ended(host, urls)

    shown = host.call("GET", urls["statusQueryGetUri"] + "&showInput=false").json()

    assert shown["input"] is None


def test_an_event_reaches_the_story(host: RunningHost) -> None:
    urls = start(host, "review", 60)

    raised = host.call(
        "POST",
        urls["sendEventPostUri"].replace("{eventName}", "decided"),
        '"approved"',
        JSON,
    )

    assert raised.status == 202
    shown = ended(host, urls)
    assert shown["output"] == "approved"
    assert shown["customStatus"] == "done"


def test_a_story_can_be_terminated_once(host: RunningHost) -> None:
    urls = start(host, "review", 60)

    url = urls["terminatePostUri"].replace("{text}", "enough")

    assert host.call("POST", url).status == 202
    shown = ended(host, urls)
    assert (shown["runtimeStatus"], shown["output"]) == ("Terminated", "enough")
    assert host.call("POST", url).status == 410


def test_a_story_waits_while_it_is_suspended(host: RunningHost) -> None:
    urls = start(host, "review", 60)
    status_when(host, urls, lambda shown: shown["customStatus"] == "waiting")

    assert host.call("POST", urls["suspendPostUri"].replace("{text}", "hold")).status == 202
    status_when(host, urls, lambda shown: shown["runtimeStatus"] == "Suspended")
    host.call("POST", urls["sendEventPostUri"].replace("{eventName}", "decided"), '"yes"', JSON)
    time.sleep(0.1)
    assert host.call("GET", urls["statusQueryGetUri"]).json()["runtimeStatus"] == "Suspended"
    assert host.call("POST", urls["resumePostUri"].replace("{text}", "go")).status == 202
    assert ended(host, urls)["output"] == "yes"


def test_a_failed_story_can_be_rewound_as_often_as_it_fails(host: RunningHost) -> None:
    urls = start(host, "repairable", "rewound")

    for _ in range(2):
        failed = ended(host, urls)
        assert failed["runtimeStatus"] == "Failed"
        assert "attempt" in failed["output"]
        assert host.call("POST", urls["rewindPostUri"].replace("{text}", "again")).status == 202

    assert ended(host, urls)["output"] == 3


def test_a_failure_can_be_asked_to_answer_500(host: RunningHost) -> None:
    urls = start(host, "failing", "for 500")
    ended(host, urls)

    url = urls["statusQueryGetUri"]

    assert host.call("GET", url).status == 200
    assert host.call("GET", url + "&returnInternalServerErrorOnFailure=true").status == 500


def test_a_story_can_be_restarted_under_a_new_id(host: RunningHost) -> None:
    urls = start(host, "three_steps", 10)
    ended(host, urls)

    again = host.call("POST", urls["restartPostUri"])

    assert again.status == 202
    assert again.json()["id"] != urls["id"]
    assert ended(host, again.json())["output"] == 13


def test_a_purged_story_is_gone(host: RunningHost) -> None:
    urls = start(host, "three_steps", 0)
    ended(host, urls)

    purged = host.call("DELETE", urls["purgeHistoryDeleteUri"])

    assert (purged.status, purged.json()) == (200, {"instancesDeleted": 1})
    assert host.call("GET", urls["statusQueryGetUri"]).status == 404
    assert host.call("DELETE", urls["purgeHistoryDeleteUri"]).status == 404


def test_a_story_that_has_not_ended_is_neither_purged_nor_rewound_nor_restarted(
    host: RunningHost,
) -> None:
    urls = start(host, "review", 60)

    assert host.call("DELETE", urls["purgeHistoryDeleteUri"]).status == 412
    assert host.call("POST", urls["rewindPostUri"]).status == 412
    again = urls["restartPostUri"] + "&restartWithNewInstanceId=false"
    assert host.call("POST", again).status == 409
    assert host.call("POST", urls["terminatePostUri"]).status == 202


def test_stories_are_listed_in_pages(host: RunningHost, code: str) -> None:
    known = {start(host, "three_steps", number)["id"] for number in range(5)}
    url = f"{BASE}/instances?{code}&top=2&showInput=true"

    found, token, pages = set(), "", 0
    while True:
        headers = {"x-ms-continuation-token": token} if token else {}
        page = host.call("GET", url, headers=headers)
        assert len(page.json()) <= 2
        found |= {each["instanceId"] for each in page.json()}
        pages += 1
        token = page.headers.get("x-ms-continuation-token", "")
        if not token:
            break

    assert known <= found
    assert pages >= 3


def test_stories_are_listed_by_status(host: RunningHost, code: str) -> None:
    urls = start(host, "review", 60)

    def listed() -> Any:
        answer = host.call("GET", f"{BASE}/instances?{code}&runtimeStatus=Running&top=0")
        return urls["id"] in [each["instanceId"] for each in answer.json()]

    until(listed)
    both = f"{BASE}/instances?{code}&runtimeStatus=Completed&runtimeStatus=Running&top=0"
    assert urls["id"] in [each["instanceId"] for each in host.call("GET", both).json()]
    answer = host.call("GET", f"{BASE}/instances?{code}&runtimeStatus=Completed")
    assert urls["id"] not in [each["instanceId"] for each in answer.json()]
    host.call("POST", urls["terminatePostUri"])


def test_stories_are_purged_by_status_and_time(
    hosts: Callable[..., RunningHost],
) -> None:
    host = hosts()
    code = code_of(host)
    urls = start(host, "three_steps", 0)
    ended(host, urls)
    url = f"{BASE}/instances?{code}&runtimeStatus=Completed"

    assert host.call("DELETE", url).status == 400
    long_ago = "&createdTimeFrom=2019-01-01T00:00:00Z&createdTimeTo=2020-01-01T00:00:00Z"
    assert host.call("DELETE", url + long_ago).status == 404
    purged = host.call("DELETE", url + "&createdTimeFrom=2020-01-01T00:00:00Z")

    assert purged.json() == {"instancesDeleted": 1}


def test_a_story_is_started_by_name(host: RunningHost, code: str) -> None:
    started = host.call("POST", f"{BASE}/orchestrators/three_steps/named-1?{code}", "1")

    assert started.status == 202
    assert started.json()["id"] == "named-1"
    assert ended(host, started.json())["output"] == 4


def test_an_id_that_is_in_use_is_not_started_again(host: RunningHost, code: str) -> None:
    url = f"{BASE}/orchestrators/review/named-2?{code}"

    started = host.call("POST", url, "60")

    assert started.status == 202
    assert host.call("POST", url, "60").status == 409
    host.call("POST", started.json()["terminatePostUri"])


def test_a_story_that_does_not_exist_fails(host: RunningHost, code: str) -> None:
    started = host.call("POST", f"{BASE}/orchestrators/no_such_story?{code}")

    shown = ended(host, started.json())
    assert shown["runtimeStatus"] == "Failed"
    assert "no_such_story" in shown["output"]


def test_an_entity_can_be_signalled_and_read(host: RunningHost, code: str) -> None:
    url = f"{BASE}/entities/counter/from-outside?{code}"

    assert host.call("GET", url).status == 404
    assert host.call("POST", url + "&op=add", "5", JSON).status == 202
    until(lambda: host.call("GET", url).body == b"5")
    listed = host.call("GET", f"{BASE}/entities/counter?{code}&fetchState=true&top=50").json()
    assert {"name": "counter", "key": "from-outside"} in [each["entityId"] for each in listed]


def test_without_the_key_nothing_is_told(host: RunningHost) -> None:
    urls = start(host, "three_steps", 0)
    bare = urls["statusQueryGetUri"].partition("?")[0]

    assert host.call("GET", bare).status == 401
    assert host.call("POST", bare + "/terminate?code=wrong").status == 401
    assert host.call("GET", bare, headers=host.master()).status in (200, 202)


def test_an_unknown_instance_is_not_found(host: RunningHost, code: str) -> None:
    url = f"{BASE}/instances/nobody"

    assert host.call("GET", f"{url}?{code}").status == 404
    for verb in ("terminate", "suspend", "resume", "rewind", "raiseEvent/x"):
        assert host.call("POST", f"{url}/{verb}?{code}", headers=JSON).status == 404
    assert host.call("POST", f"{url}/restart?{code}").status == 400
