"""Where the page's addresses join Flower's."""

from hashlib import sha256
from pathlib import Path

import flower.urls
from tornado.web import StaticFileHandler, url

from marketswarm.outlets.flower_page.desk import RefreshDesk
from marketswarm.outlets.flower_page.handlers import (
    RecentRefreshes,
    RefreshPage,
    RefreshProgress,
    StartRefresh,
)
from marketswarm.outlets.flower_page.templates import template_loader

_STATIC = Path(__file__).with_name("static")
_PAGE = "refresh"


def install(desk: RefreshDesk) -> None:
    """Put our addresses in front of Flower's catch-all, once."""
    if any(getattr(handler, "name", None) == _PAGE for handler in flower.urls.handlers):
        return
    flower.urls.handlers[-1:-1] = _routes(desk)
    flower.urls.settings["template_loader"] = template_loader(Path(flower.urls.settings["template_path"]))


def _routes(desk: RefreshDesk) -> list[url]:
    given = {"desk": desk}
    return [
        url(r"/refresh", RefreshPage, {**given, "version": _version()}, name=_PAGE),
        url(r"/refresh/start", StartRefresh, given, name="refresh-start"),
        url(r"/refresh/progress/([0-9A-Za-z_.:-]{1,128})", RefreshProgress, given, name="refresh-progress"),
        url(r"/refresh/recent", RecentRefreshes, given, name="refresh-recent"),
        url(r"/refresh/static/(.+)", StaticFileHandler, {"path": str(_STATIC)}, name="refresh-static"),
    ]


def _version() -> str:
    """Changes with the static files, so that a browser never mixes an old script with a new page."""
    content = b"".join(path.read_bytes() for path in sorted(_STATIC.iterdir()) if path.is_file())
    return sha256(content).hexdigest()[:12]
