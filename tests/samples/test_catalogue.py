import json

import pytest

from samples.catalogue import FOLDER, samples, written
from shared.contracts.pas import SubmissionKind, read_submit

KINDS = {"update": SubmissionKind.UPDATE, "cancel": SubmissionKind.CANCEL}


def test_the_files_are_what_the_catalogue_makes() -> None:
    files = {path.stem: path.read_text() for path in FOLDER.glob("*.json")}

    assert files == {name: written(sample) for name, sample in samples().items()}


@pytest.mark.parametrize("name", samples())
def test_every_sample_is_conformant(name: str) -> None:
    submission = read_submit(json.dumps(samples()[name]).encode())

    assert submission.kind is KINDS.get(name, SubmissionKind.NEW)
    assert submission.request.profile_version == "2.2.1"
    assert submission.warnings == ()
