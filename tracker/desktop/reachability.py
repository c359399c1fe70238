"""What any system tells of its network by way of Qt: that it is there again, or another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtNetwork import QNetworkInformation

if TYPE_CHECKING:
    from collections.abc import Callable


class Reachability(QObject):
    """Calls `returned` in this thread as the system finds more of the network, or another way to it.

    It weighs 6 MB: where NetworkManager can be asked itself, that is done.
    """

    def __init__(self, returned: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._returned = returned
        self._closed = False
        known = QNetworkInformation.instance() if QNetworkInformation.loadDefaultBackend() else None
        self._reach = known.reachability().value if known else 0
        if known:
            known.reachabilityChanged.connect(self._reaches)
            known.transportMediumChanged.connect(self._tell)

    def close(self) -> None:
        """Tell nothing more."""
        self._closed = True

    def _reaches(self, reach: QNetworkInformation.Reachability) -> None:
        before, self._reach = self._reach, reach.value
        if reach.value > before:
            self._tell()

    @Slot()
    def _tell(self) -> None:
        if not self._closed:
            self._returned()
