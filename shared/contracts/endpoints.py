"""Where a subscriber may have his notifications sent.

An address that a stranger gives us is called from inside our network, so it must not lead there.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

LOCAL_NAMES = frozenset({"localhost"})
# Names that lead into a network of its own, whatever a name server says of them.
INNER_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def endpoint_fault(url: str, *, allows_local: bool) -> str:
    """Why notifications may not go to an address; empty where they may.

    Args:
        allows_local: whether plain http and this machine itself are allowed, as on a developer's.

    Source:
        OWASP, server-side request forgery prevention; PAS asks for TLS on every connection.
    """
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return "The endpoint is no valid address."
    if parts.scheme not in {"https", "http"} or not host:
        return "The endpoint must be an https address."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "The endpoint must have no user, password or fragment."
    if host in LOCAL_NAMES or is_loopback(host):
        return "" if allows_local else "The endpoint must be a public address."
    if parts.scheme != "https" and not allows_local:
        return "The endpoint must be an https address."
    return "" if _leads_out(host) else "The endpoint must be a public address."


def _leads_out(host: str) -> bool:
    """Whether a host may be of the public network; what a name means shows when it is called."""
    if is_address(host):
        return is_public(host)
    return "." in host and not host.endswith(INNER_SUFFIXES)


def is_address(host: str) -> bool:
    """Whether a host is a numeric address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine's own numeric address."""
    return is_address(host) and ip_address(host).is_loopback


def is_public(host: str) -> bool:
    """Whether a numeric address is one of the public network, also inside IPv6."""
    address = ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        return is_public(str(mapped))
    return address.is_global and not address.is_multicast
