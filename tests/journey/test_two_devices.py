"""Two computers at the same time, seen in a real browser: what overlaps, and where it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import workday
from browsing import cell_at
from playwright.sync_api import expect
from workday import Freelancer, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browsing import Opener

_STUDIO = Stretch("Northbeam", "09:00:00", "09:20:00", "Checkout: handle 3-D Secure return")
_TRAIN = Stretch("Fennel & Co", "09:14:18", "09:30:00", "Home page hero: responsive crops", "design")


@pytest.fixture
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Freelancer]:
    """A freelancer whose laptop still tracked on the train when the computer at the studio began."""
    with workday.served(tmp_path_factory.mktemp("two")) as studio:
        for client, agreed in workday.CONTRACTS.items():
            studio.agree(client, *agreed)
        studio.work(_STUDIO)
        laptop = Freelancer(studio.url, studio.token, studio.account, studio.origin)
        laptop.contracts = studio.contracts
        laptop.work(_TRAIN)
        yield studio


@pytest.mark.parametrize("scripts", [True, False])
def test_the_freelancer_counts_doubled_time_where_it_was_worked(browse: Opener, *, scripts: bool) -> None:
    page = browse(java_script_enabled=scripts)
    later = cell_at(page, "09:10, Fennel & Co")
    expect(later).to_contain_text("Overlap 5 min 42 s")
    expect(cell_at(page, "09:10, Northbeam")).not_to_contain_text("Overlap")
    expect(later.locator(".flag .i")).to_be_visible()  # two cells share a column, too narrow for words
    later.click()
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("5 min 42 s not protected")
    expect(panel).to_contain_text("Counted for Northbeam, 09:14:18 – 09:20:00.")
    expect(panel).to_contain_text("until Monday 13:00")

    panel.get_by_role("button", name="Count it here").click()

    expect(cell_at(page, "09:10, Fennel & Co")).not_to_contain_text("Overlap")
    expect(cell_at(page, "09:10, Northbeam")).to_contain_text("Overlap 5 min 42 s")
    expect(panel.get_by_role("button", name="Count it here")).to_have_count(0)
    cell_at(page, "09:10, Northbeam").click()
    expect(panel).to_contain_text("Counted for Fennel & Co, 09:14:18 – 09:20:00.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday, 19 November 2026")
