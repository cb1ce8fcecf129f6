"""shared.engine.dmn."""
