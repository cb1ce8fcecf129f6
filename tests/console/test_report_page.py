from console.rendering import Viewer
from console.report_page import report_page
from shared.domain.prior_authorization.public_report import ListedService, public_report

VIEWER = Viewer(user_id="dr-chen")


def test_a_year_without_requests_says_so() -> None:
    report = public_report([], year=2026, services=[])
    page = report_page(VIEWER, report, line_of_business="", years=[2026, 2025])
    assert "No request was decided in 2026" in page
    assert "none yet" in page


def test_what_is_chosen_stays_chosen() -> None:
    report = public_report([], year=2025, services=[ListedService("<surgery>", "10004 to 69990")])
    page = report_page(VIEWER, report, line_of_business="erisa", years=[2026, 2025])
    assert '<option value="erisa" selected>' in page
    assert "<option selected>2025</option>" in page
    assert "&lt;surgery&gt;" in page
    assert "10004 to 69990" in page
