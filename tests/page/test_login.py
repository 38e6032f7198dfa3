"""The page from another machine: the gateway asks for its token, once, and the page then shows all; and what became of a wish."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.gateway import STRANGER, TOKEN, running_gateway
from tests.support.known_day import KnownDay
from tests.support.visit import Visit

SLOTS = (6800.0, 6801.0, 6803.0)


@pytest.fixture
def page(browser: Browser, day: KnownDay, valkey_url: str, clock) -> Iterator[Page]:
    """The page as somebody on another machine opens it."""
    day.trade(*SLOTS)
    with running_gateway(valkey_url, clock=clock, API_TOKEN=TOKEN) as gateway:
        visit = Visit(browser, gateway.base, "?symbol=SPX", extra_http_headers=STRANGER)
        yield visit.page
        visit.context.close()
        assert [text for text in visit.own_problems if "401" not in text] == []
        assert visit.foreign == []


def enter(page: Page, token: str) -> None:
    """Give the dialog a token."""
    page.get_by_label("Token", exact=True).fill(token)
    page.get_by_role("button", name="Go on").click()


def test_nothing_is_shown_before_the_token(page: Page):
    """One dialog for all that is refused; a wrong token is said to be one."""
    expect(page.locator("#token-title")).to_have_text("This gateway asks for its token")
    expect(page.locator(".rung")).to_have_count(0)

    enter(page, "not the one of sixteen")
    expect(page.locator("#token-title")).to_have_text("That is not its token")
    enter(page, TOKEN)

    page.locator(".rung").first.wait_for(state="attached")
    expect(page.locator("#structure-words")).to_contain_text("stands")
    expect(page.locator("#token-dialog")).to_be_hidden()
    page.wait_for_function("() => marketswarm.store.get('feed').connection === 'open'")
    assert TOKEN not in page.evaluate("() => document.cookie + JSON.stringify(localStorage) + location.href")


def test_whoever_gives_none_is_asked_again_by_a_wish(page: Page):
    """The dialog does not come back by itself; with a session the page begins anew."""
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#toast")).to_have_text("SPX: the gateway's token is needed; Refresh asks for it")
    expect(page.locator("#token-dialog")).to_be_hidden()

    wishes = []
    page.on("request", lambda request: wishes.append(request.url) if "/refresh/" in request.url else None)
    page.get_by_role("button", name="Refresh").click()
    enter(page, TOKEN)

    page.locator(".rung").first.wait_for(state="attached")
    assert len(wishes) == 1  # a page that is about to go does not send it again


def test_a_wish_that_failed_says_why(day: KnownDay, look):
    """To everybody: by a line that stays for some seconds, and by one that is read out."""
    day.trade(*SLOTS)
    page = look()
    failed = {"state": "FAILURE", "error": "the vendor does not answer"}
    page.route("**/api/v1/refresh/*", lambda route: route.fulfill(json={"task_id": "one"}))
    page.route("**/api/v1/tasks/one", lambda route: route.fulfill(json=failed))
    page.get_by_role("button", name="Refresh").click()

    expect(page.locator("#toast")).to_have_text("SPX: refresh failed, the vendor does not answer")
    expect(page.locator("#said")).to_have_text("SPX: refresh failed, the vendor does not answer")
