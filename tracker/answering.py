"""A command as it comes in from another process, and its answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.errors import BadValue, NotDone, TrackerError
from tracker.revising import segment_discard, segment_memo, shot_blur, shot_discard, shot_withhold

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.commands import Commands

log = logging.getLogger(__name__)

_SEE_LOG = "The log says more: hourproof.log in the logs folder."


def answer(commands: Commands, request: bytes) -> bytes:
    """Carry out a request and return `{"result": …}` or `{"error": …}` as JSON."""
    try:
        asked = msgspec.json.decode(request, type=Request)
        return msgspec.json.encode({"result": _ask(commands, asked)})
    except TrackerError as error:
        return msgspec.json.encode({"error": error_facts(error)})
    except Exception:  # whoever asks gets an answer, and the app lives on
        log.exception("a command failed")
        return msgspec.json.encode({"error": error_facts(NotDone("The command failed.", advice=_SEE_LOG))})


def _ask(commands: Commands, asked: Request) -> Any:
    if asked.command in BESIDE:
        return BESIDE[asked.command](commands, **asked.args)
    if asked.command not in NAMES:
        raise BadValue(f"There is no command '{asked.command}'.")
    return getattr(commands, asked.command)(**asked.args)


class Request(msgspec.Struct, frozen=True):
    """A command by its name, and its arguments."""

    command: str
    args: dict[str, Any]


def error_facts(error: TrackerError) -> dict[str, Any]:
    """Return what a person and a script need to know of an error."""
    return {"type": error.type, "title": error.title, "advice": error.advice}


NAMES = frozenset(
    (
        *(
            "status",
            "start",
            "switch",
            "memo",
            "stop",
            "sync",
            "diary",
            "diary_link",
            "show",
            "quit",
            "doctor",
        ),
        *("away", "away_answer", "call", "resume", "week_closes"),
        *("contracts", "contract_add", "outbox_entries", "outbox_retry", "settings_get", "settings_set"),
    )
)


def _export(commands: Commands, **args: Any) -> Any:
    from tracker.exporting import export  # noqa: PLC0415  # the tray needs no bundles

    return export(commands, **args)


def _carry(name: str) -> Callable[..., Any]:
    def carry(commands: Commands, **args: Any) -> Any:
        from tracker import carrying  # noqa: PLC0415  # nor what is carried by hand

        return getattr(carrying, name)(commands, **args)

    return carry


def _enter(commands: Commands, **args: Any) -> Any:
    from tracker.manual import manual  # noqa: PLC0415  # nor time by hand

    return manual(commands, **args)


def _belong(name: str) -> Callable[..., Any]:
    def belong(commands: Commands, **args: Any) -> Any:
        from tracker import account  # noqa: PLC0415  # nor a sign-in every day

        return getattr(account, name)(commands, **args)

    return belong


def _hide(name: str) -> Callable[..., Any]:
    def hide(commands: Commands, **args: Any) -> Any:
        from tracker import hiding  # noqa: PLC0415  # nor what is kept out of shots

        return getattr(hiding, name)(commands, **args)

    return hide


BESIDE: dict[str, Callable[..., Any]] = {
    "export": _export,
    **{name: _carry(name) for name in ("outbox_check", "outbox_export", "outbox_import")},
    "manual": _enter,
    **{name: _belong(name) for name in ("sign_in", "sign_out", "who", "device")},
    **{name: _hide(name) for name in ("shot_pause", "shot_test", "rules_list", "rules_add", "rules_remove")},
    **{one.__name__: one for one in (segment_memo, segment_discard, shot_withhold, shot_blur, shot_discard)},
}  # functions of the commands, each in its module
