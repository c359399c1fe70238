"""The freelancer's will, as a TOML file a person can edit; and the test mode, from the environment."""

from __future__ import annotations

import os
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from tracker.errors import BadValue

TEST_VARIABLE = "HOURPROOF_TEST"
_MAX_NOTICE = 60
_RANGES = (("speed", 1, 600), ("notice", 0, _MAX_NOTICE), ("spread", 0, 120))


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the freelancer has chosen; unset means the default."""

    notice: int = 15  # seconds a new shot is held here before it may be delivered, 0 to 60
    appearance: Literal["system", "light", "dark"] = "system"

    def __post_init__(self) -> None:
        """Refuse values that no interface offers."""
        if not 0 <= self.notice <= _MAX_NOTICE:
            raise ValueError("notice is 0 to 60 seconds")


def load(path: Path) -> Settings:
    """Return the settings in the file, the defaults without one; a broken file is an error, not reset."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (msgspec.DecodeError, ValueError) as error:
        raise BadValue(
            f"{path} cannot be read: {error}.", advice="Correct the line it names, or delete the file."
        ) from error


def save(path: Path, settings: Settings) -> None:
    """Write the settings whole or not at all."""
    text = "".join(f"{name} = {_toml(value)}\n" for name, value in msgspec.structs.asdict(settings).items())
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)


def change(settings: Settings, name: str, text: str) -> Settings:
    """Return the settings with one of them set from what a person typed."""
    if name not in Settings.__struct_fields__:
        known = ", ".join(Settings.__struct_fields__)
        raise BadValue(f"There is no setting '{name}'.", advice=f"The settings are: {known}.")
    try:
        return msgspec.convert({**msgspec.structs.asdict(settings), name: text}, Settings, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadValue(f"'{text}' is no value for {name}: {error}.") from error


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


class TestMode(msgspec.Struct, frozen=True):
    """What HOURPROOF_TEST shortens: nothing else can be shortened."""

    __test__ = False  # its name starts like a test's

    speed: int = 1
    seed: int | None = None
    notice: int | None = None  # seconds
    spread: int | None = None  # seconds
    now: int | None = None  # milliseconds since the epoch


def read_test_mode(text: str | None = None) -> TestMode | None:
    """Return the test mode the environment (or the text) asks for, none where it asks for nothing."""
    text = os.environ.get(TEST_VARIABLE, "") if text is None else text
    given = dict(re.findall(r"(\w+)=(\S+)", text))
    if not text.strip():
        return None
    try:
        known = not set(given) - set(TestMode.__struct_fields__) and len(given) == len(text.split())
        begin = given.pop("now", None)
        mode = TestMode(
            **{name: int(value) for name, value in given.items()},
            now=None if begin is None else round(datetime.fromisoformat(begin).timestamp() * 1000),
        )
    except (ValueError, TypeError):
        known = False
    if not known or not all(
        getattr(mode, name) in {None, *range(low, top + 1)} for name, low, top in _RANGES
    ):
        raise BadValue(
            f"{TEST_VARIABLE}='{text}' is not understood.",
            advice="It reads like 'speed=60 seed=1 notice=0 spread=0 now=2026-11-19T09:00:00Z'; "
            "speed is 1 to 600, notice 0 to 60, spread 0 to 120.",
        )
    return mode
