"""The page on all of `marketswarm up --sim`: a chain that really streams, a reload by a real worker, a stream worker that hangs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.support.free_ports import free_port
from tests.support.page_site import wait_until
from tests.support.visit import Visit

PATIENT_S = 90.0
pytestmark = pytest.mark.timeout(240)


class Up:
    """A running `up` of one symbol."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        others = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MASSIVE_", "MARKETSWARM_"))
        }
        mine = {"MARKETSWARM_STATE_DIR": str(folder / "state"), "MARKETSWARM_HTTP_PORT": str(port)}
        with (folder / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "marketswarm", "up", "--sim", "--no-flower", "--symbols", "SPY"],
                env=others | mine, cwd=folder, stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def is_ready(self) -> bool:
        """Whether the chain is live."""
        assert self.process.poll() is None
        try:
            return requests.get(f"{self.base}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def stream_workers(self) -> list[psutil.Process]:
        """The stream worker, and what it started."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in family if "--streams" in process.cmdline()]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """It, until the test is over."""
    running = Up(tmp_path)
    try:
        wait_until("live chain", running.is_ready, PATIENT_S)
        yield running
    finally:
        running.process.send_signal(signal.SIGINT)
        running.process.wait(40)


def test_from_a_live_chain_to_a_stale_one(browser: Browser, up: Up) -> None:
    """The ladder streams; Refresh shows the task up to its end; a stream worker that hangs makes the page stale."""
    seen = Visit(browser, up.base)
    page = seen.page
    page.locator(".flash-up, .flash-down").first.wait_for(state="attached")
    expect(page.locator("#pulse")).to_contain_text("updating")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#said")).to_contain_text(re.compile("SPY: (loaded|a load was)"), timeout=30_000)
    expect(page.get_by_role("button", name="Refresh")).to_be_enabled()
    expect(page.locator("#band")).to_be_hidden()
    workers = up.stream_workers()
    for worker in workers:
        worker.suspend()
    try:
        expect(page.locator("#band")).to_contain_text("Stale")
    finally:
        for worker in workers:
            worker.resume()
    assert (seen.own_problems, seen.foreign) == ([], [])
    seen.context.close()
