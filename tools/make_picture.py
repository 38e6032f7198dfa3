"""Draw docs/pictures/watch.svg: the real `marketswarm watch SPX` over a real `marketswarm up` on the simulator."""

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text
from terminal_screen import screen_text, terminal_program

TARGET = Path(__file__).parents[1] / "docs" / "pictures" / "watch.svg"
COLUMNS, LINES = 120, 40
LIVE_S, WATCHED_S = 120.0, 6.0
MARKETSWARM = (sys.executable, "-m", "marketswarm")


def main() -> None:
    """Draw it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = plain_environment() | {"MARKETSWARM_STATE_DIR": folder}
        with running_up(environment, "--no-web"):
            wait_until_live(environment)
            lines = watch(environment)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(drawn(lines), encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


def plain_environment() -> dict[str, str]:
    """This environment without settings, so that the picture shows the defaults."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("MARKETSWARM_", "MASSIVE_"))
    }


@contextmanager
def running_up(environment: dict[str, str], *options: str) -> Iterator[None]:
    """`marketswarm up` for the time of the block."""
    command = (*MARKETSWARM, "up", "--sim", "--no-flower", *options)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def wait_until_live(environment: dict[str, str]) -> None:
    """Wait until `status` says that all is fresh."""
    end_s = time.monotonic() + LIVE_S
    while time.monotonic() < end_s:
        status = subprocess.run(
            (*MARKETSWARM, "status", "--json"), env=environment, capture_output=True, check=False
        )
        if status.returncode == 0 and flows(json.loads(status.stdout)):
            return
        time.sleep(0.5)
    sys.exit("the chains did not become live")


def flows(document: dict) -> bool:
    """Whether updates have been counted for long enough to be told."""
    return all(seen.get("updates_per_s", 0) > 100 for seen in document["symbols"].values())


def watch(environment: dict[str, str]) -> list[Text]:
    """The screen of `watch` after some seconds."""
    with terminal_program((*MARKETSWARM, "watch", "SPX"), environment, COLUMNS, LINES) as program:
        program.watch(WATCHED_S)
        lines = screen_text(program.screen)
        program.press("q")
        if program.exit_code() != 0:
            sys.exit("watch failed:\n" + program.text())
    return lines


def drawn(lines: list[Text]) -> str:
    """The lines as an SVG of a window."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True
    )
    for line in lines:
        console.print(line, no_wrap=True, soft_wrap=True)
    svg = console.export_svg(title="marketswarm watch SPX", unique_id="watch")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    main()
