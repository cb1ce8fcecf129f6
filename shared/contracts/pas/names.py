"""The URLs and code sets that Da Vinci PAS is spoken in."""

PAS = "http://hl7.org/fhir/us/davinci-pas/"
PROFILE = PAS + "StructureDefinition/"
EXTENSION = PROFILE + "extension-"
INFO_CANCELLED = PROFILE + "modifierextension-infoCancelled"
PAS_CODES = PAS + "CodeSystem/PASTempCodes"
TOPIC = PAS + "SubscriptionTopic/PASSubscriptionTopic"

V2_2_1 = "2.2.1"
V2_0_1 = "2.0.1"

X12 = "https://codesystem.x12.org/005010/"
# Kept outside the 005010 standard: X12278ReviewDecisionReasonCode binds the reason to it.
REVIEW_REASON = "https://codesystem.x12.org/external/886"
LOINC = "http://loinc.org"
CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"
ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
RELATED_CLAIM = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"

# Code sets of X12 005010X217 (the 278 request), by their element number: UM01, UM02, UM06.
REQUEST_TYPES = frozenset({"AR", "HS", "IN", "SC"})  # 1525
LEVELS_OF_SERVICE = frozenset({"03", "E", "U"})  # 1338
CLAIM_TYPES = frozenset({"institutional", "oral", "pharmacy", "professional", "vision"})
PRIORITIES = frozenset({"stat", "normal", "deferred"})


def x12(element: str) -> str:
    """The system of an X12 code set, by its data element number."""
    return X12 + element


def canonical_system(system: str) -> str:
    """A code system's URL as PAS 2 writes it.

    Source: PAS 1.1 wrote the X12 systems with http, PAS 2 with https.
    """
    if system.startswith("http://codesystem.x12.org/"):
        return "https" + system[4:]
    return system
