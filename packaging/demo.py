"""Shows Hourproof at work on a desktop of its own: real input, two contracts, and the diary's day."""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mss
import mss.tools
from desktop import keyring_service, running, session_bus, tray_host, window_manager, xvfb
from hands import Hands
from user import CommandFailedError, User, desktop_user, segments, total
from waiting import until
from Xlib.display import Display

from tracker.cli import output
from tracker.cli.output import count, table
from tracker.clock import MS_PER_S, SystemClock

SPEED = 12
AT_LEAST = 75  # seconds of a contract's work, in test mode's time
LOOKS = ("-T", "Notes", "-fa", "Noto Sans Mono", "-fs", "15", "-geometry", "62x24+40+40")
XTERM = ("xterm", *LOOKS, "-e", "cat >/dev/null")
BACKGROUND = 0x3D4F63
SUBREAPER = 36  # prctl's PR_SET_CHILD_SUBREAPER


@dataclass(frozen=True)
class Job:
    """A contract, and what is typed into the terminal for it."""

    title: str
    client: str
    memo: str
    text: str


@dataclass(frozen=True)
class Counts:
    """How many keys, clicks and notches of the wheel."""

    keys: int = 0
    clicks: int = 0
    scrolls: int = 0

    def plus(self, more: Counts) -> Counts:
        """Return both together."""
        return Counts(self.keys + more.keys, self.clicks + more.clicks, self.scrolls + more.scrolls)


JOBS = (
    Job(
        "Shop redesign",
        "Fennel & Co",
        "Checkout: shipping and address form",
        "the shipping step asks for the address first\nprices are with tax\nas everywhere in the shop\n",
    ),
    Job(
        "Tax API",
        "Nordlicht",
        "Tax report: tests for rounding",
        "round half up once per line and never twice\na test for each of the three rates\n",
    ),
)
KEYS = {" ": "space", "\n": "Return"}


def main() -> int:
    """Show it; return 0 if the diary shows exactly what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stay", action="store_true", help="leave the session running")
    parser.add_argument("--pictures", type=Path, default=Path("build"), help="the folder for pictures")
    arguments = parser.parse_args()
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    os.environ.pop("PYTHONPATH", None)  # it leads to the tests' desktop and hands, which the app never sees
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if arguments.stay:
        return left_running(arguments.pictures)
    try:
        with ExitStack() as ends:
            return play(ends, arguments.pictures)[1]
    except (AssertionError, CommandFailedError) as error:
        say(f"It did not work: {error}")
        return 1
    except KeyboardInterrupt:
        return 1


def left_running(pictures: Path) -> int:
    """Show it from a process in the background, which keeps the session until it is asked to end."""
    read, write = os.pipe()
    if os.fork():
        os.close(write)
        return int(os.read(read, 1) or b"1")  # nothing to read: it ended early
    os.setsid()
    with ExitStack() as ends:
        user, code = play(ends, pictures)
        say(f"It goes on. The diary, once: {user.ask('diary', '--open')['url']}")
        say(f"To end it: kill {os.getpid()}")
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        os.write(write, str(code).encode())
        signal.pause()
    return 0


def play(ends: ExitStack, pictures: Path) -> tuple[User, int]:
    """Bring a desktop up, work on it, and compare what was done with the diary."""
    # What loses its parent becomes ours instead of init's: so it can be found and ended.
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    ends.callback(end_orphans)
    today = str(datetime.fromtimestamp(SystemClock().now().wall / MS_PER_S, UTC).date())
    user = arrive(ends, today)
    done = work(user, pictures / "desktop.png")
    user.ask("sync")
    say("sync: everything is delivered")
    day = user.ask("diary", "--date", today, "--tz", "UTC")
    contracts = user.ask("contracts")
    right = show(day, {one["id"]: one["title"] for one in contracts}, done)
    shoot_diary(user, today, pictures / "diary.png")
    return user, 0 if right else 1


def arrive(ends: ExitStack, today: str) -> User:
    """Return someone at a desktop whose app runs, with two contracts."""
    folder = Path(tempfile.mkdtemp(prefix="hourproof-"))
    ends.callback(shutil.rmtree, folder, ignore_errors=True)
    display = ends.enter_context(xvfb("1440x900")).name
    paint(display)
    ends.enter_context(window_manager(display))
    ends.enter_context(tray_host(display))
    keyring = ends.enter_context(keyring_service(ends.enter_context(session_bus())))
    say(f"Display {display} is up, with a window manager, a tray, a session bus and a keyring.")
    test_mode = f"speed={SPEED} seed=1 notice=0 spread=0 now={today}T09:00:00Z"
    user = desktop_user(folder / "home", display, keyring, HOURPROOF_TEST=test_mode)
    ends.enter_context(user.app())
    say(f"The app runs, in test mode: time passes {SPEED} times as fast, from 09:00 UTC of {today}.")
    for job in JOBS:
        user.add_contract(job.title, job.client)
    return user


def paint(display: str) -> None:
    """Give the desktop a colour of its own instead of black."""
    connection = Display(display)
    root = connection.screen().root
    root.change_attributes(background_pixel=BACKGROUND)
    root.clear_area()
    connection.sync()
    connection.close()


def work(user: User, picture: Path) -> dict[str, Counts]:
    """Work on one contract after the other; return what hands did for each, by its title."""
    done = {}
    with running(XTERM, env=user.env), Hands(user.env["DISPLAY"]) as hands:
        hands.move(300, 300)
        for command, job in zip(("start", "switch"), JOBS, strict=True):
            before = user.ask(command, job.title, "--memo", job.memo)["session_ms"]
            say(f"{command} '{job.title}': typing, clicking, scrolling")
            done[job.title] = use(hands, job.text)
            user.track_for(before // MS_PER_S + AT_LEAST)
        user.run("run")  # a second start raises the first one's window
        shoot(user, picture)
        user.ask("stop")
    say("stop")
    return done


def use(hands: Hands, text: str) -> Counts:
    """Click into the window, type a text and turn the wheel, at a person's pace; return what that was."""
    pace = threading.Event()
    hands.click()
    for character in text:
        hands.press(KEYS.get(character, character))
        pace.wait(0.05)
    hands.click(times=2)
    hands.wheel(notches=3)
    return Counts(keys=len(text), clicks=3, scrolls=3)


def show(day: dict[str, Any], titles: dict[str, str], done: dict[str, Counts]) -> bool:
    """Print the day, and what hands did beside what it shows; return whether both are the same."""
    diary = table("Contract", "Memo", "From", "To", " Level", "Verdict", "Shot", "Receipt")
    beside = table("Contract", " Keys sent", " shown", " Clicks sent", " shown", " Notches sent", " shown")
    shown = dict.fromkeys(done, Counts())
    for cell in day["cells"]:
        title = titles[cell["contract"]]
        for part in segments({"cells": [cell]}):
            counts = Counts(*(total(part, name) for name in ("keys", "clicks", "scrolls")))
            shown[title] = shown[title].plus(counts)
            shots = ", ".join(shot["state"] for shot in part["shots"]) or "-"
            times = (part[end][11:19] for end in ("start", "end"))
            verdict = ", ".join(part["verdict"]["reasons"]) or "protected"
            receipt = "signed" if part["receipt"] else "missing"
            diary.add_row(title, part["memo"], *times, count(cell["level"]), verdict, shots, receipt)
    for title, sent in done.items():
        pairs = zip(astuple(sent), astuple(shown[title]), strict=True)
        beside.add_row(title, *(str(number) for pair in pairs for number in pair))
    if not sys.stdout.isatty():
        os.environ["COLUMNS"] = "110"  # nothing tells how wide it may be there
    output.show(f"\nThe diary of {day['date']}, {day['tz']}", diary, "", beside, "")
    pictured = {
        part["contract"] for part in segments(day) for shot in part["shots"] if shot["state"] == "kept"
    }
    receipts = all(part["receipt"] for part in segments(day))
    right = shown == done and pictured == set(titles) and receipts
    if not right:
        say("The diary does NOT show what was done.")
    return right


def shoot(user: User, picture: Path) -> None:
    """Save a picture of the desktop."""
    with mss.MSS(display=user.env["DISPLAY"]) as screen:
        image = screen.grab(screen.monitors[0])
        mss.tools.to_png(image.rgb, image.size, output=str(picture))
    say(f"A picture of the desktop: {picture}")


def shoot_diary(user: User, today: str, picture: Path) -> None:
    """Save a picture of the diary's page, as a browser shows it."""
    address = user.ask("diary", "--date", today, "--open")["url"]
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    options = "--headless --no-sandbox --hide-scrollbars --window-size=1280,900 --virtual-time-budget=5000"
    command = [
        browser,
        *options.split(),
        f"--user-data-dir={user.home / 'browser'}",
        f"--screenshot={picture}",
    ]
    subprocess.run([*command, address], env=user.env, capture_output=True, check=True, timeout=90)
    say(f"The diary's address was {address} (it opens once)")
    say(f"A picture of its page: {picture}")


def end_orphans() -> None:
    """End what the session has left behind: the embedded backend, and what the bus has started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        for pid in children():
            os.kill(pid, how)
        with suppress(AssertionError):
            until(lambda: not children(), "programs to end", seconds=5)


def children() -> list[int]:
    """Return the processes that are ours; those that have ended are let go."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def say(line: str) -> None:
    """Tell the newcomer what happens."""
    print(f"- {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
