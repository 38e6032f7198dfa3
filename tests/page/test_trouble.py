"""The page when something is wrong: the feed stops, the gateway goes and comes back, entries are lost."""

import pytest
from playwright.sync_api import expect

from tests.support.page_site import SPX, PageSite, rows_of, wait_until

FRESHNESS_TIMES = """async () => {
    const [{ SILENT_MS }, { LOOK_MS }] = await Promise.all([import("/static/js/freshness.js"), import("/static/js/trust.js")]);
    return [SILENT_MS, LOOK_MS]; }"""


@pytest.fixture
def silence(site: PageSite):
    """Ends with a market that moves again."""
    yield site.market.rest
    site.market.run()


def test_stale_within_five_seconds(visit, site: PageSite, silence) -> None:
    """When the feed stops, the page says so within five seconds: in a band, a pill, the tab and the title; and is well again after.

    The five seconds are by the page's own figures, after which silence is too long and how often it looks: a machine that is busy
    elsewhere shows nothing in time.
    """
    page = visit().settled().page
    silent_ms, look_ms = page.evaluate(FRESHNESS_TIMES)
    assert silent_ms + look_ms <= 5_000
    expect(page.locator("#band")).to_be_hidden()
    silence()
    expect(page.locator("#band")).to_contain_text("Stale")
    expect(page.locator(".pill", has_text="STALE")).to_be_visible()
    expect(page.locator(".tab[aria-current] .tab-state")).to_have_text("stale")
    expect(page).to_have_title(r"SIM · STALE · SPX 6,801.50 · MarketSwarm")
    site.market.run()
    expect(page.locator("#band")).to_be_hidden()


def test_resumes_after_the_gateway_is_killed(visit, site: PageSite) -> None:
    """The gateway is killed and restarted: the page says so, comes back by itself, and no event is lost or shown twice."""
    seen = visit().settled()
    page = seen.page
    before = seen.state("events")
    site.kill()
    expect(page.locator("#band")).to_contain_text("Connection lost")
    expect(page.locator(".pill", has_text="LOST")).to_be_visible()
    told = [site.market.tell(f"While away {at}") for at in range(30)]
    site.start()
    told += [site.market.tell(f"After {at}") for at in range(3)]
    expect(page.locator("#band")).to_be_hidden()
    wanted = [event["id"] for event in before] + told
    wait_until("page with every event", lambda: len(seen.state("events")) >= len(wanted))
    assert sorted(event["id"] for event in seen.state("events")) == sorted(wanted)
    site.market.rest()
    try:
        wait_until("page that holds the chain as it is stored", lambda: seen.held() == site.stored())
    finally:
        site.market.run()


def test_a_gap_is_read_again(visit, site: PageSite) -> None:
    """A jump in seq makes the page read the chain again, and hold exactly what is stored."""
    seen = visit().settled()
    seen.page.evaluate("() => { marketswarm.feed.held.get('SPX').chain.seq -= 1; }")
    site.market.rest()
    try:
        wait_until("page that holds the chain as it is stored", lambda: seen.held() == site.stored())
    finally:
        site.market.run()


def test_new_strikes(visit, site: PageSite) -> None:
    """Strikes that are loaded while somebody looks appear in the ladder and are marked new, for five seconds."""
    page = visit().settled().page
    rows = rows_of(SPX, 6_801.5, 5.0, each_side=32)
    beyond = [row for row in rows if row.strike > 6_950]
    site.market.load(SPX, beyond, whole=False)
    try:
        fresh = page.locator(".rung[data-new]")
        expect(fresh).to_have_count(2)
        expect(fresh.first.locator(".tag", has_text="new")).to_be_attached()
        expect(fresh).to_have_count(0)
    finally:
        site.market.load(SPX, rows_of(SPX, 6_801.5, 5.0))
    expect(page.locator(".rung")).to_have_count(61)
