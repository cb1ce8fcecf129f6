"""triggers.events."""
