"""Faults of a model, found without running it."""
