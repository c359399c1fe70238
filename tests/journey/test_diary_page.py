"""The Work Diary in a real browser: by mouse, by keyboard, on a phone, without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests
import workday
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    Opener = Callable[..., Page]

CHROMIUM = "/usr/bin/chromium"
DESK = {"width": 1408, "height": 900}
DAY = f"/diary?date={workday.DATE}"


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[workday.Freelancer]:
    """A freelancer whose Thursday is delivered to a running server."""
    with workday.served(tmp_path_factory.mktemp("server")) as freelancer:
        for client, agreed in workday.CONTRACTS.items():
            freelancer.agree(client, *agreed)
        freelancer.work(*workday.EARLIER, *workday.THURSDAY)
        yield freelancer


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(me: workday.Freelancer, chromium: Browser) -> Iterator[Opener]:
    """Open a page as the freelancer; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def failed(why: str, url: str) -> None:
        if "ABORTED" not in why:  # a page that is left lets its pictures go
            complaints.append(f"{why}: {url}")

    def listen(page: Page) -> None:
        page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: failed(request.failure or "", request.url))

    def opened(path: str = DAY, **how: object) -> Page:
        given = {"viewport": DESK, "timezone_id": workday.ZONE, **how}
        contexts.append(chromium.new_context(**given))  # type: ignore[arg-type]  # playwright's own words
        contexts[-1].on("page", listen)
        page = contexts[-1].new_page()
        page.goto(me.link(path))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def cell_at(page: Page, sentence: str) -> object:
    return page.locator(f'.cell[aria-label^="{sentence}"]')


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_the_day_is_told_in_totals_contracts_hours_and_memos(browse: Opener) -> None:
    page = browse()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday, 19 November 2026")
    assert [re.sub(r"\s+", " ", text) for text in page.locator(".tot").all_inner_texts()] == [
        "Tracked 6h 25m 43 cells, 3 contracts",
        "Protected 5h 27m 84 % of tracked",
        "Not protected 0h 45m 7 reasons",
        "Over limit 0h 12m Fennel & Co, billed 0",
        "Manual 0h 20m Fennel & Co",
        "In question 0h 00m nothing open",
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
    cell_at(page, "09:10").click()  # type: ignore[attr-defined]  # a locator
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
    cell_at(page, "15:30").click()  # type: ignore[attr-defined]  # a locator
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
    cell_at(page, "09:40").click()  # type: ignore[attr-defined]  # a locator
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
    page.keyboard.press("]")
    expect(page.get_by_role("heading", level=1)).to_have_text("Friday, 20 November 2026")
    expect(page.get_by_text("Nothing tracked on this day")).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday, 19 November 2026")
    page.keyboard.press("[")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday, 19 November 2026")


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


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_scrolls_sideways_and_a_cell_is_a_sheet(browse: Opener, width: int) -> None:
    page = browse(viewport={"width": width, "height": 720}, has_touch=True, reduced_motion="reduce")
    assert sideways(page) == 0
    expect(page.locator(".memo .tm").first).to_be_visible()
    cell_at(page, "15:30").tap()  # type: ignore[attr-defined]  # a locator
    panel = page.locator("#panel")
    expect(panel).to_be_in_viewport()
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, 720)
    assert sideways(page) == 0
    assert page.locator(".hours").evaluate("e => e.inert")
    page.touchscreen.tap(width / 2, 20)  # beside the sheet
    expect(panel).to_be_hidden()
    assert not page.locator(".hours").evaluate("e => e.inert")


def test_on_a_phone_every_target_is_large_enough_for_a_finger(browse: Opener) -> None:
    page = browse(viewport={"width": 390, "height": 844})
    small = page.evaluate(
        """[...document.querySelectorAll('main a, main summary')].filter(e => e.offsetParent)
            .map(e => [e.getBoundingClientRect(), e.textContent.trim()])
            .filter(([box]) => box.height < 40 || box.width < 44).map(([, text]) => text)"""
    )
    assert small == []


def test_text_twice_as_large_still_fits(browse: Opener) -> None:
    page = browse(viewport={"width": 704, "height": 450})  # what 200 % leaves of a desktop's window
    assert sideways(page) == 0


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(245, 246, 248)"), ("dark", "rgb(17, 21, 27)")])
@pytest.mark.parametrize("width", [1408, 390])
@pytest.mark.parametrize("path", [DAY, "opened", "/diary?date=2026-11-15", f"{DAY}&tz=UTC"])
def test_the_page_breaks_no_rule_of_accessibility(
    browse: Opener, me: workday.Freelancer, scheme: str, paper: str, width: int, path: str
) -> None:
    if path == "opened":
        second = workday.at(workday.DATE, "15:30:00") // 1000
        path = f"{DAY}&cell={second}.{me.contracts['Fennel & Co']}"
    page = browse(path, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_without_scripts_everything_but_the_shortcuts_works(browse: Opener) -> None:
    page = browse(f"{DAY}&tz={workday.ZONE}", java_script_enabled=False)
    cell_at(page, "15:30").click()  # type: ignore[attr-defined]  # a locator
    expect(page.locator("#panel h2")).to_have_text("15:30 – 15:40")
    page.get_by_label("Next picture").click()
    expect(page.locator(".caption")).to_contain_text("Monitor 2")
    page.get_by_label("Close").click()
    expect(page.locator("#panel")).to_be_hidden()
    page.get_by_role("link", name="UTC", exact=True).click()
    assert page.locator(".hour h2").first.inner_text().startswith("07:00")
    page.get_by_role("navigation", name="Contracts").get_by_role("link", name="Ostrava Labs").click()
    expect(page.locator(".cell")).to_have_count(6)
    expect(page.locator(".tot").first).to_contain_text("54m")
    page.locator(".pick summary").click()
    page.get_by_label("Day", exact=True).fill("2026-11-17")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday, 17 November 2026")
    expect(page.get_by_text("Nothing tracked on this day")).to_be_visible()  # by the chosen contract


def test_the_page_follows_the_zone_of_its_browser(browse: Opener) -> None:
    page = browse(timezone_id="Australia/Adelaide")
    expect(page.locator(".zone")).to_have_text("Australia/Adelaide, UTC+10:30")
    expect(page.locator(".hour h2").first).to_contain_text("18:00")


def test_a_dark_page_dims_the_shots_and_high_contrast_keeps_the_bars(browse: Opener) -> None:
    page = browse(color_scheme="dark")
    assert page.locator(".shot img").first.evaluate("e => getComputedStyle(e).opacity") == "0.86"
    contrast = browse(forced_colors="active")
    filled, empty = (
        contrast.locator(".lv").first.locator(f"rect{which}").first.evaluate("e => getComputedStyle(e).fill")
        for which in (".f", ":not(.f)")
    )
    assert filled != empty


def test_on_paper_the_day_is_without_controls(browse: Opener) -> None:
    page = browse()
    page.emulate_media(media="print")
    expect(page.locator(".steps")).to_be_hidden()
    expect(page.locator(".hour").first).to_be_visible()


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
