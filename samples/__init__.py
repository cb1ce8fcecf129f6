"""Synthetic input of our own making, for the demo, the tests, the load and the simulation."""
