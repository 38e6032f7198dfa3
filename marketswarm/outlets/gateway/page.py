"""The page: files of this package, which a browser asks after each time and is sent again only when they have changed."""

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles


class PageFiles(StaticFiles):
    """The folder, each file with an `etag` and `no-cache`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    def file_response(
        self,
        full_path: Any,
        stat_result: os.stat_result,
        scope: MutableMapping[str, Any],
        status_code: int = 200,
    ) -> Response:
        """One file, or that it has not changed."""
        return _fresh(super().file_response(full_path, stat_result, scope, status_code))


def index(folder: Path, request: Request) -> Response:
    """The page itself.

    Raises:
        HTTPException: 404 when the folder has none.
    """
    file = folder / "index.html"
    if not file.is_file():
        raise HTTPException(404, "the page is not installed")
    return PageFiles(folder).file_response(file, file.stat(), request.scope)


def _fresh(answer: Response) -> Response:
    answer.headers["cache-control"] = "no-cache"
    return answer
