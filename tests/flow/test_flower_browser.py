"""The refresh page in a real browser."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from refresh_site import PASSWORD, USER, RefreshSite, refresh_site

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefreshSite]:
    """One site for the whole file."""
    with refresh_site(tmp_path_factory.mktemp("site"), FLOWER_BASIC_AUTH=f"{USER}:{PASSWORD}") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the whole file."""
    # Chromium's own sandbox does not start for root, as in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


class Visit:
    """A logged-in page, with what went wrong on it and where its requests went."""

    def __init__(self, browser: Browser, site: RefreshSite, scheme: str) -> None:
        self.context = browser.new_context(
            http_credentials={"username": USER, "password": PASSWORD}, color_scheme=scheme
        )
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.foreign: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, site.base))
        self.page.goto(f"{site.base}/refresh")

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _note(self, url: str, base: str) -> None:
        if not url.startswith((base, "data:")):
            self.foreign.append(url)


@pytest.fixture(params=["light", "dark"])
def visit(request: pytest.FixtureRequest, browser: Browser, site: RefreshSite) -> Iterator[Visit]:
    """The page as a person with either theme finds it."""
    found = Visit(browser, site, request.param)
    yield found
    found.context.close()


def test_reload_to_done(visit: Visit, site: RefreshSite) -> None:
    """Picking a symbol and pressing the button shows the progress up to done, and the refresh in the list below."""
    page = visit.page
    page.get_by_label("Symbol").select_option("SPY")
    page.get_by_label("Strikes each side").fill("3")
    page.get_by_label("Expiration").fill("2026-11-23")
    bar = page.get_by_role("progressbar", name="Progress of SPY")
    with site.held("contracts"):
        page.get_by_role("button", name="Start").click()
        expect(page.locator(".refresh-run .refresh-words")).to_have_text("contracts")
        expect(bar).to_have_attribute("value", "50")
        expect(page.get_by_role("status")).to_have_text("SPY started")
    expect(page.get_by_role("status")).to_have_text("SPY done, 14 contracts")
    assert bar.get_attribute("value") == "100"
    first = page.locator("#refresh-recent tbody tr").first
    expect(first).to_contain_text("SPY")
    expect(first).to_contain_text("2026-11-23")
    assert (visit.problems, visit.foreign) == ([], [])


def test_by_keyboard(visit: Visit) -> None:
    """The form can be filled and sent without a mouse."""
    page = visit.page
    page.get_by_label("Symbol").focus()
    page.keyboard.press("End")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator(".refresh-run")).to_have_count(2)
    for symbol in ("SPX", "SPY"):
        expect(page.locator(".refresh-run", has_text=symbol)).to_contain_text("done, 10 contracts")
    assert visit.problems == []


def test_refused_value(visit: Visit) -> None:
    """A value that is refused is explained at its field, which takes the focus; nothing is started."""
    page = visit.page
    page.get_by_label("Strikes each side").fill("-4")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#refresh-strikes-error")).to_have_text(
        "strikes_each_side is -4; allowed: a whole number from 1 to 500"
    )
    field = page.get_by_label("Strikes each side")
    expect(field).to_be_focused()
    assert field.get_attribute("aria-invalid") == "true"
    expect(page.get_by_role("status")).to_contain_text("Not started")
    expect(page.locator(".refresh-run")).to_have_count(0)


def test_words_stay_words(visit: Visit) -> None:
    """Markup in an error is shown as it is, beside the task and in the list below."""
    page = visit.page
    page.get_by_label("Expiration").fill("2001-01-01")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".refresh-words")).to_have_text("failure: no <b>such</b> expiration")
    expect(page.locator("#refresh-recent tbody tr").first).to_contain_text("no <b>such</b> expiration")
    assert page.locator(".refresh-page b").count() == 0
    assert visit.problems == []


def test_theme(visit: Visit) -> None:
    """The page follows Flower's theme: text and ground of a card differ enough to be read (at least 4.5 to 1)."""
    ratio = visit.page.evaluate(
        """() => {
          const card = getComputedStyle(document.querySelector(".refresh-card"));
          const light = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          }).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
          const [low, high] = [light(card.color), light(card.backgroundColor)].sort((a, b) => a - b);
          return (high + 0.05) / (low + 0.05);
        }"""
    )
    assert ratio >= 4.5


def test_link_from_flowers_pages(visit: Visit, site: RefreshSite) -> None:
    """The link in the navigation bar of Flower's own pages leads here, and is marked as the present page."""
    page = visit.page
    page.goto(f"{site.base}/tasks")
    page.get_by_role("link", name="Refresh", exact=True).click()
    expect(page.get_by_role("heading", name="Refresh", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Refresh", exact=True)).to_have_attribute("aria-current", "page")
    assert visit.problems == []
