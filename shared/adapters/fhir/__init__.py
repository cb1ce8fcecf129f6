"""Adapters to FHIR R4 servers."""
