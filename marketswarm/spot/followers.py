"""What is asked for after a tick. A broker that is away must not cost the tick anything: it is published by then."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog

log = structlog.get_logger("marketswarm.spot")


def ask_each(ask: Callable[[str], Any], symbols: Iterable[str], what: str) -> int:
    """Ask for each symbol, up to the first that fails; how many were asked for. The next tick asks again."""
    asked = 0
    for symbol in symbols:
        try:
            ask(symbol)
        except Exception as error:  # noqa: BLE001  whatever the broker's library raises
            log.warning("not requested", what=what, symbol=symbol, error=str(error))
            break
        asked += 1
    return asked
