"""The page in a real browser: frames a second while its ladder changes much, and how soon a chain is on the screen."""

import statistics
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.rows import Bound, Row
from benchmarks.settings import EACH_SIDE, BenchSettings, say
from tests.support.page_site import SPOTS, SPX, PageSite, page_site, rows_of
from tests.support.visit import CHROMIUM, Visit, chromium

_NAME = "page"
_CHANGES = 100  # contracts ten times a second, a bid and an ask each: 2,000 cells a second
_RATE = """(seconds) => new Promise((done) => {
  let frames = 0;
  const begin = performance.now();
  const count = (now) => {
    frames += 1;
    if (now - begin < seconds * 1000) requestAnimationFrame(count);
    else done(frames / ((now - begin) / 1000));
  };
  requestAnimationFrame(count);
})"""
_FIRST_CHAIN = """new MutationObserver((_, observer) => {
  if (!document.querySelector(".rung")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { globalThis.chainShown = performance.now(); }));
}).observe(document, { childList: true, subtree: true });"""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure(settings: BenchSettings) -> list[Row]:
    """Both, on a gateway and a store of their own.

    Raises:
        RuntimeError: without a browser.
    """
    if CHROMIUM is None:
        raise RuntimeError("there is no chromium: apt-get install chromium")
    with page_site(settings.room(_NAME)) as site, chromium() as browser:
        site.market.load(SPX, rows_of(SPX, SPOTS["SPX"], 5.0, EACH_SIDE))
        return [*_first_chain(settings, browser, site), *_frames(settings, browser, site)]


def _first_chain(settings: BenchSettings, browser: Browser, site: PageSite) -> list[Row]:
    say(f"{_NAME}: first paint with a chain")
    seen = [_one_visit(browser, site) for _ in range(settings.times(7, 2))]
    chain_s, paint_s = (statistics.median(times) / 1000 for times in zip(*seen, strict=True))
    return [
        Row(measure=_NAME, what="chain on the screen, after the address was opened, median", figure=chain_s, unit="s",
            baseline=paint_s, beside="first paint of the page without it", must=Bound(1)),
    ]  # fmt: skip


def _one_visit(browser: Browser, site: PageSite) -> tuple[float, float]:
    """Ms until the chain is on the screen, and until anything is. A browser that was never here: nothing is in its cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(_FIRST_CHAIN)
        page.goto(f"{site.base}/?symbol=SPX")
        page.wait_for_function("() => globalThis.chainShown")
        return float(page.evaluate("() => chainShown")), float(page.evaluate(_PAINTED))
    finally:
        context.close()


def _frames(settings: BenchSettings, browser: Browser, site: PageSite) -> list[Row]:
    seconds = settings.length_s(10, 3)
    idle = _idle(browser, seconds)
    say(f"{_NAME}: frames while 2,000 cells change a second")
    site.market.changes_each = _CHANGES
    seen = Visit(browser, site.base).settled()
    try:
        seen.page.wait_for_timeout(2_000)
        before = _cells(seen.page)
        rate = seen.page.evaluate(_RATE, seconds)
        cells = (_cells(seen.page) - before) / seconds
    finally:
        seen.context.close()
    return [
        Row(measure=_NAME, what=f"frames while {cells:,.0f} cells change a second, {2 * EACH_SIDE + 1} strikes", figure=rate,
            unit="frames/s", baseline=idle, beside="an empty page", must=Bound(50, at_most=False)),
        Row(measure=_NAME, what="cells that changed on the screen", figure=cells, unit="cells/s", short=False,
            must=Bound(1_800, at_most=False)),
    ]  # fmt: skip


def _idle(browser: Browser, seconds: float) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto("about:blank")
        return float(page.evaluate(_RATE, seconds))
    finally:
        context.close()


def _cells(page: Page) -> int:
    counted: Any = page.evaluate("() => marketswarm.ladder.flashes.count")
    return int(counted)
