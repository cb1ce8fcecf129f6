"""Documents: their ids, and what a query may filter by."""

from hypothesis import given
from hypothesis.strategies import text

from shared.adapters.cosmos.containers import CASES
from shared.adapters.cosmos.documents import document_id, write_case, write_task
from shared.domain.prior_authorization.tasks import tasks_of
from tests.shared.ports.samples import NOON, a_case, opening, under_review

FORBIDDEN = set("/\\?#")


@given(text(max_size=12), text(max_size=12))
def test_no_two_names_share_an_id(one: str, other: str) -> None:
    assert (document_id("x", one) == document_id("x", other)) == (one == other)


@given(text())
def test_no_id_holds_a_forbidden_character(name: str) -> None:
    assert FORBIDDEN.isdisjoint(document_id("x", name))


def test_whatever_stands_beside_the_body_is_indexed() -> None:
    case = under_review(a_case())
    [task] = tasks_of(case)
    plain = {"id", "caseId", "body", "steps", "auditCount", "auditHead"}
    for document in (write_case(opening(case), now=NOON), write_task(task)):
        assert set(document) - plain <= set(CASES.indexed)
