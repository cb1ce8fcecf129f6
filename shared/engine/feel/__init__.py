"""shared.engine.feel."""
