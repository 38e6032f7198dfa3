"""The page for everybody: axe's rules, and the table as those who hear it have it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.visit import DESK, PHONE, TABLET


def violations(page: Page) -> list[str]:
    """What axe finds, with the elements that it is about."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit, scheme: str) -> None:
    """No rule of axe is broken, at any width, in both colour schemes."""
    page = visit(scheme=scheme).settled().page
    expect(page.locator(".told-row").first).to_be_attached()
    for width, height in (DESK, TABLET, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".ladder")).to_have_attribute(
            "data-size", "narrow" if width == PHONE[0] else "wide"
        )
        assert violations(page) == []


def test_the_ladder_is_a_table(visit) -> None:
    """The ladder is a table with a caption, column headers and the strike as each row's header; no cell speaks by itself."""
    page = visit().settled().page
    table = page.get_by_role(
        "table", name="SPX options of 2026-11-23 by strike, calls on the left, puts on the right"
    )
    expect(table.get_by_role("rowheader")).to_have_count(61)
    expect(table.get_by_role("rowheader", name="6,800", exact=False).first).to_be_attached()
    expect(table.get_by_role("columnheader", name="Strike")).to_be_attached()
    assert page.locator("table [aria-live]").count() == 0


def test_a_change_of_state_is_said_once(visit, site) -> None:
    """Those who listen hear that the feed is stale, and not its age each second."""
    page = visit().settled().page
    page.evaluate(
        """() => { globalThis.heard = [];
          new MutationObserver(() => heard.push(document.getElementById("said").textContent))
            .observe(document.getElementById("said"), { childList: true, characterData: true, subtree: true }); }"""
    )
    site.market.rest()
    try:
        expect(page.locator("#band")).to_contain_text("Stale")
        before = page.locator("#band").inner_text()
        expect(page.locator("#band")).not_to_have_text(before)
    finally:
        site.market.run()
    assert [text[:11] for text in page.evaluate("() => heard")] == ["SPX: Stale:"]
