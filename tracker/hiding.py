"""What the freelancer keeps out of shots: rules, a pause, and a try that shows what would be kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.capture.camera import advice_on
from tracker.errors import BadValue, NothingTracking
from tracker.settings import Rule, Settings, load, save
from tracker.typed import pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.commands import Commands
    from tracker.status import Status

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_MINE = 0o600


class Try(msgspec.Struct, frozen=True):
    """What would be kept of one monitor; `file` is where the freelancer has it now, if that was asked for."""

    monitor: int  # from 1, as rules name it
    width: int
    height: int
    bytes: int
    blurred: int  # percent
    file: str | None = None


class Tried(msgspec.Struct, frozen=True):
    """What would be kept of a shot taken now, or why nothing would be."""

    state: str
    reason: str
    advice: str
    pictures: tuple[Try, ...]


def shot_pause(commands: Commands, length: str) -> Status:
    """Take no shots for so many minutes; 0 ends that. What is due meanwhile is withheld."""
    ms = pause(length)
    if commands.session is None or commands.session.recorder.track is None:
        raise NothingTracking("Nothing is being tracked, so no shots are taken.")
    commands.session.keeper.pause_shots(ms)
    return commands.status()


def shot_test(commands: Commands, to: str | None = None) -> Tried:
    """Take a shot now, with all rules, and store nothing; where `to` is given, copies lie there."""
    taken = commands.take_shot("test")
    files = _saved([picture.data for picture in taken.pictures], Path(to)) if to else []
    return Tried(
        taken.state.value,
        taken.reason,
        advice_on(taken.reason),
        tuple(
            Try(one.monitor + 1, one.width, one.height, len(one.data), one.blurred, file)
            for one, file in zip(taken.pictures, [*files, *[None] * len(taken.pictures)], strict=False)
        ),
    )


def rules_list(commands: Commands) -> list[dict[str, Any]]:
    """Return the freelancer's rules, numbered from 1."""
    return _listed(load(commands.home.settings))


def rules_add(
    commands: Commands,
    treat: str,
    app: str | None = None,
    title: str | None = None,
    monitor: str | None = None,
) -> list[dict[str, Any]]:
    """Add a rule; return all of them."""
    place = int(monitor) if monitor and monitor.isdecimal() else monitor
    said = {"treat": treat, "app": app, "title": title, "monitor": place}
    try:
        rule = msgspec.convert({name: value for name, value in said.items() if value is not None}, Rule)
    except msgspec.ValidationError as error:
        advice = "Say exclude or blur, and --app, --title or both, or else --monitor."
        raise BadValue(f"That is no rule: {error}.", advice=advice) from error
    return _keep(commands, lambda rules: (*(one for one in rules if one != rule), rule))


def rules_remove(commands: Commands, number: int) -> list[dict[str, Any]]:
    """Remove a rule by its number; return those that are left."""

    def without(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if not 1 <= number <= len(rules):
            raise BadValue(f"There is no rule {number}.", advice="'hourproof rules list' numbers them.")
        return rules[: number - 1] + rules[number:]

    return _keep(commands, without)


def _keep(commands: Commands, change: Callable[[tuple[Rule, ...]], tuple[Rule, ...]]) -> list[dict[str, Any]]:
    """Keep the rules as they are changed; they hold from the next shot on."""
    settings = load(commands.home.settings)
    changed = msgspec.structs.replace(settings, rules=change(settings.rules))
    save(commands.home.settings, changed)
    commands.status()  # whoever shows them looks again
    return _listed(changed)


def _listed(settings: Settings) -> list[dict[str, Any]]:
    """Return the rules, each with its number and all it may name."""
    return [
        {"number": number, "treat": one.treat, "app": one.app, "title": one.title, "monitor": one.monitor}
        for number, one in enumerate(settings.rules, 1)
    ]


def _saved(pictures: list[bytes], to: Path) -> list[str]:
    """Write each picture into a file of its own, for this user only; raises BadValue where there is one."""
    files = [to.with_stem(f"{to.stem}-{n}") if n > 1 else to for n in range(1, len(pictures) + 1)]
    try:
        for picture, file in zip(pictures, files, strict=True):
            with os.fdopen(os.open(file, _CREATE, _MINE), "wb") as copy:
                copy.write(picture)
    except OSError as error:
        raise BadValue(f"{file} cannot be written: {error.strerror}.", advice="Name another file.") from error
    return [str(file) for file in files]
