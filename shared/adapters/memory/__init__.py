"""Adapters in memory: for tests and for the simulation of a year."""
