"""The rule book over DMN files."""
