"""Formulas as answers: reading, writing, and whether two of them are equal."""
