"""Waiting for what another process or thread does, without sleeping blindly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, *, seconds: float = 20.0) -> T:
    """Return the first truthy value of the condition; fail with `what` if there is none in time."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        found = condition()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")
