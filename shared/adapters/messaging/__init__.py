"""Channels and letters: how people are told."""
