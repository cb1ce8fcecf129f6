"""The report door: the public report of a year, and the metrics of one case."""

import csv
from io import StringIO

import azure.durable_functions as df
import azure.functions as func

from console.report_page import report_page
from shared.bootstrap import ports
from shared.domain.prior_authorization.codes import LineOfBusiness
from shared.domain.prior_authorization.public_report import PublicReport
from shared.errors import ContractError
from shared.queries.authorization_report import ReportOf, authorization_report, report_json
from shared.queries.case_metrics import case_metrics
from triggers.http.answers import api_door, json_answer
from triggers.http.visits import page_door, visit_of

CSV = "text/csv"
FIRST_YEAR, LAST_YEAR = 2000, 2999
YEARS_SHOWN = 5

reports = df.Blueprint()


@reports.route(route="api/reports/prior-authorization", methods=["GET"])
@api_door
async def report(req: func.HttpRequest) -> func.HttpResponse:
    """The public report of ?year=, for one ?lineOfBusiness= or all; as CSV where asked.

    Source: CMS-0057-F: to be published each year by 31 March.
    """
    made = await _report(_report_of(req))
    if CSV not in req.headers.get("accept", ""):
        return json_answer(report_json(made))
    text = StringIO()
    csv.writer(text).writerows(made.csv_rows())
    name = f'attachment; filename="prior-authorization-{made.year}.csv"'
    return func.HttpResponse(
        text.getvalue(), mimetype=CSV, charset="utf-8", headers={"Content-Disposition": name}
    )


@reports.route(route="console/report", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@page_door
async def show_report(req: func.HttpRequest) -> func.HttpResponse:
    """The public report as a page; of this year where none is named."""
    visit = await visit_of(req)
    this_year = ports().clock.now().year
    of = _report_of(req, default=str(this_year))
    made = await _report(of)
    years = sorted({of.year, *range(this_year - YEARS_SHOWN + 1, this_year + 1)}, reverse=True)
    page = report_page(visit.viewer, made, line_of_business=of.line_of_business, years=years)
    return visit.page(page)


@reports.route(route="api/cases/{case_id}/metrics", methods=["GET"])
@api_door
async def metrics(req: func.HttpRequest) -> func.HttpResponse:
    """One case as a PASMetricData record. Source: Da Vinci PAS 2.2.1, PASMetricData."""
    return json_answer(await case_metrics(ports().cases, req.route_params["case_id"]))


async def _report(of: ReportOf) -> PublicReport:
    return await authorization_report(ports().cases, ports().rules, of, at=ports().clock.now())


def _report_of(req: func.HttpRequest, default: str = "") -> ReportOf:
    year = req.params.get("year", default)
    is_year = year.isascii() and year.isdecimal() and len(year) == len(str(LAST_YEAR))
    if not is_year or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ContractError("say which year, such as ?year=2026", where="?year")
    line = req.params.get("lineOfBusiness", "")
    if line and line not in frozenset(LineOfBusiness):
        raise ContractError("there is no such line of business", where="?lineOfBusiness")
    return ReportOf(int(year), line)
