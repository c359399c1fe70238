"""Hourproof: every worked minute is counted once, can be shown, and cannot be lost or altered unnoticed."""

__version__ = "0.1.0"
