"""Measures the product on the machine at hand: `python -m bench`."""
