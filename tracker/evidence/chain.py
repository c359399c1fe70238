"""The chain: each sealed segment of a device and contract names its number and its predecessor's hash."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain: its number and the SHA-256 of its signed bytes."""

    seq: int
    sha256: str


def following(head: Head | None) -> tuple[int, str | None]:
    """Return the number and the predecessor's hash of the next link; the first is number 1 and has none."""
    return (1, None) if head is None else (head.seq + 1, head.sha256)


def missing(numbers: set[int]) -> tuple[int, ...]:
    """Return the numbers below the greatest that are not there: sealed, but not delivered."""
    return tuple(number for number in range(1, max(numbers, default=0)) if number not in numbers)
