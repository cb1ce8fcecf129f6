"""A case, whole: its six steps, its clock, its items, and the proof of its audit trail."""

from datetime import datetime

from console.clock_chart import draw_case_clock
from console.journey import journey_of
from console.rendering import Viewer, render
from console.review_page import DONE
from console.times import zone_of
from shared.domain.prior_authorization.tasks import review_task_id
from shared.queries.case_view import CaseView


def case_page(viewer: Viewer, view: CaseView, now: datetime, *, done: str = "") -> str:
    """The page of a case."""
    return render(
        "case.html",
        viewer,
        view=view,
        case=view.case,
        zone=zone_of(view.case),
        clock=draw_case_clock(view.case, now),
        journey=journey_of(view.case, view.trail),
        task_id=review_task_id(view.case),
        done=DONE.get(done, ""),
    )
