"""`python -m localhost run`: start the local host, run a sample case, keep serving."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from localhost.sample_case import SampleFailedError, submit_sample
from localhost.started_host import HostDiedError, StartedHost

if TYPE_CHECKING:
    import argparse

AUTO_APPROVED, FOR_REVIEW = "auto-approved", "surgery-with-review"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--port", type=int, default=7071, help="HTTP port; 0 for any")
    parser.add_argument("--data", type=Path, default=Path(".careloom"), help="folder for the data")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or a signal, with two sample cases to look at; answers the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        host = StartedHost(arguments.data, port=arguments.port, log="WARNING")
    except HostDiedError:
        return 2
    sys.stdout.write(f"{host.ready}\n")
    try:
        decided = submit_sample(host, AUTO_APPROVED)
        submit_sample(host, FOR_REVIEW)
    except SampleFailedError as error:
        sys.stderr.write(f"The sample case failed: {error}\n")
        host.stop()
        return 1
    sys.stdout.write(
        f"A sample case was decided by the rules in {decided.answered_in_seconds:.2f} s: "
        f"{decided.case['outcome']}.\n"
        f"  Its timeline     {host.url}/api/cases/{decided.case_id}\n"
        f"  Its page         {host.url}/console/cases/{decided.case_id}\n"
        f"Another waits for a physician: sign in as dr-chen at {host.url}/console/sign-in.\n"
        f"  Reviewer's inbox {host.url}/console\n"
        f"  Health           {host.url}/api/health\n"
        f"Send your own: POST {host.url}/api/fhir/Claim/$submit, "
        f"for example samples/prior_authorization/several-items.json\n"
    )
    sys.stdout.flush()
    return host.wait()
