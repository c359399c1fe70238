"""Pictures are decoded beside the GUI's thread, and neither ever waits for the other for good."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from tracker.ui.thumbnails import small

# icons are drawn in the main thread while another decodes, over and over, as a first shot meets a window
BESIDE = """
import sys, threading
from PySide6.QtWidgets import QApplication
from tracker.ui import icons, thumbnails
application = QApplication(["thumbnails", "-platform", "offscreen"])
picture = sys.stdin.buffer.read()
ready = threading.Barrier(2)
def decode():
    ready.wait()
    for _ in range(300):
        assert not thumbnails.small(picture, 20).isNull()
other = threading.Thread(target=decode, daemon=True)
other.start()
ready.wait()
for number in range(300):
    icons._render("line-play", f"#{number:06x}", 16)
other.join()
"""


def webp(width: int, height: int) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), "darkgreen").save(made, "WEBP")
    return made.getvalue()


def test_a_picture_is_decoded_while_icons_are_drawn() -> None:
    beside = [sys.executable, "-c", BESIDE]
    done = subprocess.run(beside, input=webp(64, 36), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(("width", "height"), [(640, 360), (20, 400)])
def test_a_picture_gets_the_width_that_is_asked_for_and_keeps_its_form(width: int, height: int) -> None:
    made = small(webp(width, height), 100)
    assert (made.width(), made.height()) == (100, 100 * height // width)


def test_what_is_no_picture_is_none() -> None:
    assert small(b"no picture", 100).isNull()
