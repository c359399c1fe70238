"""Pictures decoded off the GUI's thread, at about the size at which they are shown."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.ui.bridge import Bridge


def decode(bridge: Bridge, picture: bytes, width: int, show: Callable[[QImage], None]) -> None:
    """Decode a WebP at this width in another thread, and show it."""
    once = ThreadPoolExecutor(max_workers=1, thread_name_prefix="thumbnail")
    bridge.after(once.submit(small, picture, width), show)
    once.shutdown(wait=False)


def small(picture: bytes, width: int) -> QImage:
    """Return a WebP at this width; an empty image for what is none.

    Pillow reads it, not Qt: under the lock with which Qt looks for what reads a format it asks Python for the
    bytes, and where two threads do so at once, an icon's and this one, each may wait for the other for ever.
    """
    from PIL import Image  # noqa: PLC0415  # it is there since the shot was taken

    try:
        with Image.open(BytesIO(picture), formats=["WEBP"]) as whole:
            size = (width, max(1, width * whole.height // whole.width))
            made = whole.resize(size, Image.Resampling.BOX, reducing_gap=1.0).convert("RGB")
    except OSError:
        return QImage()
    pixels = QImage(made.tobytes(), *size, 3 * width, QImage.Format.Format_RGB888)
    return pixels.copy()  # which keeps the bytes by itself
