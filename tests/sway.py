"""A real Wayland desktop without a screen: sway, whose monitors can be plugged, turned and scaled."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import desktop
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

# sway runs as anybody but root.
_AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") if os.geteuid() == 0 else ()
_HEADLESS = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}


@dataclass(frozen=True)
class Sway:
    """One such desktop: what a program needs to be on it, its process, and its control."""

    env: dict[str, str]
    process: subprocess.Popen[bytes]

    def tell(self, *command: str) -> Any:
        """Have it do something, such as `output HEADLESS-1 scale 2`; return what it answers."""
        call = ["swaymsg", "-s", self.env["SWAYSOCK"], "-r", *command]
        done = subprocess.run(call, env=desktop.environment(), check=True, capture_output=True, timeout=20)
        return json.loads(done.stdout)

    def outputs(self) -> list[str]:
        return [one["name"] for one in self.tell("-t", "get_outputs") if one["active"]]

    def x_display(self) -> str:
        """Return the X display of a desktop with `xwayland force`; all users of the computer may use it."""
        told = Path(self.env["XDG_RUNTIME_DIR"], "display")
        self.tell(f"exec 'xhost +local: && echo $DISPLAY > {told}'")
        return until(lambda: told.exists() and told.read_text(encoding="ascii").strip(), "Xwayland")

    def vanish(self) -> None:
        """End at once, as a compositor does that crashes."""
        self.process.kill()
        self.process.wait()


@contextmanager
def sway(*config: str, monitors: int = 1) -> Iterator[Sway]:
    """Run one with these lines of its configuration; its monitors are HEADLESS-1, HEADLESS-2 and so on."""
    with TemporaryDirectory(prefix="hp-") as folder:
        runtime = Path(folder)
        lines = ["default_border none", "xwayland disable", *config]
        (runtime / "config").write_text("\n".join(lines) + "\n", encoding="ascii")
        if _AS_NOBODY:
            _give(runtime)
        env = {"XDG_RUNTIME_DIR": folder, "HOME": folder, "SWAYSOCK": f"{folder}/sway.sock"}
        settings = env | _HEADLESS | {"WLR_HEADLESS_OUTPUTS": str(monitors)}
        command = [*_AS_NOBODY, "sway", "-c", f"{folder}/config"]
        with desktop.running(command, env=desktop.environment(**settings)) as process:
            made = Sway(env | {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-1"}, process)
            until(lambda: _ready(made, monitors), "sway")
            yield made


def _give(folder: Path) -> None:
    """Let the folder and what is in it be sway's."""
    for path in (folder, *folder.iterdir()):
        subprocess.run(["chown", "nobody:nogroup", path], check=True)


def _ready(made: Sway, monitors: int) -> bool:
    runtime = Path(made.env["XDG_RUNTIME_DIR"])
    here = (runtime / "sway.sock").exists() and (runtime / "wayland-1").exists()
    return here and len(made.outputs()) == monitors
