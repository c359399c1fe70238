"""Money: rounded once, half up, to the digits the currency has."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.money import minor_digits, rounded

amounts = st.fractions(0, 10**9)
currencies = st.sampled_from(["USD", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("UYW", 4), ("ZZZ", 2)],
)
def test_a_currency_has_the_digits_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "made"),
    [
        (Fraction(0), "USD", "0.00"),
        (Fraction(5, 1000), "USD", "0.01"),
        (Fraction(4999999, 1000000000), "USD", "0.00"),
        (Fraction(1, 3) - Fraction(1, 10**40), "USD", "0.33"),
        (Fraction(5, 1000) - Fraction(1, 10**40), "USD", "0.00"),  # beyond what a context would keep
        (Fraction(1, 2), "JPY", "1"),
        (Fraction(12345, 10000), "KWD", "1.235"),
    ],
)
def test_half_a_unit_goes_up_and_less_does_not(amount: Fraction, currency: str, made: str) -> None:
    assert str(rounded(amount, currency)) == made


@given(amounts, currencies)
def test_rounding_moves_by_half_a_unit_at_most_and_never_past_another(
    amount: Fraction, currency: str
) -> None:
    made = rounded(amount, currency)

    assert isinstance(made, Decimal)
    assert abs(Fraction(made) - amount) <= Fraction(1, 2 * 10 ** minor_digits(currency))
    assert made <= rounded(amount + Fraction(1, 1000), currency)
