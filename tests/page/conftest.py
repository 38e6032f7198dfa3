"""One site and one browser for all tests of the page that run in one process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.page_site import PageSite, page_site
from tests.support.visit import CHROMIUM, Visit, chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests need a browser, and start processes."""
    for item in items:
        if "page" in item.path.parts:
            item.add_marker(pytest.mark.processes)
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageSite]:
    """The site; a test that kills or silences a part of it brings it back."""
    with page_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser: Browser, site: PageSite) -> Iterator[Callable[..., Visit]]:
    """Opens the page: `visit("?symbol=SPY", size=PHONE, scheme="light")`. At the end, nothing may have gone wrong on it."""
    opened: list[Visit] = []

    def open_page(query: str = "", **more: Any) -> Visit:
        opened.append(Visit(browser, site.base, query, **more))
        return opened[-1]

    yield open_page
    for each in opened:
        each.context.close()
    assert [(each.own_problems, each.foreign) for each in opened] == [([], [])] * len(opened)
