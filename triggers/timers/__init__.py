"""triggers.timers."""
