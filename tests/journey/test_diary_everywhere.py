"""The Work Diary everywhere: on a phone, in the dark, on paper, without scripts, for every sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import workday
from axe_playwright_python.sync_playwright import Axe
from browsing import DAY, cell_at, sideways
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browsing import Opener

SHEET = "/timesheet?from=2026-11-16&to=2026-11-22"  # of the week


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_scrolls_sideways_and_a_cell_is_a_sheet(browse: Opener, width: int) -> None:
    page = browse(viewport={"width": width, "height": 720}, has_touch=True, reduced_motion="reduce")
    assert sideways(page) == 0
    expect(page.locator(".memo .tm").first).to_be_visible()
    cell_at(page, "15:30").tap()
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


def test_on_a_phone_a_wide_table_scrolls_by_itself(browse: Opener) -> None:
    assert sideways(browse(SHEET, viewport={"width": 390, "height": 844})) == 0


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
@pytest.mark.parametrize("path", [DAY, "opened", "/diary?date=2026-11-15", f"{DAY}&tz=UTC", SHEET])
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
    cell_at(page, "15:30").click()
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
