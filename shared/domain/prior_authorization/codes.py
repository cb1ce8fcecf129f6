"""The code sets that prior authorization is spoken in."""

from enum import StrEnum


class LineOfBusiness(StrEnum):
    """The kind of plan; it decides which law's clocks run."""

    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICAID_FEE_FOR_SERVICE = "medicaid_fee_for_service"
    MEDICAID_MANAGED_CARE = "medicaid_managed_care"
    MARKETPLACE = "marketplace"
    ERISA = "erisa"
    COMMERCIAL = "commercial"  # Insured outside ERISA: the member's state rules.


class Urgency(StrEnum):
    """How fast the answer is needed; the requestor says so and a rule may raise it."""

    STANDARD = "standard"
    URGENT = "urgent"


class ReviewAction(StrEnum):
    """What the payer decided for an item.

    Source: X12 code set 306, as Da Vinci PAS carries it in reviewActionCode: certified in total,
    certified - partial, not certified, pended, modified, cancelled, contact payer, no action
    required.
    """

    CERTIFIED = "A1"
    CERTIFIED_PARTIAL = "A2"
    NOT_CERTIFIED = "A3"
    PENDED = "A4"
    MODIFIED = "A6"
    CANCELLED = "C"
    CONTACT_PAYER = "CT"
    NOT_REQUIRED = "NA"

    @property
    def is_final(self) -> bool:
        """Whether the item is decided; a pend is a promise, not a decision."""
        return self not in {ReviewAction.PENDED, ReviewAction.CONTACT_PAYER}

    @property
    def is_adverse(self) -> bool:
        """Whether the member gets less than was asked, so that an appeal is open to him.

        Source: 42 CFR 422.566(b) and 438.400(b): denying or limiting a service is adverse.
        """
        return self in {
            ReviewAction.NOT_CERTIFIED,
            ReviewAction.CERTIFIED_PARTIAL,
            ReviewAction.MODIFIED,
        }

    @property
    def is_determination(self) -> bool:
        """Whether the plan approved or denied what was asked, whole or in part.

        An item that needed no authorization, or that the provider took back, was not weighed.

        Source: 42 CFR 422.566(b), an organization determination.
        """
        return self.authorizes or self.is_adverse

    @property
    def authorizes(self) -> bool:
        """Whether care may be given under this action."""
        return self in {
            ReviewAction.CERTIFIED,
            ReviewAction.CERTIFIED_PARTIAL,
            ReviewAction.MODIFIED,
        }


class CertificationType(StrEnum):
    """Why the request is sent.

    Source: X12 code set 1322, as Da Vinci PAS carries it in certificationType.
    """

    APPEAL_IMMEDIATE = "1"
    APPEAL_STANDARD = "2"
    CANCEL = "3"
    EXTENSION = "4"
    INITIAL = "I"
    RECONSIDERATION = "N"
    RENEWAL = "R"
    REVISED = "S"

    @property
    def builds_on_authorization(self) -> bool:
        """Whether care is asked for that is authorized already: for longer, again, or otherwise."""
        return self in {
            CertificationType.EXTENSION,
            CertificationType.RENEWAL,
            CertificationType.REVISED,
        }


class InfoChange(StrEnum):
    """What an update says of an item against the prior claim.

    Source: Da Vinci PAS, extensions infoChanged and infoCancelled.
    """

    ADDED = "added"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """Who may decide: the qualification a denial asks for is the rules' to say."""

    RULES = "rules"
    NURSE = "nurse"
    PHYSICIAN = "physician"
