"""What the app asks of a server besides delivering, and the answers."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated

import msgspec
from msgspec import Meta

from tracker.model.revision import Change
from tracker.model.week import WEEK
from tracker.wire.account import Account
from tracker.wire.diary import ContractView, SegmentView
from tracker.wire.receipt import Receipt
from tracker.wire.segment import Device, Instant, Text

RATE_MAX = 100_000  # per hour
_RATE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")  # of this server: a second slash would name another
_CURRENCY = re.compile(r"[A-Z]{3}")

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class NewContract(msgspec.Struct, frozen=True):
    """A contract to make: the rate per hour is a decimal number as text, the currency an ISO 4217 code."""

    title: Name
    client: Text
    rate: Annotated[str, Meta(max_length=20, examples=["62.50"])]
    currency: Annotated[str, Meta(max_length=20, examples=["USD"])]
    weekly_limit_ms: Annotated[int, Meta(ge=0, le=WEEK)] | None = None
    manual: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, with a sentence for a person."""
        if not self.title.strip():
            raise ValueError("The title is empty.")
        if not _RATE.fullmatch(self.rate) or self.amount > RATE_MAX:
            raise ValueError(f"The rate is a number from 0 to {RATE_MAX:,} with a point, such as 62.50.")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError("The currency is a code of three capital letters, such as USD.")

    @property
    def amount(self) -> Decimal:
        """The rate as a number."""
        try:
            return Decimal(self.rate)
        except InvalidOperation as error:
            raise ValueError(f"'{self.rate}' is no number.") from error


class ContractMade(msgspec.Struct, frozen=True):
    """The contract, and the link that invites the other side; none where there is no other side."""

    contract: ContractView
    invitation: str | None


class NewDevice(msgspec.Struct, frozen=True):
    """A device that will sign: its public key in base64, its name for the account's list."""

    public_key: Annotated[str, Meta(pattern="^[A-Za-z0-9+/]{43}=$")]
    name: Text


class DeviceView(msgspec.Struct, frozen=True):
    """A registered device; its id is that of its key."""

    id: Device
    name: str


class Claim(msgspec.Struct, frozen=True):
    """The secret an embedded server said once, at its start."""

    secret: Annotated[str, Meta(max_length=200)]


class Claimed(msgspec.Struct, frozen=True):
    """A token, and the account it stands for."""

    token: str
    account: Account


class NewLink(msgspec.Struct, frozen=True):
    """A page of this server to be opened in a browser without signing in there."""

    path: Annotated[str, Meta(pattern="^/", max_length=500)]

    def __post_init__(self) -> None:
        """Refuse what leads anywhere else."""
        if not _PATH.fullmatch(self.path):
            raise ValueError("The path names a page of this server, such as /diary.")


class LinkMade(msgspec.Struct, frozen=True):
    """Where the browser goes, once and soon."""

    url: str


class RevisionView(msgspec.Struct, frozen=True):
    """A later change to a segment, as both sides see it; `shot` is null where the change is not of one."""

    id: str
    segment: str
    at: Instant
    change: Change
    memo: str
    shot: str | None
    receipt: Receipt


class SegmentPage(msgspec.Struct, frozen=True):
    """Segments in order of time; `next` is the cursor that asks for those that follow, null at the end."""

    segments: tuple[SegmentView, ...]
    next: str | None


class TimesheetRow(msgspec.Struct, frozen=True):
    """A row of a timesheet: milliseconds; without a date or memo it is of all of them."""

    contract: str
    date: str | None
    memo: str | None
    tracked_ms: int
    manual_ms: int
    protected_ms: int
    over_ms: int
    billed_ms: int


class TimesheetView(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The rows of a range of days of a zone, the last one included."""

    first: str
    last: str
    tz: str
    rows: tuple[TimesheetRow, ...]
