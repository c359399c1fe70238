"""The freelancer's will, as a TOML file a person can edit; and the test mode, from the environment."""

from __future__ import annotations

import json
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
_DAY = 24 * 60  # minutes
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_RANGES = (("speed", 1, 600), ("notice", 0, _MAX_NOTICE), ("spread", 0, 120))


Treat = Literal["exclude", "blur", "show"]  # withhold the whole shot, take away those pixels, or do nothing


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What shots must not show: windows by patterns of app, title or both, or a monitor by number or name."""

    treat: Literal["exclude", "blur"]
    app: str = ""
    title: str = ""
    monitor: int | str | None = None

    def __post_init__(self) -> None:
        """Refuse a rule about nothing, or about what cannot be."""
        about_windows = bool(self.app.strip() or self.title.strip())
        if about_windows == (self.monitor is not None) or str(self.monitor).strip() in {"", "0"}:
            raise ValueError("a rule names an app, a title or both, or else a monitor")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the freelancer has chosen; unset means the default."""

    notice: int = 15  # seconds a new shot is held here before it may be delivered, 0 to 60
    appearance: Literal["system", "light", "dark"] = "system"
    memo_reminder: int = 120  # minutes tracked with one memo before a word about it, 0 for none
    working_hours: str = ""  # like 09:00-17:00, Monday to Friday: when to say that nothing is tracked
    ca: str = ""  # a file of certificates (PEM) whose authorities are trusted beside the system's
    input: Literal["desktop", "evdev"] = "desktop"  # what counts it; evdev says what that means
    monitors: Literal["all", "active"] = "all"  # of a shot; the active one has the window you work in
    password_managers: Treat = "blur"  # noqa: S105  # what becomes of their windows in shots; no password
    private_windows: Treat = "blur"  # of browsers, as far as their titles tell
    shots_without_rules: bool = False  # even where the desktop does not tell what windows there are
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that no interface offers."""
        if not 0 <= self.notice <= _MAX_NOTICE:
            raise ValueError("notice is 0 to 60 seconds")
        if not 0 <= self.memo_reminder <= _DAY:
            raise ValueError("it is 0 (never) to 1440 minutes")
        parse_hours(self.working_hours)


def parse_hours(text: str) -> tuple[int, int] | None:
    """Return the minutes of the day at which working hours begin and end, None for none.

    An end before the begin is on the next day. Raises ValueError for anything else than a range of a day.
    """
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError("working hours read like 09:00-17:00, or are empty")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    begin, end = 60 * hour + minute, 60 * to_hour + to_minute
    if begin == end:
        raise ValueError("working hours end when they begin")
    return begin, end


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
    values = msgspec.to_builtins(settings)
    rules = values.pop("rules")
    text = _lines(values) + "".join(f"\n[[rules]]\n{_lines(rule)}" for rule in rules)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)


def change(settings: Settings, name: str, text: str) -> Settings:
    """Return the settings with one of them set from what a person typed."""
    if name == "rules":
        raise BadValue("Rules are not one value.", advice="See 'hourproof rules --help'.")
    if name not in Settings.__struct_fields__:
        known = ", ".join(one for one in Settings.__struct_fields__ if one != "rules")
        raise BadValue(f"There is no setting '{name}'.", advice=f"The settings are: {known}.")
    if name == "ca" and text:
        text = _certificates(text)
    try:
        return msgspec.convert({**msgspec.to_builtins(settings), name: text}, Settings, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadValue(f"'{text}' is no value for {name}: {error}.") from error


def _certificates(text: str) -> str:
    """Return the whole path of a file of certificates; raises BadValue for any other."""
    import ssl  # noqa: PLC0415  # only for who names one

    path = Path(text).expanduser()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:  # an SSLError is an OSError, too
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else "it cannot be read"
        advice = "Name a file in PEM form: it begins with -----BEGIN CERTIFICATE-----."
        raise BadValue(f"'{text}' is no value for ca: {why}.", advice=advice) from error
    return str(path.absolute())


def _lines(values: dict[str, object]) -> str:
    return "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())


def _toml(value: object) -> str:
    if not isinstance(value, str):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # as TOML wants it


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
