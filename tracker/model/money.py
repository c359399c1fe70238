"""Amounts of money: exact until they are rounded once, half up, to the minor unit of their currency."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

# ISO 4217, list one: the digits after the point, where they are not two. The Python libraries that know
# these bring megabytes of other things, or follow what shops print rather than the standard.
_TWO = 2
_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),  # noqa: SIM905  # a table
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905  # as above
    **dict.fromkeys("CLF UYW".split(), 4),  # noqa: SIM905  # as above
}


def minor_digits(currency: str) -> int:
    """Return how many digits after the point the currency has; 2 where nobody says otherwise."""
    return _DIGITS.get(currency, _TWO)


def rounded(amount: Fraction, currency: str) -> Decimal:
    """Return an amount of at least 0 with the currency's digits, half of its minor unit rounded up."""
    digits = minor_digits(currency)
    units = (amount * 10**digits + Fraction(1, 2)) // 1
    return Decimal(units).scaleb(-digits)
