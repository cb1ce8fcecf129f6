"""Adapters over Azure Event Hubs."""
