"""How the page joins Flower."""

from pathlib import Path

import flower.urls
import pytest

from marketswarm.announcement import RunningLock
from marketswarm.outlets.flower_page import install_refresh_page
from marketswarm.outlets.flower_page.handlers import crosses_sites
from marketswarm.outlets.flower_page.templates import template_loader, with_link


@pytest.fixture
def _own_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flower.urls, "handlers", list(flower.urls.handlers))
    monkeypatch.setattr(flower.urls, "settings", dict(flower.urls.settings))


@pytest.mark.usefixtures("_own_urls")
def test_before_the_catch_all() -> None:
    """The page's addresses stand before Flower's catch-all, and Flower's keep their order."""
    before = list(flower.urls.handlers)
    install_refresh_page(lambda _count: [], ("SPX",))
    names = [getattr(handler, "name", None) for handler in flower.urls.handlers]
    assert names[-6:-1] == [
        "refresh",
        "refresh-start",
        "refresh-progress",
        "refresh-recent",
        "refresh-static",
    ]
    assert flower.urls.handlers[-1] is before[-1]
    assert flower.urls.handlers[: len(before) - 1] == before[:-1]


@pytest.mark.usefixtures("_own_urls")
def test_twice_is_once() -> None:
    """Installing the page again changes nothing."""
    install_refresh_page(lambda _count: [], ("SPX",))
    once = list(flower.urls.handlers)
    install_refresh_page(lambda _count: [], ("SPY",))
    assert flower.urls.handlers == once


@pytest.mark.usefixtures("_own_urls")
def test_symbols_of_a_running_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a list of its own, the page offers the symbols with which a running `up` runs."""
    monkeypatch.setenv("MARKETSWARM_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("MARKETSWARM_SYMBOLS", raising=False)
    with RunningLock(tmp_path) as lock:
        lock.announce({"MARKETSWARM_SYMBOLS": "IWM,AAPL"})
        install_refresh_page(lambda _count: [])
    page = next(handler for handler in flower.urls.handlers if getattr(handler, "name", None) == "refresh")
    assert page.kwargs["desk"].symbols == ("IWM", "AAPL")


def test_link_in_the_navigation() -> None:
    """Flower's navigation bar gets the link once, at the end of its own list of pages."""
    folder = Path(flower.urls.settings["template_path"])
    navbar = template_loader(folder).dict["navbar.html"]
    assert navbar.count("reverse_url('refresh')") == 1
    assert navbar.index("reverse_url('broker')") < navbar.index("reverse_url('refresh')")
    assert navbar.index("reverse_url('refresh')") < navbar.index("theme-toggle")


def test_unknown_navigation() -> None:
    """A navigation bar without a list is left as it is."""
    assert with_link("<nav></nav>") == "<nav></nav>"


def test_every_template_of_flower_is_kept() -> None:
    """All of Flower's templates can still be loaded and compiled."""
    folder = Path(flower.urls.settings["template_path"])
    loader = template_loader(folder)
    names = {path.name for path in folder.glob("*.html")}
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == names
    for name in names | {"refresh.html"}:
        loader.load(name)


@pytest.mark.parametrize(
    ("fetch_site", "origin", "crosses"),
    [
        ("same-origin", "http://evil.example", False),
        ("none", None, False),
        ("cross-site", None, True),
        ("same-site", None, True),
        (None, "http://127.0.0.1:5555", False),
        (None, "http://evil.example", True),
        (None, "null", True),
        (None, None, False),
    ],
)
def test_crosses_sites(fetch_site: str | None, origin: str | None, crosses: bool) -> None:
    """The browser's own word decides; without it the origin must be this very host; programs send neither."""
    assert crosses_sites(fetch_site, origin, "127.0.0.1:5555") is crosses
