"""Billing: the worked examples as one table, and one case of each rule."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from billing_pieces import agreed, judged, shot, slots
from diary_pieces import CONTRACT, kept
from doubles import NINE

from tracker.model.contract import UPWORK_POLICY
from tracker.model.protection import Reason, Standing
from tracker.model.segment import Origin, Segment, ShotState
from tracker.model.slot import MINUTE, SLOT
from tracker.server.billing import Caps, statement, upwork_ms

HAND = {"origin": Origin.MANUAL, "memo": "Call about the stairs"}
# of the facts: what, its work, the limit; then minutes tracked, manual, protected, Upwork's; the amount
EXAMPLES = [
    ("a first slot from :05 on is billed as the five minutes it had, whole at Upwork (1.1)",
     [kept(NINE + 5 * MINUTE, NINE + SLOT)], None, 5, 0, 5, 10, "5.00"),
    ("two minutes with a shot are two minutes, ten at Upwork (1.1)",
     [kept(NINE, NINE + 2 * MINUTE)], None, 2, 0, 2, 10, "2.00"),
    ("nine minutes without a shot are nine, nothing at Upwork (1.1)",
     [kept(NINE, NINE + 9 * MINUTE, shots=())], None, 9, 0, 0, 0, "9.00"),
    ("a shot at minute eight and ten more minutes with no second are eighteen, ten at Upwork (1.1)",
     [kept(NINE, NINE + SLOT, shots=(shot(NINE + 8 * MINUTE),)),
      kept(NINE + SLOT, NINE + 18 * MINUTE, shots=())], None, 18, 0, 10, 10, "18.00"),
    ("an hour is an hour at both", slots(0, 6), None, 60, 0, 60, 60, "60.00"),
    ("over a limit of half an hour nothing is billed nor protected (3.2)",
     slots(0, 6), 30 * MINUTE, 30, 0, 30, 30, "30.00"),
    ("a limit inside a slot cuts it there (3.2)", slots(0, 6), 25 * MINUTE, 25, 0, 25, 25, "25.00"),
    ("a limit of nothing lets nothing be billed (3.2)", slots(0, 6), 0, 0, 0, 0, 0, "0.00"),
    ("no limit is another thing (3.2)", slots(0, 6), None, 60, 0, 60, 60, "60.00"),
    ("time by hand counts towards the limit (5, 3.2)",
     [*slots(0, 3, **HAND), *slots(3, 3)], 40 * MINUTE, 10, 30, 10, 40, "40.00"),
    ("time by hand is billed and never protected (5, 6.2)", slots(0, 3, **HAND), None, 0, 30, 0, 30, "30.00"),
    ("idle time that was kept is billed, not protected (6.2)",
     slots(0, 1, idle=True), None, 10, 0, 0, 10, "10.00"),
    ("without a memo (6.1, 7)", slots(0, 1, memo=""), None, 10, 0, 0, 10, "10.00"),
    ("with an inadequate one (6.2)", slots(0, 1, memo="work"), None, 10, 0, 0, 10, "10.00"),
    ("with four active minutes of ten: low (6.4)",
     slots(0, 1, counts=dict.fromkeys(range(4), (30, 9, 1, 0))), None, 10, 0, 0, 10, "10.00"),
    ("with five of ten: enough", slots(0, 1, counts=dict.fromkeys(range(5), (30, 9, 1, 0))),
     None, 10, 0, 10, 10, "10.00"),
    ("a partial slot is judged by the minutes it had (6.4)",
     [kept(NINE + 5 * MINUTE, NINE + SLOT, counts=dict.fromkeys((5, 6, 7), (30, 9, 1, 0)))],
     None, 5, 0, 5, 10, "5.00"),
    ("per segment: what qualifies is paid, one bad slot costs no other (6.2)",
     [*slots(0, 2), *slots(2, 1, memo=""), *slots(3, 3)], None, 60, 0, 50, 60, "60.00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("work", "limit_ms", "tracked", "manual", "protected", "upwork", "amount"),
    [example[1:] for example in EXAMPLES],
    ids=[example[0] for example in EXAMPLES],
)
def test_the_worked_examples(
    work: list[Segment],
    limit_ms: int | None,
    tracked: int,
    manual: int,
    protected: int,
    upwork: int,
    amount: str,
) -> None:
    theirs = upwork_ms(CONTRACT, work, limit_ms)
    made = statement(judged(work, limit_ms=limit_ms), [agreed("60")], upwork_ms=theirs)

    assert (made.billed_tracked_ms, made.billed_manual_ms) == (tracked * MINUTE, manual * MINUTE)
    assert made.protected_ms == protected * MINUTE
    assert made.upwork_ms == upwork * MINUTE
    assert [str(one.total) for one in made.charges] == [amount]
    assert [str(one.protected) for one in made.charges] == [f"{protected}.00"]


@pytest.mark.parametrize(
    ("caps", "protected_ms", "amount"),
    [
        (Caps(), 6 * SLOT, "100.00"),
        (Caps(rate=Fraction(50)), 6 * SLOT, "50.00"),  # the seed's case: 100 agreed, 50 usual
        (Caps(rate=Fraction(700)), 6 * SLOT, "100.00"),  # the contract's is the least
        (Caps(left_ms=45 * MINUTE), 45 * MINUTE, "75.00"),
        (Caps(left=Fraction(30)), 6 * SLOT, "30.00"),
        (Caps(Fraction(50), 45 * MINUTE, Fraction(30)), 45 * MINUTE, "30.00"),
        (Caps(left_ms=0, left=Fraction(0)), 0, "0.00"),
    ],
)
def test_caps_bound_what_is_protected_and_never_what_is_billed(
    caps: Caps, protected_ms: int, amount: str
) -> None:
    made = statement(judged(slots(0, 6), policy=UPWORK_POLICY), [agreed("100")], caps=caps)

    assert (made.protected_ms, str(made.charges[0].protected)) == (protected_ms, amount)
    assert str(made.charges[0].total) == "100.00"


def test_each_moment_is_billed_by_the_terms_of_that_moment() -> None:
    terms = [agreed("60"), agreed("90", since=NINE + 15 * MINUTE, number=2)]
    made = statement(judged(slots(0, 3)), terms)

    assert [(one.number, one.tracked_ms) for one in made.rates] == [(1, 15 * MINUTE), (2, 15 * MINUTE)]
    assert [str(one.total) for one in made.charges] == ["37.50"]


def test_another_currency_is_another_amount_and_each_has_its_own_digits() -> None:
    terms = [agreed("60.01"), agreed("1000", "JPY", NINE + SLOT, 2), agreed("1", "KWD", NINE + 2 * SLOT, 3)]
    made = statement(judged(slots(0, 3)), terms)

    assert [(one.currency, str(one.total)) for one in made.charges] == [
        ("USD", "10.00"),
        ("JPY", "167"),
        ("KWD", "0.167"),
    ]


def test_a_class_is_rounded_once_and_not_piece_by_piece() -> None:
    third = [kept(NINE + n * SLOT, NINE + n * SLOT + 20_000) for n in range(6)]  # 0.333… each at 60
    terms = [agreed("60"), agreed("60", since=NINE + 3 * SLOT, number=2)]

    assert [str(one.tracked) for one in statement(judged(third), terms).charges] == ["2.00"]


def test_upwork_gives_a_slot_to_the_contract_of_its_first_shot() -> None:
    ours = kept(NINE, NINE + 5 * MINUTE, shots=(shot(NINE + 4 * MINUTE),))
    theirs = kept(NINE + 5 * MINUTE, NINE + SLOT, of="fennel", shots=(shot(NINE + 6 * MINUTE),))
    gone = replace(shot(NINE + MINUTE), state=ShotState.WITHHELD, pictures=())

    assert upwork_ms(CONTRACT, [ours, theirs]) == SLOT
    assert upwork_ms("fennel", [ours, theirs]) == 0
    assert upwork_ms("fennel", [replace(ours, shots=(gone,)), theirs]) == SLOT
    assert upwork_ms(CONTRACT, []) == 0


def test_a_challenge_takes_what_is_not_protected_or_all_that_was_given_up() -> None:
    works = judged([*slots(0, 1), *slots(1, 1, memo="")])
    stood = statement([replace(one, fallen=True) for one in works], [agreed()])
    given_up = statement([replace(one, given_up=True) for one in works], [agreed()])

    assert (stood.billed_ms, stood.fallen_ms, str(stood.charges[0].total)) == (SLOT, SLOT, "10.00")
    assert (given_up.billed_ms, given_up.fallen_ms, given_up.protected_ms) == (0, 2 * SLOT, 0)


def test_late_time_is_billed_when_it_is_accepted_and_protected_never() -> None:
    (one,) = slots(0, 1)
    (late,) = judged([one], standings={one.id: Standing(flags=frozenset({Reason.LATE}))})

    waits = statement([late], [agreed()])
    assert (waits.billed_ms, waits.late_ms, waits.reasons) == (0, SLOT, {Reason.LATE: SLOT})
    paid = statement([replace(late, accepted=True)], [agreed()])
    assert (paid.billed_ms, paid.late_ms, paid.protected_ms) == (SLOT, 0, 0)


def test_a_week_without_work_is_nothing_in_the_currency_of_its_terms() -> None:
    made = statement([], [agreed(currency="JPY")])
    assert (made.billed_ms, [(one.currency, str(one.total)) for one in made.charges]) == (0, [("JPY", "0")])
