"""Draw docs/pictures/page-*: the real page in a real browser, over a real `marketswarm up` on the simulator."""

import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from make_picture import plain_environment, running_up, wait_until_live
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from marketswarm.client import Client
from marketswarm.errors import GatewayUnavailable
from tests.support.free_ports import free_port

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
UP = ("--start", "2026-11-24 09:29", "--scenario", "jump")
"""A Tuesday from before the bell, whenever it is drawn; a jump comes within three minutes, so that there is something to see."""
DESK, PHONE = {"width": 1600, "height": 1000}, {"width": 390, "height": 844}
TICKS, EVENTS, MESSAGES, PATIENCE_S = 24, 3, 2, 400.0
SECONDS, FRAMES_PER_S, WIDTH, COLOURS, MOST_BYTES = 8, 4, 960, 128, 2_000_000


def main() -> None:
    """Draw them all."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = plain_environment() | {
            "MARKETSWARM_STATE_DIR": folder,
            "MARKETSWARM_HTTP_PORT": str(port),
            "MARKETSWARM_SESSION": "calendar",
        }
        with running_up(environment, *UP), chromium() as browser:
            wait_until_live(environment)
            client = Client(f"http://127.0.0.1:{port}")
            wait_for_a_day(client)
            FOLDER.mkdir(parents=True, exist_ok=True)
            for scheme in ("dark", "light"):
                shoot(browser, client.url, FOLDER / f"page-{scheme}.png", scheme, DESK)
            shoot(browser, client.url, FOLDER / "page-phone.png", "dark", PHONE, scale=2)
            animate(browser, client.url, FOLDER / "page.gif")


def wait_for_a_day(client: Client) -> None:
    """Wait until there is something to see: a line of spot, events, messages; or what there is after some minutes."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        try:
            if is_told_of(client):
                return
        except GatewayUnavailable:
            pass
        time.sleep(1)
    print("the day stayed quiet: the pictures show what there is", file=sys.stderr)


def is_told_of(client: Client) -> bool:
    """Whether the first symbol's page has what is to be shown."""
    symbol = client.symbols()[0]
    return (
        len(client.spot(symbol).ticks) >= TICKS
        and len(client.events([symbol])) >= EVENTS
        and len(client.messages([symbol])) >= MESSAGES
    )


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own browser; none is downloaded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        sys.exit("no chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()


def shoot(
    browser: Browser, url: str, target: Path, scheme: str, size: dict[str, int], *, scale: float = 1
) -> None:
    """One picture of the page as it is after some seconds."""
    context, page = open_page(browser, url, scheme, size, scale)
    image = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    # 256 colours are enough for a page of few, and a fifth of the bytes.
    image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
    tell(target)


def animate(browser: Browser, url: str, target: Path) -> None:
    """Some seconds of the page, the second half of them of the next symbol."""
    context, page = open_page(browser, url, "dark", DESK, 1)
    frames, begin_s = [], time.monotonic()
    for number in range(SECONDS * FRAMES_PER_S):
        if number == SECONDS * FRAMES_PER_S // 2:
            page.keyboard.press("2")
        frames.append(small(page.screenshot()))
        time.sleep(max(0.0, begin_s + (number + 1) / FRAMES_PER_S - time.monotonic()))
    context.close()
    palette = beside(frames[0], frames[-1]).quantize(COLOURS, Image.Quantize.FASTOCTREE)
    first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    first.save(
        target, save_all=True, append_images=rest, duration=1000 // FRAMES_PER_S, loop=0, optimize=True
    )
    tell(target)
    if target.stat().st_size > MOST_BYTES:
        sys.exit(f"{target.name} has more than {MOST_BYTES:,} bytes: fewer frames or colours")


def open_page(
    browser: Browser, url: str, scheme: str, size: dict[str, int], scale: float
) -> tuple[BrowserContext, Page]:
    """The page, live, and some seconds old."""
    context = browser.new_context(color_scheme=scheme, viewport=size, device_scale_factor=scale)
    page = context.new_page()
    page.goto(url)
    page.locator(".rung").first.wait_for(state="attached")
    page.wait_for_timeout(5_000)
    return context, page


def small(png: bytes) -> Image.Image:
    """A frame in the width of the animated picture."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two frames as one, so that the colours of both are found."""
    both = Image.new("RGB", (left.width + right.width, left.height))
    both.paste(left)
    both.paste(right, (left.width, 0))
    return both


def tell(target: Path) -> None:
    """What was drawn."""
    print(f"{os.path.relpath(target)}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
