"""The resources of a bundle, found by the references between them."""

import re
from collections.abc import Collection
from typing import Any

from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.json_body import ENTRIES_MAX
from shared.contracts.pas.profiles import check_rows, us_core_rows
from shared.domain.prior_authorization.request import Identifier

_REST_URL = re.compile(
    r"https?://[^\s?#]+/(?P<type>[A-Z][A-Za-z]{2,40})/(?P<id>[A-Za-z0-9.-]{1,64})"
)
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Entries:
    """The entries of one bundle.

    Attributes:
        first: the resource of the first entry; None where there is none.
    """

    def __init__(self, bundle: dict[str, Any], findings: Findings) -> None:
        self._findings = findings
        self._by_url: dict[str, Element] = {}
        self._by_local: dict[str, Element | None] = {}
        self.first: Element | None = None
        root = Element(bundle, "Bundle", findings)
        entries = list(root.children("entry"))
        if len(entries) > ENTRIES_MAX:
            root.error("too-costly", f"A bundle must not hold more than {ENTRIES_MAX} entries.")
            entries = []
        for index, entry in enumerate(entries):
            resource = self._read(entry)
            if index == 0:
                self.first = resource

    def resolve(
        self, parent: Element, name: str, types: Collection[str], *, holder: Element
    ) -> Element | None:
        """The resource that the Reference under the name points at.

        A reference that nothing in the bundle answers is noted as an error, and so is a resource
        of another type. A Reference with an identifier only resolves to None.

        Args:
            parent: the element that holds the Reference.
            types: the resource types allowed; empty for any.
            holder: the resource around it, whose contained resources "#id" means.

        Source:
            FHIR R4, Bundle: resolving references in bundles; PAS: every instance that is
            referenced is in the bundle.
        """
        reference = parent.child(name)
        if reference is None:
            return None
        return self.follow(reference, name, types, holder=holder)

    def follow(
        self, reference: Element, name: str, types: Collection[str], *, holder: Element
    ) -> Element | None:
        """The resource that a Reference points at, as resolve; its name is for the issue."""
        target = reference.text("reference")
        if not target:
            if reference.child("identifier") is None:
                reference.error("required", f"{name} has neither reference nor identifier.")
            return None
        found = self.find(target, holder)
        if found is None:
            reference.error("not-found", f"{name} points at nothing in the bundle.", "reference")
        elif types and found.text("resourceType") not in types:
            expected = " or ".join(sorted(types))
            reference.error("value", f"{name} must point at {expected}.", "reference")
            return None
        return found

    def find(self, target: str, holder: Element) -> Element | None:
        """The resource at a reference made inside the holder, or None."""
        if target.startswith("#"):
            return next(
                (
                    each
                    for each in holder.children("contained")
                    if each.json.get("id") == target[1:]
                ),
                None,
            )
        target = target.partition("/_history/")[0]
        if target in self._by_url:
            return self._by_url[target]
        if ":" in target:
            return None
        base = _rest_base(self.url_of(holder))
        return self._by_url.get(base + target) or self._by_local.get(target)

    def url_of(self, resource: Element) -> str:
        """The fullUrl of an entry's resource; "" for a contained one."""
        return next((url for url, each in self._by_url.items() if each.json is resource.json), "")

    def _read(self, entry: Element) -> Element | None:
        """Index one entry by its fullUrl and by its type and id."""
        resource = entry.required("resource")
        for forbidden in ("search", "request", "response"):
            if forbidden in entry.json:
                entry.error("structure", f"{forbidden} has no place in a PAS bundle.", forbidden)
        url = entry.text("fullUrl")
        if not url:
            entry.error("required", "fullUrl is missing.", "fullUrl")
        elif url in self._by_url:
            entry.error("duplicate", "Another entry has the same fullUrl.", "fullUrl")
        elif resource is not None:
            self._check_url(entry, url, resource)
            self._by_url[url] = resource
        if resource is None:
            return None
        kind, local_id = resource.text("resourceType"), resource.text("id")
        if not kind:
            resource.error("required", "resourceType is missing.", "resourceType")
        check_rows(resource, us_core_rows(kind))
        if kind and local_id:
            local = f"{kind}/{local_id}"
            # Two servers may use the same id; then only the full URL tells which is meant.
            self._by_local[local] = None if local in self._by_local else resource
        return resource

    def _check_url(self, entry: Element, url: str, resource: Element) -> None:
        """Note a fullUrl that is neither of the forms PAS allows, or that denies its resource."""
        rest = _REST_URL.fullmatch(url)
        if rest is None:
            if not _UUID.fullmatch(url):
                entry.error("value", "fullUrl must be a REST URL or urn:uuid.", "fullUrl")
        elif rest["type"] != resource.text("resourceType"):
            entry.error("value", "fullUrl names another resource type.", "fullUrl")
        elif resource.text("id") and rest["id"] != resource.text("id"):
            entry.error("value", "fullUrl names another id than its resource has.", "fullUrl")


def logical_identifier(parent: Element, name: str) -> Identifier | None:
    """The identifier inside the Reference under the name: a reference to no particular record."""
    reference = parent.child(name)
    inner = reference.child("identifier") if reference else None
    return inner.identifier() if inner else None


def _rest_base(url: str) -> str:
    rest = _REST_URL.fullmatch(url)
    return url[: rest.start("type")] if rest else ""
