"""The registers of members and providers on a FHIR R4 server.

A member is a Patient with his Coverage; a provider is a Practitioner or an Organization by his NPI.
Whom the server lists as a provider is in the payer's network.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date

from shared.adapters.fhir.server import FhirServer, Resource
from shared.domain.prior_authorization.codes import LineOfBusiness
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import NPI, Identifier
from shared.errors import PermanentError
from shared.ports.clock import Clock

TIMEZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
LINES_OF_BUSINESS = "https://careloom.example/CodeSystem/line-of-business"
PAYMENT_TYPOLOGY = "https://nahdo.org/sopt"
SELF_INSURED = "522"
# The first prefix that fits decides. Source: Source of Payment Typology, Public Health Data
# Standards Consortium; a marketplace plan has no code there, so that it needs our own.
BY_TYPOLOGY = (
    ("11", LineOfBusiness.MEDICARE_ADVANTAGE),
    ("21", LineOfBusiness.MEDICAID_MANAGED_CARE),
    ("522", LineOfBusiness.ERISA),
    ("2", LineOfBusiness.MEDICAID_FEE_FOR_SERVICE),
    ("5", LineOfBusiness.COMMERCIAL),
)


class FhirMemberDirectory:
    """A MemberDirectory over Patient and Coverage."""

    def __init__(self, server: FhirServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def find_member(self, member: Identifier) -> Membership | None:
        """The enrolment of a member: of several, the one in force, else the latest.

        Raises:
            PermanentError: the coverage does not say what line of business it is.
        """
        patient = await self._patient(member)
        if patient is None:
            return None
        wanted = {"beneficiary": f"Patient/{patient['id']}", "status": "active"}
        coverages = await self._server.search("Coverage", wanted)
        if not coverages:
            return None
        now = self._clock.now()
        enrolments = [_membership(member.value, patient, each) for each in coverages]
        return max(enrolments, key=lambda each: (each.covers(each.day_of(now)), each.starts_on))

    async def _patient(self, member: Identifier) -> Resource | None:
        """The one patient of that number; the system is asked for only where it tells apart."""
        exact = {"identifier": str(member)} if member.system else {"identifier": member.value}
        found = await self._server.search("Patient", exact)
        if not found and member.system:
            found = await self._server.search("Patient", {"identifier": member.value})
        return found[0] if len(found) == 1 else None


class FhirProviderDirectory:
    """A ProviderDirectory over Practitioner and Organization."""

    def __init__(self, server: FhirServer) -> None:
        self._server = server

    async def find_provider(self, npi: str) -> Provider | None:
        """The provider's entry."""
        wanted = {"identifier": f"{NPI}|{npi}"}
        for kind in ("Practitioner", "Organization"):
            for entry in await self._server.search(kind, wanted):
                is_active = entry.get("active", True) is not False
                return Provider(npi=npi, is_active=is_active, state=_state(entry))
        return None


def _membership(value: str, patient: Resource, coverage: Resource) -> Membership:
    codes = list(_codings(coverage.get("type")))
    period = coverage.get("period") or {}
    zone = _time_zone(patient)
    return Membership(
        member_id=value,
        plan_id=_plan(coverage),
        line_of_business=_line_of_business(codes, coverage),
        state=_state(patient),
        starts_on=_first_day(period.get("start")) or date.min,
        ends_on=_last_day(period.get("end")),
        is_self_funded=(PAYMENT_TYPOLOGY, SELF_INSURED) in codes,
        **({"time_zone": zone} if zone else {}),
    )


def _line_of_business(codes: Iterable[tuple[str, str]], coverage: Resource) -> LineOfBusiness:
    for system, code in codes:
        if system == LINES_OF_BUSINESS and code in set(LineOfBusiness):
            return LineOfBusiness(code)
        if system == PAYMENT_TYPOLOGY:
            for prefix, line in BY_TYPOLOGY:
                if code.startswith(prefix):
                    return line
    raise PermanentError(f"Coverage/{coverage.get('id')} names no line of business")


def _plan(coverage: Resource) -> str:
    for each in coverage.get("class") or []:
        if any(code == "plan" for _, code in _codings(each.get("type"))):
            return str(each.get("value", ""))
    return ""


def _codings(concept: Resource | None) -> Iterator[tuple[str, str]]:
    for coding in (concept or {}).get("coding") or []:
        yield str(coding.get("system", "")), str(coding.get("code", ""))


def _state(resource: Resource) -> str:
    addresses = resource.get("address") or []
    return next((str(each["state"]) for each in addresses if each.get("state")), "")


def _time_zone(resource: Resource) -> str:
    for extension in resource.get("extension") or []:
        if extension.get("url") == TIMEZONE:
            return str(extension.get("valueCode", ""))
    return ""


def _first_day(text: str | None) -> date | None:
    """The first day of a FHIR date, which may also be a year or a month."""
    if not text:
        return None
    parts = [int(part) for part in text[:10].split("-")]
    return date(*parts, *(1 for _ in range(3 - len(parts))))


def _last_day(text: str | None) -> date | None:
    """The last day of a FHIR date, which may also be a year or a month."""
    first = _first_day(text)
    if text is None or first is None or len(text) > len("2026-12"):
        return first
    year, month = first.year, first.month if len(text) > len("2026") else 12
    return date(year, month, monthrange(year, month)[1])
