"""Da Vinci CRD: telling the orderer, while he orders, what his patient's plan will ask for.

CDS Hooks on the wire: the hooks' requests are read into orders, and what the rules say of each
order goes back as its coverage information. Nothing here does I/O.
"""

from shared.contracts.crd.coverage_information import (
    CoverageInformation,
    Covered,
    PriorAuthorizationNeed,
    coverage_information_response,
)
from shared.contracts.crd.discovery import HOOKS, discovery
from shared.contracts.crd.hook_request import HookRequest, Order, read_hook

__all__ = [
    "HOOKS",
    "CoverageInformation",
    "Covered",
    "HookRequest",
    "Order",
    "PriorAuthorizationNeed",
    "coverage_information_response",
    "discovery",
    "read_hook",
]
