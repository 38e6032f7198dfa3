"""A visit to the page in a real browser: what it shows, what went wrong on it, and where its requests went."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
DESK, TABLET, PHONE = (1440, 900), (1024, 768), (390, 844)
PATIENCE_MS = 20_000  # for whatever is waited for: the machine may have other things to do
UNREACHED = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE_CHUNKED", "ERR_NETWORK")


class Visit:
    """One page of its own browser context."""

    def __init__(
        self, browser: Browser, base: str, query: str = "", *, size: tuple[int, int] = DESK, scheme: str = "dark",
        **more: Any,
    ) -> None:  # fmt: skip
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, accept_downloads=True, **more
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.problems: list[str] = []
        self.foreign: list[str] = []
        self._base = base
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.goto(f"{base}/{query}")

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _note(self, url: str) -> None:
        if not url.startswith((self._base, "data:", "blob:")):
            self.foreign.append(url)

    @property
    def own_problems(self) -> list[str]:
        """Without those that say no more than that the gateway was away."""
        return [text for text in self.problems if not any(word in text for word in UNREACHED)]

    def settled(self) -> "Visit":
        """The ladder stands, and what is told of the symbol has come."""
        self.page.locator(".rung").first.wait_for(state="attached")
        self.page.locator("#structure-words", has_text="stands").wait_for()
        return self

    def state(self, part: str) -> Any:
        """A part of the page's state."""
        return self.page.evaluate("(part) => marketswarm.store.get(part)", part)

    def held(self, symbol: str = "SPX") -> dict[str, Any]:
        """Ticker → contract as the page holds it, without what the page adds."""
        return self.page.evaluate(
            """(symbol) => Object.fromEntries([...marketswarm.feed.held.get(symbol).chain.contracts]
                .map(([ticker, {exposure, ...contract}]) => [ticker, contract]))""",
            symbol,
        )


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own browser for the time of the block."""
    # Chromium's own sandbox does not start for root, as in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()
