"""Adding a contract: the first one, and any later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tracker.ui.buttons import button
from tracker.ui.labels import Wrapped, label

_CURRENCIES = ("USD", "EUR", "GBP", "AUD", "CAD", "CHF", "INR", "JPY", "PLN", "SEK")


class ContractForm(QWidget):
    """Title, client, rate, currency and weekly limit, as typed; what is wrong with them the tracker says."""

    given = Signal(str, str, str, str, str)  # title, client, rate, currency, weekly limit in hours
    cancelled = Signal()

    def __init__(self, *, first: bool = False) -> None:
        super().__init__()
        intro = Wrapped("No contracts yet. Add one or ask your client for an invitation.")
        self._title = _field("What the work is called", "Title")
        self._client = _field("Who hires and pays", "Client")
        self._rate = _field("65.00", "Rate an hour")
        self._currency = QComboBox()
        self._currency.addItems(_CURRENCIES)
        self._currency.setEditable(True)
        self._currency.setAccessibleName("Currency")
        self._limit = _field("No limit", "Weekly limit in hours")
        self._add = button("Add contract", "primary")
        cancel = button("Cancel", "quiet")
        self._add.clicked.connect(self._give)
        cancel.clicked.connect(self.cancelled)
        for field in (self._title, self._client, self._rate, self._limit):
            field.textChanged.connect(self._allow)
            field.returnPressed.connect(self._add.click)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        if first:
            column.addWidget(intro)
        column.addLayout(self._form())
        column.addStretch()
        column.addWidget(self._add)
        if not first:  # only where there are others can this be left
            column.addWidget(cancel, alignment=Qt.AlignmentFlag.AlignHCenter)
        self._allow()

    def begin(self) -> None:
        """Ask for a contract."""
        self._title.setFocus()

    def clear(self) -> None:
        """Forget what was typed, once it is a contract."""
        for field in (self._title, self._client, self._rate, self._limit):
            field.clear()

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        rate = QHBoxLayout()
        rate.setSpacing(8)
        rate.addWidget(self._rate, 2)
        rate.addWidget(self._currency, 1)
        rows = (("Title", self._title), ("Client", self._client), ("Rate an hour", rate))
        for name, field in (*rows, ("Weekly limit, hours", self._limit)):
            caption = label(name, "heading")
            caption.setContentsMargins(0, 6, 0, 0)
            if isinstance(field, QWidget):
                caption.setBuddy(field)
            form.addRow(caption, field)
        return form

    def _allow(self) -> None:
        self._add.setEnabled(bool(self._title.text().strip() and self._client.text().strip()))

    def _give(self) -> None:
        rate, currency = self._rate.text().strip() or "0", self._currency.currentText().strip().upper()
        typed = (self._title.text().strip(), self._client.text().strip(), rate, currency)
        self.given.emit(*typed, self._limit.text().strip())


def _field(hint: str, name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(hint)
    field.setAccessibleName(name)
    return field
