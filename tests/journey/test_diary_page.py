"""The Work Diary in a real browser: a day, its cells, and who may see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests
import workday
from browsing import DAY, cell_at
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browsing import Opener
    from playwright.sync_api import Page


def test_the_day_is_told_in_totals_contracts_hours_and_memos(browse: Opener) -> None:
    page = browse()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday, 19 November 2026")
    assert [re.sub(r"\s+", " ", text) for text in page.locator(".tot").all_inner_texts()] == [
        "Tracked 6h 25m 43 cells, 3 contracts",
        "Protected 5h 27m 84 % of tracked",
        "Not protected 0h 45m 7 reasons",
        "Over limit 0h 12m Fennel & Co, billed 0",
        "Manual 0h 20m Fennel & Co",
        "In question – asked by the tracker",
    ]
    lines = page.get_by_role("table", name="Contracts: this day and week 47")
    expect(lines).to_contain_text(re.compile(r"Fennel & Co\s*Brand site\s*2 h 46 m\s*10 h 12 m"))
    expect(lines).to_contain_text("2 not delivered. Safe on the computer that tracked.")
    assert page.locator(".hour h2").all_inner_texts()[0].split() == ["08:00", "17", "min"]
    expect(page.locator(".cell")).to_have_count(43)
    expect(page.locator(".memo").filter(has_text="Review PR 412")).to_have_count(1)
    expect(page.locator(".many .cell")).to_have_count(2)


def test_a_memo_stands_over_its_minutes(browse: Opener) -> None:
    page = browse()
    run = page.locator(".memo").filter(has_text="Review PR 412").bounding_box()
    cells = [
        box
        for n in range(6)
        if (box := page.locator(".hour").nth(2).locator(".column").nth(n).bounding_box())
    ]
    assert run is not None
    minute = (cells[1]["x"] - cells[0]["x"]) / 10
    assert run["x"] == pytest.approx(cells[0]["x"] + 26 * minute, abs=1.5)
    assert run["x"] + run["width"] == pytest.approx(cells[0]["x"] + 58.33 * minute, abs=3)


def test_a_cell_opens_in_place_with_its_shot_and_its_counts_by_the_minute(
    browse: Opener, me: workday.Freelancer
) -> None:
    page = browse()
    page.evaluate("window.stayed = true")
    cell_at(page, "09:10").click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", level=2)).to_have_text("09:10 – 09:20")
    assert page.evaluate("window.stayed")
    assert "cell=" in page.url
    shot = panel.locator(".view img")
    assert shot.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1600
    day = me.http.get(f"{me.url}/api/v1/diary", params={"date": workday.DATE, "tz": workday.ZONE}).json()
    sent = next(c for c in day["cells"] if c["slot"] == f"{workday.DATE}T08:10:00.000Z")["segments"][0][
        "minutes"
    ]
    for name, row in (("keys", "Keys"), ("clicks", "Clicks"), ("scrolls", "Scrolls")):
        shown = panel.get_by_role("row", name=row).get_by_role("cell").all_inner_texts()
        counts = [minute[name] for minute in sent]
        assert [int(text.replace("·", "0")) for text in shown] == [*counts, sum(counts)]
    page.go_back()
    expect(panel).to_be_hidden()


def test_an_opened_cell_gives_every_reason_and_its_receipts(browse: Opener) -> None:
    page = browse()
    cell_at(page, "15:30").click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("Partly protected")
    expect(panel).to_contain_text("4 min 18 s protected")
    expect(panel).to_contain_text("5 min 42 s not protected")
    expect(panel).to_contain_text("Kept as idle time.")
    expect(panel.locator(".kv")).to_have_count(2)
    expect(panel.locator(".caption")).to_contain_text("Monitor 1, 1 of 2")
    panel.get_by_label("Next picture").click()
    expect(panel.locator(".caption")).to_contain_text("Monitor 2, 2 of 2")
    panel.get_by_label("Next cell").click()
    expect(panel.get_by_role("heading", level=2)).to_have_text("15:40 – 15:50")
    cell_at(page, "09:40").click()
    expect(panel).to_contain_text("No shot for 09:40 – 09:50: the screen gave a black image.")


def test_everything_works_with_the_keyboard_alone(browse: Opener) -> None:
    page = browse()
    focused = page.locator(":focus")
    for _ in range(30):
        page.keyboard.press("Tab")
        if focused.evaluate("e => e.matches('.cell')"):
            break
    expect(focused).to_have_attribute("aria-label", re.compile("^08:40, Northbeam, level 6, protected"))
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("aria-label", re.compile("^08:50"))
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", re.compile("^09:50"))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(focused).to_have_text("09:40 – 09:50")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-title")).to_have_text("09:50 – 10:00")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(focused).to_have_attribute("aria-label", re.compile("^09:50"))
    turn(page, "]", "Friday, 20 November 2026")
    expect(page.get_by_text("Nothing tracked on this day")).to_be_visible()
    turn(page, "[", "Thursday, 19 November 2026")
    turn(page, "[", "Wednesday, 18 November 2026")
    turn(page, "t", "Thursday, 19 November 2026")


def turn(page: Page, key: str, heading: str) -> None:
    """Press a key that leads to another day, once the page listens, and see that day."""
    expect(page.locator("html.scripted")).to_be_attached()
    page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_the_grid_is_one_tab_stop_with_a_visible_ring(browse: Opener) -> None:
    page = browse()
    expect(page.locator(".cell[tabindex='0']")).to_have_count(1)
    first = page.locator(".cell").first
    first.focus()
    page.keyboard.press("End")
    ring = page.locator(":focus").evaluate(
        "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]"
    )
    assert ring == ["solid", "2px"]


def test_the_policy_of_the_page_permits_nothing_inline(me: workday.Freelancer) -> None:
    policies = [
        me.http.get(me.url + DAY, headers={"Accept": "text/html"}).headers["Content-Security-Policy"]
        for _ in range(2)
    ]
    assert "unsafe" not in policies[0]
    assert "default-src 'none'" in policies[0]
    assert policies[0] != policies[1]  # the nonce is used once


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("date=2026-02-30", 422, "This day cannot be shown."),
        ("tz=Mars/Olympus", 422, "This day cannot be shown."),
        ("contract=nobody", 404, "No such contract is here."),
    ],
)
def test_what_cannot_be_shown_is_told_on_a_page(
    me: workday.Freelancer, query: str, status: int, title: str
) -> None:
    answer = me.http.get(f"{me.url}/diary?{query}", headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.text


def test_a_stranger_sees_a_sentence_and_nothing_else(me: workday.Freelancer) -> None:
    answer = requests.get(me.url + DAY, headers={"Accept": "text/html"}, timeout=20)
    assert answer.status_code == 401
    assert "A sign-in is needed." in answer.text
    assert "Northbeam" not in answer.text


def test_a_link_that_was_used_says_so_on_a_page(me: workday.Freelancer) -> None:
    link = me.link(DAY)
    first, second = (requests.get(link, headers={"Accept": "text/html"}, timeout=20) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 410)
    assert "This link was used before, or is too old." in second.text


def test_text_of_a_memo_stays_text(me: workday.Freelancer, browse: Opener) -> None:
    memo = '<img src=x onerror=alert(1)> & "quotes" </style>'
    me.work(workday.Stretch("Ostrava Labs", "10:00:00", "10:10:00", memo, date="2026-11-13"))
    page = browse("/diary?date=2026-11-13")
    expect(page.locator(".memo .tx")).to_contain_text(memo)
