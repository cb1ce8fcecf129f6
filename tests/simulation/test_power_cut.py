"""The plug is pulled in the middle of twenty cases; nothing is lost, nothing done twice."""

import json
import random
import threading
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from localhost.load import fault_of
from localhost.sample_case import sample_bundle
from localhost.started_host import StartedHost
from tests.triggers.sending import SUBMIT, case_of, eventually

CASES = 20


def _send_without_waiting(host: StartedHost, bundle: dict[str, Any]) -> None:
    """Send a request whose sender does not live to hear the answer."""
    request = urllib.request.Request(  # noqa: S310 - our own host
        host.url + SUBMIT,
        json.dumps(bundle).encode(),
        {"content-type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
    except OSError:
        return  # The plug was pulled.


def test_a_power_cut_in_the_middle_of_twenty_cases_loses_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    pause_seconds = random.Random(seed).uniform(0.2, 1.2)
    bundles = [sample_bundle("auto-approved") for _ in range(CASES)]
    host = StartedHost(tmp_path)
    senders = [
        threading.Thread(target=_send_without_waiting, args=(host, bundle)) for bundle in bundles
    ]
    for sender in senders:
        sender.start()
    threading.Event().wait(pause_seconds)
    host.kill()
    for sender in senders:
        sender.join()

    with StartedHost(tmp_path) as again:
        answers = [again.post(SUBMIT, bundle) for bundle in bundles]
        case_ids = [answer.headers["x-careloom-case-id"] for answer in answers]
        assert len(set(case_ids)) == CASES, f"seed {seed}"

        def faults() -> dict[str, str]:
            found = {case_id: fault_of(case_of(again, case_id)) for case_id in case_ids}
            return {case_id: fault for case_id, fault in found.items() if fault}

        try:
            eventually(lambda: not faults(), within_seconds=60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, pause {pause_seconds:.2f} s: {faults()}") from error
        for case_id in case_ids:
            case = case_of(again, case_id)
            once = Counter(
                (entry["event"], json.dumps(entry["detail"], sort_keys=True))
                for entry in case["timeline"]
            )
            assert max(once.values()) == 1, f"seed {seed}: {case_id} {once}"
