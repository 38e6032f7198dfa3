"""The measures, one a file, each with `measure(settings) -> list[Row]`; listed in the order in which they run."""

NAMES = (
    "load",
    "stream",
    "busy",
    "capacity",
    "bursts",
    "recording",
    "script",
    "greeks",
    "vigil",
    "vexy",
    "gateway",
    "page",
    "heartbeat",
    "up",
    "drift",
    "growth",
    "simulator",
    "peers",
)
