"""`python -m localhost demo`: one sample prior authorization, from submission to decision."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from localhost.sample_case import SampleFailedError, show_case, submit_sample
from localhost.started_host import HostDiedError, StartedHost

if TYPE_CHECKING:
    import argparse

SAMPLE = "auto-approved"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--sample", default=SAMPLE, help="name of a file in samples")


def run(arguments: argparse.Namespace) -> int:
    """Start a host of its own in a folder of its own, send the sample, print its timeline."""
    with tempfile.TemporaryDirectory(prefix="careloom-demo-") as folder:
        try:
            with StartedHost(Path(folder)) as host:
                sample = submit_sample(host, arguments.sample)
        except (HostDiedError, SampleFailedError) as error:
            sys.stderr.write(f"The demo failed: {error}\n")
            return 1
    lines = show_case(sample.case)
    lines.append(f"\nThe requestor was answered in {sample.answered_in_seconds:.2f} s.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
