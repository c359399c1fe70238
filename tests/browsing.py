"""A real browser that looks at a real diary, and complains aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import workday
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    Opener = Callable[..., Page]

CHROMIUM = "/usr/bin/chromium"
DESK = {"width": 1408, "height": 900}
DAY = f"/diary?date={workday.DATE}"


@pytest.fixture(scope="session")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[workday.Freelancer]:
    """A freelancer whose Thursday is delivered to a running server."""
    with workday.served(tmp_path_factory.mktemp("server")) as freelancer:
        for client, agreed in workday.CONTRACTS.items():
            freelancer.agree(client, *agreed)
        freelancer.work(*workday.EARLIER, *workday.THURSDAY)
        yield freelancer


@pytest.fixture(scope="session")
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


def cell_at(page: Page, sentence: str) -> Locator:
    """Return the cell whose sentence begins like that."""
    return page.locator(f'.cell[aria-label^="{sentence}"]')


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
