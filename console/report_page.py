"""The public report of a year, as a page."""

from collections.abc import Sequence

from console.rendering import Viewer, render
from shared.domain.prior_authorization.codes import LineOfBusiness
from shared.domain.prior_authorization.public_report import PublicReport


def report_page(
    viewer: Viewer, report: PublicReport, *, line_of_business: str, years: Sequence[int]
) -> str:
    """The figures, with the choice of another year or line of business."""
    urgencies = (("Standard", report.standard), ("Urgent", report.urgent))
    return render(
        "report.html",
        viewer,
        report=report,
        urgencies=urgencies,
        chosen=line_of_business,
        lines=list(LineOfBusiness),
        years=years,
    )
