"""The contracts to choose from, with a search field where there are many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tracker.ui import status as say
from tracker.ui.amounts import limit, rate
from tracker.ui.icons import line_pixmap
from tracker.ui.labels import font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.contract import Contract
    from tracker.ui.theme import Theme

_SEARCHED = 7  # from more contracts than these on there is a search field
_IN_VIEW = 4.5  # rows; a half one shows that there are more
_ID, _TITLE, _RATE, _LIMIT, _COLOUR = (Qt.ItemDataRole.UserRole + i for i in range(5))

Index = QModelIndex | QPersistentModelIndex


class ContractList(QWidget):
    """One contract a row: colour, client, title, rate and limit."""

    selected = Signal(str)  # a contract's id
    activated = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Contract, ...] = ()
        self._search = QLineEdit()
        self._search.setPlaceholderText("Find a contract")
        self._search.setAccessibleName("Find a contract")
        self._search.textChanged.connect(self._filter)
        self._model = QStandardItemModel(self)
        self._view = QListView()
        self._view.setProperty("kind", "list")
        self._view.setAccessibleName("Contracts")
        self._view.setModel(self._model)
        self._view.setItemDelegate(_Row(theme, self._view))
        self._view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._view.selectionModel().currentChanged.connect(self._tell)
        self._view.activated.connect(lambda index: self.activated.emit(index.data(_ID)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._search)
        column.addWidget(self._view)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def current(self) -> str | None:
        """The chosen contract's id."""
        chosen: str | None = self._view.currentIndex().data(_ID)
        return chosen

    def show_contracts(self, contracts: Sequence[Contract]) -> None:
        """List these contracts; the chosen one stays so, else the first is."""
        if self._shown == tuple(contracts):
            return
        chosen = self.current
        self._shown = tuple(contracts)
        self._model.clear()
        names, colours = say.names(contracts), say.colours(contracts)
        for contract in contracts:
            self._model.appendRow(_item(contract, names[contract.id], colours[contract.id]))
        self._search.setVisible(len(contracts) > _SEARCHED)
        rows = min(float(len(contracts)), _IN_VIEW)
        self._view.setFixedHeight(round(rows * _Row.height()) + 2)
        self.choose(chosen)

    def choose(self, contract: str | None) -> None:
        """Choose a contract, the first one where it is not listed."""
        ids = [one.id for one in self._shown]
        row = ids.index(contract) if contract in ids else 0
        self._view.setCurrentIndex(self._model.index(row, 0))

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.selected.emit(index.data(_ID))

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        texts = [f"{one.client} {one.title}".casefold() for one in self._shown]
        hits = [all(word in text for word in words) for text in texts]
        for row, hit in enumerate(hits):
            self._view.setRowHidden(row, not hit)
        if True in hits and self._view.isRowHidden(self._view.currentIndex().row()):
            self._view.setCurrentIndex(self._model.index(hits.index(True), 0))


def _item(contract: Contract, name: str, place: int) -> QStandardItem:
    title = contract.title if name == contract.client else ""
    item = QStandardItem(name)
    for role, value in (
        (_ID, contract.id),
        (_TITLE, title),
        (_RATE, rate(contract)),
        (_LIMIT, limit(contract)),
        (_COLOUR, place),
    ):
        item.setData(value, role)
    spoken = ", ".join(filter(None, (name, title, rate(contract), limit(contract))))
    item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
    return item


class _Row(QStyledItemDelegate):
    """Paints one contract."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._strong, self._meta, self._figure = font("strong"), font("meta"), font("heading")

    @staticmethod
    def height() -> int:
        """Return the height of a row: two lines and their margins."""
        return round(QFontMetrics(font("body")).height() * 1.95) + 20

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802  # Qt's name
        """Be as high as two lines and their margins."""
        return QSize(200, self.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw ground, colour, texts and the tick of the chosen one."""
        theme, area = self._theme, QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.fillPath(_ground(area, index), QColor(theme.accent_soft))
        if index.row():
            painter.fillRect(area.left(), area.top(), area.width(), 1, QColor(theme.line))
        edge = QPainterPath()
        edge.addRoundedRect(QRectF(area.left() + 12, area.top() + 10, 3, area.height() - 20), 1.5, 1.5)
        painter.fillPath(edge, QColor(theme.contract(index.data(_COLOUR))))
        texts = area.adjusted(27, 9, -40, -9)
        self._line(painter, texts, (index.data(), index.data(_RATE)), upper=True)
        self._line(painter, texts, (index.data(_TITLE), index.data(_LIMIT)), upper=False)
        if chosen:
            ratio = painter.device().devicePixelRatioF()
            tick = line_pixmap("check", theme.accent, ratio)
            painter.drawPixmap(area.right() - 28, area.center().y() - 7, tick)
        painter.restore()

    def _line(self, painter: QPainter, area: QRect, texts: tuple[str, str], *, upper: bool) -> None:
        left, right = texts
        vertical = Qt.AlignmentFlag.AlignTop if upper else Qt.AlignmentFlag.AlignBottom
        painter.setFont(self._meta)
        painter.setPen(QColor(self._theme.ink2 if upper else self._theme.ink3))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | vertical, right)
        taken = painter.fontMetrics().horizontalAdvance(right) + 12
        if upper:
            painter.setFont(self._strong)
            painter.setPen(QColor(self._theme.ink))
        room = area.width() - taken
        fitting = painter.fontMetrics().elidedText(left, Qt.TextElideMode.ElideRight, room)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | vertical, fitting)


def _ground(area: QRect, index: Index) -> QPainterPath:
    """Return a row's ground, round where the list is."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(area), 7, 7)
    square = QPainterPath()
    last = index.row() == index.model().rowCount() - 1
    if index.row():
        square.addRect(QRectF(area.left(), area.top(), area.width(), area.height() / 2))
    if not last:
        square.addRect(QRectF(area.left(), area.center().y(), area.width(), area.height() / 2))
    return path.united(square)
