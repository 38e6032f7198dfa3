"""The page loads, shows the chain, and moves."""

from playwright.sync_api import expect

from tests.support.page_site import PageSite, wait_until


def test_loads(visit, site: PageSite) -> None:
    """The page shows tabs, figures and a ladder with every strike of the chain."""
    page = visit().settled().page
    expect(page.locator(".tab")).to_have_count(2)
    expect(page.locator(".rung")).to_have_count(61)
    expect(page.locator("[data-figure=spot] .day-figure-main")).to_have_text("6,801.50")
    expect(page.locator("[data-figure=flip] .day-figure-main")).to_have_text("6,803.3")
    expect(page.locator("#structure-words")).to_contain_text(
        "SPX stands 1.8 below the nearest of 2 gamma flips"
    )


def test_moves(visit, site: PageSite) -> None:
    """What the stream changes is shown within a frame and flashes; the flash is gone when it is over."""
    seen = visit().settled()
    seen.page.locator(".flash-up, .flash-down").first.wait_for(state="attached")
    site.market.rest()
    try:
        expect(seen.page.locator(".flash-up, .flash-down")).to_have_count(0)
        wait_until("page that holds the chain as it is stored", lambda: seen.held() == site.stored())
    finally:
        site.market.run()
