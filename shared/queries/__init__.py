"""shared.queries."""
