"""Types of command-line arguments that commands share."""

from __future__ import annotations

from argparse import ArgumentTypeError


def seed(text: str) -> str:
    """128 bits as 32 hexadecimal digits."""
    if len(text) != 32 or not set(text.lower()) <= set("0123456789abcdef"):
        raise ArgumentTypeError("a seed is 32 hexadecimal digits")
    return text.lower()


def count(text: str) -> int:
    """A whole number that is not negative."""
    if not text.isdecimal():
        raise ArgumentTypeError("a count is a whole number, 0 or more")
    return int(text)
