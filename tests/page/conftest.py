"""A browser, and a page on a day of which all is known."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.gateway import running_gateway
from tests.support.page_site import PageSite, interest_of
from tests.support.vigil_rig import VigilRig, watch_on


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        yield browser
        browser.close()


@pytest.fixture
def site(valkey_url, redis, store, clock, commit) -> Iterator[PageSite]:
    """A chain with walls at 6,750 and 6,850, three minutes of ticks, the gateway."""
    rig = VigilRig(redis, store, clock, commit)
    rig.load(interest=interest_of())
    rig.watch = watch_on(redis, clock)
    with running_gateway(valkey_url, clock=clock) as gateway:
        yield PageSite(rig, gateway.base)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of a desk."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    yield context.new_page()
    context.close()
