"""One site and one browser for all tests of the page that run in one process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.gateway import running_gateway
from tests.support.known_day import KnownDay, interest_of
from tests.support.page_site import PageSite, page_site
from tests.support.vigil_rig import VigilRig, watch_on
from tests.support.visit import CHROMIUM, Visit, chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests need a browser, and start processes."""
    for item in items:
        if "page" in item.path.parts:
            item.add_marker(pytest.mark.processes)
            item.add_marker(
                pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")
            )


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageSite]:
    """The site; a test that kills or silences a part of it brings it back."""
    with page_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser: Browser, site: PageSite) -> Iterator[Callable[..., Visit]]:
    """Opens the page: `visit("?symbol=SPY", size=PHONE, scheme="light")`. At the end, nothing may have gone wrong on it."""
    with visits(browser, site.base) as open_page:
        yield open_page


@pytest.fixture
def day(valkey_url, redis, store, clock, commit) -> Iterator[KnownDay]:
    """A chain with walls at 6,750 and 6,850, at 10:00 in New York; nothing of it moves by itself."""
    rig = VigilRig(redis, store, clock, commit)
    rig.load(interest=interest_of())
    rig.watch = watch_on(redis, clock)
    with running_gateway(valkey_url, clock=clock) as gateway:
        yield KnownDay(rig, gateway.base)


@pytest.fixture
def look(browser: Browser, day: KnownDay) -> Iterator[Callable[..., Page]]:
    """Opens the page on that day, as `visit` does on the moving one; the page, once its ladder stands."""
    with visits(browser, day.base) as open_page:

        def looked(**more: Any) -> Page:
            page = open_page("?symbol=SPX", **more).page
            page.locator(".rung").first.wait_for(state="attached")
            return page

        yield looked


@contextmanager
def visits(browser: Browser, base: str) -> Iterator[Callable[..., Visit]]:
    """Visits to a site for the time of the block."""
    opened: list[Visit] = []

    def open_page(query: str = "", **more: Any) -> Visit:
        opened.append(Visit(browser, base, query, **more))
        return opened[-1]

    yield open_page
    for each in opened:
        each.context.close()
    assert [(each.own_problems, each.foreign) for each in opened] == [([], [])] * len(opened)
