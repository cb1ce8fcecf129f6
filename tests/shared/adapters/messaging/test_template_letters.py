"""Letters from templates."""

from pathlib import Path

import pytest

from shared.adapters.messaging.template_letters import TemplateLetters
from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.errors import PermanentError
from shared.ports.letters import Letter
from tests.shared.domain.prior_authorization.appeal_cases import PLAN, decided, filing
from tests.shared.domain.prior_authorization.cases import deny, notified


def letters(folder: Path, text: str) -> TemplateLetters:
    (folder / "approval.txt").write_text(text, encoding="utf-8")
    return TemplateLetters(folder)


def test_the_first_line_is_the_subject_and_the_rest_the_body(tmp_path: Path) -> None:
    written = letters(
        tmp_path, "Subject: Case {{ number }}\n\nDear <member>,\n{{ number }}: für Sie\n"
    )
    letter = written.compose("approval", {"number": "7 & 8"})
    assert letter == Letter("Case 7 & 8", "Dear <member>,\n7 & 8: für Sie\n")


@pytest.mark.parametrize(
    "text",
    [
        "Subject: s\n{{ absent }}",
        "Subject: s\n{{ fact.absent }}",
        "Subject: s\n{% if %}",
        "no subject\n",
        "Subject: s\n{{ fact.__class__.__mro__ }}",
    ],
)
def test_a_letter_that_cannot_be_written_is_permanent(tmp_path: Path, text: str) -> None:
    with pytest.raises(PermanentError, match="approval") as caught:
        letters(tmp_path, text).compose("approval", {"fact": "M-1001 has asthma"})
    assert "asthma" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unknown_template_is_permanent(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="nowhere"):
        TemplateLetters(tmp_path).compose("nowhere", {})


def test_the_letter_on_an_appeal_says_what_was_overturned_and_what_goes_on() -> None:
    case = file(notified(deny(1), deny(2)), PLAN, filing(1, 2)).case
    partly = decided(case, AppealOutcome.OVERTURNED, items=(2,)).appeals[0]
    body = TemplateLetters().compose("appeal-decision", {"appeal": partly}).body
    assert "overturned in part. It is overturned for item 2, and upheld for item 1." in body
    assert "What was upheld goes on to the next level by itself." in body
    whole = decided(case, AppealOutcome.OVERTURNED).appeals[0]
    body = TemplateLetters().compose("appeal-decision", {"appeal": whole}).body
    assert "has been decided: overturned." in body
    assert "upheld" not in body
