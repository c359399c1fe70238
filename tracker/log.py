"""Sets up logging once: a rotating file, and no secrets in it."""

from __future__ import annotations

import logging
import re
import sys
import threading
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

# A bearer token, a one-time link, or any run of base64url as long as 32 random bytes (43 characters).
_SECRET = re.compile(r"(?i)(bearer\s+|/enter/)\S+|\b[A-Za-z0-9_-]{43,}\b")


class Redacted(logging.Formatter):
    """Writes a record without anything that looks like a secret, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one redacted text."""
        return _SECRET.sub(lambda found: f"{found[1] or ''}[redacted]", super().format(record))


def set_up(folder: Path, name: str, *, debug: bool = False) -> None:
    """Log to `name`.log in the folder: five files of at most 1 MB each."""
    handler = RotatingFileHandler(folder / f"{name}.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    sys.excepthook = _log_end
    threading.excepthook = lambda fault: _log_end(fault.exc_type, fault.exc_value, fault.exc_traceback)
    for chatty in ("PIL", "alembic", "keyring", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # what it warns of is told by whoever asked, without what a stranger answered
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def _log_end(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    """Log what nobody foresaw and ended a thread, and say it where there is a terminal."""
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("tracker").critical("an unforeseen fault", exc_info=(kind, fault or kind(), trace))
    sys.__excepthook__(kind, fault or kind(), trace)
