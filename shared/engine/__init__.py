"""shared.engine."""
