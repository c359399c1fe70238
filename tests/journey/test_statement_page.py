"""A week's statement in a real browser: reached from the diary, on a phone, in the dark, without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import workday
from axe_playwright_python.sync_playwright import Axe
from browsing import DAY, sideways
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browsing import Opener

_SMALL = """[...document.querySelectorAll('main a, main button, main summary')].filter(e => e.offsetParent)
    .map(e => [e.getBoundingClientRect(), e.textContent.trim()])
    .filter(([box]) => box.height < 40 || box.width < 44).map(([, text]) => text)"""


@pytest.fixture
def statement(me: workday.Freelancer) -> str:
    """Where the busiest week is."""
    return f"/contracts/{me.contracts['Fennel & Co']}/weeks/2026-W47"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1408, 390])
def test_the_statement_breaks_no_rule_of_accessibility(
    browse: Opener, statement: str, scheme: str, width: int
) -> None:
    page = browse(statement, viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert sideways(page) == 0


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_it_fits_and_every_target_is_large_enough(
    browse: Opener, statement: str, width: int
) -> None:
    page = browse(statement, viewport={"width": width, "height": 844})
    assert sideways(page) == 0
    assert page.evaluate(_SMALL) == []


def test_from_the_diary_to_the_week_and_back_without_scripts(browse: Opener) -> None:
    page = browse(f"{DAY}&tz={workday.ZONE}", java_script_enabled=False)
    page.get_by_role("link", name="Statement of week 47").nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Week 47: 16 to 22 November 2026")
    expect(page.locator(".amount")).to_have_text("USD 580.00")
    expect(page.locator(".tot").first).to_contain_text("10h 00m")
    expect(page.locator(".why-not li")).to_have_count(5)
    page.get_by_label("Week before").click()
    expect(page.get_by_text("Nothing was tracked in this week.")).to_be_visible()
    page.get_by_label("Week after").click()
    page.locator(".why-not li", has_text="No memo").get_by_role("link", name="Thu 19").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday, 19 November 2026")
