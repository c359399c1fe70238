"""Where data, settings, logs and resources lie."""

from __future__ import annotations

import hashlib
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tracker.errors import FolderNotWritable

APP_ID = "io.github.hourproof.Tracker"
HOME_VARIABLE = "HOURPROOF_HOME"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one freelancer's tracker; `suffix` keeps two homes apart in keyring and sockets."""

    config: Path
    data: Path
    logs: Path
    runtime: Path
    suffix: str

    @classmethod
    def standard(cls) -> Home:
        """Return the places the desktop gives to an application."""
        dirs = platformdirs.PlatformDirs("hourproof", appauthor=False)
        return cls(
            config=dirs.user_config_path,
            data=dirs.user_data_path,
            logs=dirs.user_log_path,
            runtime=_runtime(),
            suffix="",
        )

    @classmethod
    def at(cls, folder: Path) -> Home:
        """Return a home that keeps everything under one folder."""
        root = folder.expanduser().absolute()
        suffix = hashlib.sha256(str(root).encode()).hexdigest()[:8]
        return cls(config=root, data=root, logs=root / "logs", runtime=_runtime(), suffix=f"-{suffix}")

    @property
    def database(self) -> Path:
        """The tracker's own database: draft and outbox."""
        return self.data / "outbox.db"

    @property
    def server(self) -> Path:
        """The data folder of the embedded backend."""
        return self.data / "server"

    @property
    def settings(self) -> Path:
        """The freelancer's settings."""
        return self.config / "settings.toml"

    @property
    def lock(self) -> Path:
        """Held by the one process that works with this home."""
        return self.data / "lock"

    @property
    def control(self) -> str:
        """The address at which the running app takes commands: a socket, on Windows a named pipe."""
        name = f"hourproof{self.suffix}"
        return rf"\\.\pipe\{name}" if sys.platform == "win32" else str(self.runtime / f"{name}.sock")

    @property
    def service(self) -> str:
        """The name under which the keyring holds this home's secrets."""
        return f"{APP_ID}{self.suffix}"

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs in its environment to work with the same home."""
        return {HOME_VARIABLE: str(self.data)} if self.suffix else {}

    def make(self) -> None:
        """Create the folders, for this user only."""
        for folder in (self.data, self.config, self.logs, self.runtime):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise FolderNotWritable(f"{folder} cannot be created: {error.strerror}.") from error
        if not os.access(self.data, os.W_OK):
            raise FolderNotWritable(f"{self.data} cannot be written.")


def resources() -> Path:
    """Return the folder of icons and pages: inside the installed package, else beside it in the sources."""
    installed = _HERE / "resources"
    return installed if installed.is_dir() else _HERE.parent / "resources"


def program() -> list[str]:
    """Return the command that starts this program again, from an interpreter or as a frozen app."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "tracker"]


def _runtime() -> Path:
    """Return a folder for sockets with a path short enough for one (108 bytes on Linux)."""
    with warnings.catch_warnings():  # of a session without XDG_RUNTIME_DIR: a temporary folder does, too
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path("hourproof", appauthor=False)
