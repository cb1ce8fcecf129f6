"""shared.ports."""
