"""What a shot of a desktop at work costs in processor time, bytes, legibility and memory."""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from desktop import environment, running, window_manager, xvfb
from PIL import Image
from waiting import until

from tracker.capture import choose_windows
from tracker.capture.camera import Camera
from tracker.capture.photographer import Photographer
from tracker.capture.picture import encode, is_blank
from tracker.capture.screen import MssScreen
from tracker.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.capture.base import Frame
    from tracker.capture.photographer import ShotResult

SHOTS = 15
KIB, MB = 1024, 1_000_000
BACK_IN = 5  # seconds
SOURCE = Path(__file__).parents[2] / "tracker" / "recording" / "recorder.py"
PAGE = """<!doctype html><meta charset="utf-8"><title>At work</title><style>
body {{ margin: 0; display: grid; grid-template-columns: 3fr 2fr; font: 15px/1.5 "Noto Sans", sans-serif }}
pre {{ margin: 0; padding: 16px; height: 100vh; font: 14px/1.4 "Noto Sans Mono", monospace;
       background: #1e2430; color: #d8dee9; overflow: hidden }}
td {{ border-bottom: 1px solid #ccc; padding: 4px 12px }}
div {{ height: 300px; background: conic-gradient(from 20deg, #124, #e96, #fd9, #4a8, #124) }}
</style><pre>{code}</pre><main><div></div><table>{rows}</table></main>"""
ROW = "<tr><td>2026-11-{day:02}<td>Fennel and Company<td>Checkout rebuild<td>{hours} hours<td>protected"


def main() -> None:
    """Print the rows; with --weigh, take two shots of a display and print what memory they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weigh", metavar="DISPLAY", help=argparse.SUPPRESS)
    if display := parser.parse_args().weigh:
        weigh(display)
        return
    with desk("1920x1080", zoom=1) as display:
        rows = costs(display)
    with desk("3840x2160", zoom=2) as display:
        rows += memory(display)
    sys.stdout.write(json.dumps(rows))


@contextmanager
def desk(size: str, *, zoom: int) -> Iterator[str]:
    """Show code, a picture and a table on a display of that size; give its name when they are there."""
    with (
        tempfile.TemporaryDirectory(prefix="hp-") as folder,
        xvfb(size) as server,
        window_manager(server.name),
    ):
        page = Path(folder, "page.html")
        table = "".join(ROW.format(day=day, hours=day % 8 + 1) for day in range(1, 20))
        page.write_text(PAGE.format(code=html.escape(SOURCE.read_text()), rows=table), encoding="utf-8")
        env = environment(DISPLAY=server.name, HOME=folder)
        flags = (
            f"--force-device-scale-factor={zoom}",
            f"--user-data-dir={folder}/profile",
            f"--app=file://{page}",
        )
        quiet = ("--no-sandbox", "--test-type", "--no-first-run", "--password-store=basic", "--kiosk")
        with running(["chromium", *quiet, *flags], env=env):
            until(lambda: shown(server.name), "the page")
            yield server.name


def shown(display: str) -> bool:
    """Say whether the screen shows a page, and no longer changes."""
    screen = MssScreen(display)
    first = screen.grab()[0].bgra
    threading.Event().wait(0.5)
    (frame,) = screen.grab()
    return bool(frame.bgra == first and len(drawn(frame).getcolors(frame.width * frame.height) or ()) > 1_000)


def drawn(frame: Frame) -> Image.Image:
    """Return the frame as an image."""
    return Image.frombuffer("RGB", (frame.width, frame.height), frame.bgra, "raw", "BGRX", 0, 1)


def costs(display: str) -> list[dict[str, Any]]:
    """Measure a shot of 1080p, and other ways to keep the same frame."""
    screen = MssScreen(display)
    (frame,) = screen.grab()
    others = {
        "PNG": lambda: saved(frame, "PNG"),
        "JPEG q50": lambda: saved(frame, "JPEG", quality=50),
    }
    picture = encode(frame)
    read = recall(drawn(frame), Image.open(BytesIO(picture.data))) if shutil.which("tesseract") else None
    return [
        {
            "name": "shot at 1080p: grab + encode",
            "value": cpu_ms(lambda: shoot(screen)),
            "unit": "ms CPU",
            "budget": 100,
            "beside": {f"{name}, encode alone": cpu_ms(work) for name, work in others.items()},
        },
        {
            "name": "shot at 1080p: size",
            "value": len(picture.data) / KIB,
            "unit": "KiB",
            "budget": 100,
            "beside": {name: len(work()) / KIB for name, work in others.items()},
        },
        {
            "name": "shot at 1080p: words that OCR still reads",
            "value": read,
            "unit": "%",
            "budget": None if read is None else {"at_least": 93},
            "beside": "tesseract is not installed" if read is None else "the same frame, lossless",
        },
    ]


def shoot(screen: MssScreen) -> None:
    """Do what the photographer does for a shot."""
    for frame in screen.grab():
        if not is_blank(frame):
            encode(frame)


def saved(frame: Frame, kind: str, **options: int) -> bytes:
    """Return the frame in another format."""
    buffer = BytesIO()
    drawn(frame).save(buffer, kind, **options)
    return buffer.getvalue()


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the processor's milliseconds for it, the median of several times."""

    def once() -> float:
        begin = process_time()
        work()
        return 1000 * (process_time() - begin)

    return statistics.median(once() for _ in range(SHOTS))


def recall(original: Image.Image, kept: Image.Image) -> float:
    """Return the percentage of the words read in the original that are read in what was kept."""
    there = words(original)
    return 100 * (there & words(kept)).total() / there.total()


def words(image: Image.Image) -> Counter[str]:
    """Read an image."""
    buffer = BytesIO()
    image.save(buffer, "PNG")
    command = ["tesseract", "-", "-", "--psm", "11"]
    text = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True).stdout.decode()
    return Counter(re.findall(r"\w{3,}", text))


def memory(display: str) -> list[dict[str, Any]]:
    """Measure shots of 4K in a process of their own."""
    command = [sys.executable, __file__, "--weigh", display]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    first, second = json.loads(done.stdout)
    return [
        {
            "name": "memory during a 4K shot, above before",
            "value": second["peak"],
            "unit": "MB",
            "budget": 130,
            "beside": {"the first, which loads mss and Pillow": first["peak"]},
        },
        {
            "name": f"memory {BACK_IN} s after a 4K shot, above before",
            "value": second["kept"],
            "unit": "MB",
            "budget": 5,
            "beside": {"the first, which loads mss and Pillow": first["kept"]},
        },
    ]


def weigh(display: str) -> None:
    """Take two shots, and print by how much each raised what this process holds in memory."""
    windows = partial(choose_windows, {"DISPLAY": display})
    photographer = Photographer(Camera(lambda: MssScreen(display), windows, Settings).take)
    told = []
    for shot in ("first", "second"):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        before = resident("VmRSS")
        answers: list[ShotResult] = []
        photographer.request(shot, answers.append)
        photographer.close(60)
        assert answers.pop().pictures
        peak = resident("VmHWM")
        threading.Event().wait(BACK_IN)
        told.append({"peak": (peak - before) / MB, "kept": (resident("VmRSS") - before) / MB})
    sys.stdout.write(json.dumps(told))


def resident(what: str) -> int:
    """Return bytes of this process in memory: now (VmRSS) or at most (VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return KIB * int(status.partition(f"{what}:")[2].split()[0])


if __name__ == "__main__":
    main()
