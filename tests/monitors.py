"""Monitors of a real X display, and how dense they are said to be."""

from __future__ import annotations

import subprocess

import desktop


def split(display: str, *, monitors: int, width: int, height: int) -> None:
    """Divide the display into monitors, from left to right."""
    for number in range(monitors):
        place = f"{width}/500x{height}/300+{number * width}+0"
        set_monitor(display, f"M{number}", place, "none" if number else "screen")


def set_monitor(display: str, name: str, place: str, output: str = "none") -> None:
    xrandr(display, "--setmonitor", name, place, output)


def xrandr(display: str, *command: str) -> None:
    env = desktop.environment(DISPLAY=display)
    subprocess.run(["xrandr", *command], env=env, check=True, capture_output=True)


def resources(display: str, told: str) -> None:
    """Have the desktop tell this to X programs."""
    env = desktop.environment(DISPLAY=display)
    subprocess.run(["xrdb", "-nocpp", "-load", "-"], input=told, text=True, env=env, check=True)
