"""localhost."""
