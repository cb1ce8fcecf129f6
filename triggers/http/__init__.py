"""triggers.http."""
