"""The question about time away, answered with the mouse on a real desktop, and what the diary shows then."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from leaving import MEMO, Worker, assert_idle, least, length
from waiting import until

from tracker.ui.theme import LIGHT

if TYPE_CHECKING:
    from logind import Logind
    from xembed import Eyes, Place

TITLE = "Away — Hourproof"
KEEP, DISCARD, MOVE = range(3)  # the cards, from the top
COLUMN = slice(30, 50)  # px from the dialog's left: there the cards have their circles
CIRCLE = 18  # px: so high is one at most
FOOT = 60  # px above the dialog's lower edge: there the buttons are


def circle(eyes: Eyes, dialog: Place, number: int) -> tuple[int, int]:
    """Return where the circle is of a card that is not chosen."""
    column = replace(dialog, x=dialog.x + COLUMN.start, width=COLUMN.stop - COLUMN.start)
    found = until(partial(eyes.find, LIGHT.line2, column), "the circle of a card")
    if number == 0:
        return found
    below = found[1] + CIRCLE - dialog.y
    return circle(eyes, replace(dialog, y=dialog.y + below, height=dialog.height - below), number - 1)


def answer(worker: Worker, eyes: Eyes, number: int) -> None:
    """Click a card, then the button that now carries it out; the question goes."""
    dialog = until(lambda: eyes.window(TITLE), "the question")
    x, y = circle(eyes, dialog, number)
    worker.hands.move(x + 4, y + 8)
    worker.hands.click()
    foot = replace(dialog, y=dialog.y + dialog.height - FOOT, height=FOOT)
    colour = LIGHT.bad if number == DISCARD else LIGHT.accent
    x, y = until(lambda: eyes.find(colour, foot), "the button that answers")
    worker.hands.move(x + 12, y + 12)
    worker.hands.click()
    until(lambda: eyes.window(TITLE) is None, "the question to go")


def lock_and_come_back(worker: Worker, system: Logind) -> dict[str, Any]:
    """Be away for less than a while, and return the question."""
    worker.leave(lambda: system.hint(locked=True))
    system.hint(locked=False)
    return worker.come_back()


def test_each_answer_is_clicked_and_does_what_it_says(worker: Worker, eyes: Eyes, system: Logind) -> None:
    user = worker.user
    with worker.tracking():
        until(system.inhibitors, "the app to listen")
        worker.leave()
        assert eyes.window(TITLE) is None, "nobody is there to be asked"
        kept = worker.come_back()
        answer(worker, eyes, KEEP)
        discarded = lock_and_come_back(worker, system)
        answer(worker, eyes, DISCARD)
        moved = lock_and_come_back(worker, system)
        answer(worker, eyes, MOVE)
        until(lambda: user.look()["questions"] == [], "the last answer")
        user.ask("stop")
        parts = [worker.day_around(question)[0] for question in (kept, discarded, moved)]
        titles = {one["id"]: one["title"] for one in user.ask("contracts")}

    assert length(kept) >= least(kept)
    assert_idle(parts[KEEP], kept)
    assert parts[DISCARD] == []
    assert_idle(parts[MOVE], moved)
    told = [{(titles[one["contract"]], one["memo"], len(one["shots"])) for one in part} for part in parts]
    assert {name[:2] for name in told[KEEP]} == {("Checkout rebuild", MEMO)}
    assert told[MOVE] == {("Brand site", "", 0)}
