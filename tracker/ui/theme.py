"""The look's tokens for light and dark, and the one stylesheet filled from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from tracker.paths import resources

_SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of one mode, by the names the diary's stylesheet uses too."""

    dark: bool
    paper: str
    surface: str
    sunken: str
    line: str
    line2: str
    ink: str
    ink2: str
    ink3: str
    accent: str
    accent_soft: str
    on_accent: str
    ok: str
    ok_soft: str
    part: str
    part_soft: str
    no: str
    no_soft: str
    over: str
    over_soft: str
    away: str
    away_soft: str
    held: str
    held_soft: str
    bad: str
    bad_soft: str
    contracts: tuple[str, ...]

    def contract(self, place: int) -> str:
        """Return a contract's colour; the ninth begins again."""
        return self.contracts[place % len(self.contracts)]

    def tone(self, name: str) -> tuple[str, str]:
        """Return the colour of a tone and its soft ground."""
        colours = asdict(self)
        return colours[name], colours[f"{name}_soft"]


LIGHT = Theme(
    dark=False,
    paper="#F5F6F8",
    surface="#FFFFFF",
    sunken="#EDEFF3",
    line="#E0E4EA",
    line2="#808A99",
    ink="#17202C",
    ink2="#465263",
    ink3="#5F6B7B",
    accent="#2C5599",
    accent_soft="#E6EDF8",
    on_accent="#FFFFFF",
    ok="#17734F",
    ok_soft="#E2F2EA",
    part="#7A5B00",
    part_soft="#F8EFD2",
    no="#A4471A",
    no_soft="#FBEAE1",
    over="#A02C6B",
    over_soft="#F9E6F0",
    away="#2F6380",
    away_soft="#E3EFF5",
    held="#55616F",
    held_soft="#E9ECF0",
    bad="#B3261E",
    bad_soft="#FBE7E5",
    contracts=("#009BE6", "#9F8E00", "#9C3F00", "#203360", "#2D6666", "#8047B4", "#D863A3", "#532904"),
)

DARK = Theme(
    dark=True,
    paper="#11151B",
    surface="#191F27",
    sunken="#222A34",
    line="#2B3440",
    line2="#6B7788",
    ink="#E9EDF2",
    ink2="#B3BDC9",
    ink3="#929DAB",
    accent="#8FB4F0",
    accent_soft="#22324C",
    on_accent="#0E1A2E",
    ok="#6CCB9F",
    ok_soft="#17352A",
    part="#E3BF5A",
    part_soft="#3A3117",
    no="#F0986C",
    no_soft="#402619",
    over="#EE8FC0",
    over_soft="#40203A",
    away="#86BEDB",
    away_soft="#1B3341",
    held="#A9B4C1",
    held_soft="#2A323C",
    bad="#F58E86",
    bad_soft="#44211F",
    contracts=("#8FC9E8", "#DCC564", "#DB6A4F", "#6F7FE6", "#98EBC6", "#B597FA", "#B47FA6", "#E89A3C"),
)


def choose(appearance: str, *, system_dark: bool) -> Theme:
    """Return the theme the freelancer chose, the system's where they left it to the system."""
    dark = system_dark if appearance == _SYSTEM else appearance == "dark"
    return DARK if dark else LIGHT


def stylesheet(theme: Theme) -> str:
    """Return the stylesheet of window, dialogs and menu."""
    arrow = resources() / "icons" / "line-down-grey.svg"  # a stylesheet cannot write a colour in
    return _SHEET.substitute(asdict(theme), arrow=arrow.as_posix())


# Styled by property, not by class; sizes of text are set as fonts, relative to the application's own.
_SHEET = Template("""
QWidget#window, QDialog { background: $paper; }
QDialog#away { background: $surface; }
QWidget { color: $ink; }
QLabel { background: transparent; }
QLabel[role="meta"], QLabel[role="unit"] { color: $ink3; }
QLabel[role="second"], QLabel[role="note"], QLabel[role="heading"] { color: $ink2; }
QLabel[role="figure"] { color: $ink; }

QFrame[kind="card"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[kind="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[kind="foot"] { background: $surface; border: none; border-top: 1px solid $line; }

QFrame[kind="banner"] { border: none; border-radius: 8px; }
QFrame[kind="banner"][tone="bad"] { background: $bad_soft; }
QFrame[kind="banner"][tone="held"] { background: $held_soft; }
QFrame[kind="banner"][tone="no"] { background: $no_soft; }
QFrame[kind="banner"][tone="over"] { background: $over_soft; }

QFrame[kind="note"] { border: 1px solid $line; border-radius: 8px; background: $held_soft; }
QFrame[kind="note"][tone="away"] { border-color: $away; background: $away_soft; }
QFrame[kind="note"] QLabel[role="heading"] { color: $ink; }

QFrame[kind="tag"] { border: none; border-radius: 4px; background: $sunken; }
QFrame[kind="tag"][tone="accent"] { background: $accent_soft; }
QFrame[kind="tag"][tone="ok"] { background: $ok_soft; }
QFrame[kind="tag"][tone="part"] { background: $part_soft; }
QFrame[kind="tag"][tone="no"] { background: $no_soft; }
QFrame[kind="tag"][tone="away"] { background: $away_soft; }
QFrame[kind="tag"] QLabel { color: $ink2; }
QFrame[kind="tag"][tone="accent"] QLabel { color: $accent; }
QFrame[kind="tag"][tone="ok"] QLabel { color: $ok; }
QFrame[kind="tag"][tone="part"] QLabel { color: $part; }
QFrame[kind="tag"][tone="no"] QLabel { color: $no; }
QFrame[kind="tag"][tone="away"] QLabel { color: $away; }

QPushButton, QToolButton { outline: none; }
QPushButton[kind="plain"] { background: $surface; border: 1px solid $line2; border-radius: 8px;
    min-height: 30px; padding: 0 12px; color: $ink; }
QPushButton[kind="plain"]:hover { background: $sunken; }
QPushButton[kind="plain"]:disabled { color: $ink3; border-color: $line; }
QPushButton[kind="primary"] { background: $accent; border: none; border-radius: 8px;
    min-height: 44px; padding: 0 16px; color: $on_accent; }
QPushButton[kind="primary"]:pressed { background: $ink2; color: $paper; }
QPushButton[kind="primary"]:disabled { background: $sunken; color: $ink3; }
QPushButton[kind="primary"][small="true"] { min-height: 32px; }
QPushButton[kind="danger"] { background: $surface; border: 1px solid $bad; border-radius: 8px;
    min-height: 30px; padding: 0 16px; color: $bad; }
QPushButton[kind="danger"]:hover { background: $bad_soft; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { background: transparent; border: none;
    border-radius: 8px; min-height: 24px; padding: 0 4px; color: $accent; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $sunken; }
QToolButton[kind="quiet"] { min-width: 24px; padding: 0; }
QToolButton::menu-indicator { image: none; }
QToolButton[kind="memo"] { background: transparent; border: none; border-radius: 7px;
    padding: 10px 12px; text-align: left; color: $ink; }
QToolButton[kind="memo"]:hover { background: $sunken; }

QLineEdit, QComboBox { background: $surface; border: 1px solid $line2; border-radius: 8px;
    min-height: 34px; padding: 0 11px; color: $ink; placeholder-text-color: $ink3;
    selection-background-color: $accent; selection-color: $on_accent; }
QComboBox QLineEdit { border: none; background: transparent; min-height: 0; padding: 0; }
QLineEdit:focus { border: 1px solid $accent; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url("$arrow"); width: 16px; height: 16px; }
QComboBox[kind="quiet"] { background: transparent; border: none; min-height: 26px; padding: 0 4px; }
QComboBox[kind="quiet"]:hover, QComboBox[kind="quiet"]:focus { background: $sunken; }
QListView#memos::item { padding: 6px 9px; }
QListView#memos::item:hover, QListView#memos::item:selected { background: $accent_soft; color: $ink; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; color: $ink;
    selection-background-color: $accent_soft; selection-color: $ink; outline: none; }

QScrollArea[kind="card"], QScrollArea[kind="card"] > QWidget > QWidget { background: $surface; }
QScrollArea[kind="card"] { border: 1px solid $line; border-radius: 8px; }
QListView[kind="list"] { background: $surface; border: 1px solid $line; border-radius: 8px; outline: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $line2; border-radius: 3px; min-height: 32px; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }

QToolTip { background: $surface; color: $ink; border: 1px solid $line; padding: 4px 6px; }

QMenu { background: $surface; border: 1px solid $line; padding: 6px; color: $ink; }
QMenu::item { padding: 6px 24px 6px 10px; border-radius: 6px; background: transparent; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $ink3; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 6px -6px; }
QMenu::icon { padding-left: 6px; }
""")
