"""Events of all symbols as Vigil's evaluations tell them: each written to the stream, then Vexy asked to speak.

Orders: `tell`, and `plain`, which asks a worker of an app with nothing else in it to write as many entries.
"""

from benchmarks.children.orders import serve_orders
from benchmarks.children.ticks import plain, tick
from marketswarm import keys
from marketswarm.model.event import Event, Fact
from marketswarm.own_swarm import swarm
from tasks.vexy import speak_of_events


def event_of(symbol: str, number: int, ts: int) -> Event:
    """A jump that is always told, since it is critical."""
    name = f"{symbol}-{number}"
    return Event(
        id=name,
        episode=name,
        type="spot_jump",
        symbol=symbol,
        state="enter",
        direction="down" if number % 2 else "up",
        key=str(number),
        severity=90,
        importance="critical",
        ts=ts,
        title="Spot moved 11.2 bp in 10 s",
        evidence={
            "return": Fact(value=-11.2, unit="basis points", as_of=ts),
            "change": Fact(value=-7.6, unit="points", as_of=ts),
            "interval": Fact(value=10, unit="seconds", as_of=ts),
            "statistic": Fact(value=12.9, unit="sigmas", as_of=ts),
            "pace": Fact(value=0.87, unit="basis points", as_of=ts),
        },
        method="Lee-Mykland statistic on ten-second returns",
        version=1,
    )


def tell(number: int, symbols: list[str], ts: int) -> None:
    """One event of each symbol, of the tick at that moment."""
    for symbol in symbols:
        event = event_of(symbol, number, ts)
        swarm().redis.xadd(keys.VIGIL_EVENTS, {"event": event.model_dump_json(exclude_none=True)})
        speak_of_events.apply_async(expires=8, retry=False)


def main() -> None:
    """Serve."""
    serve_orders({"tell": tell, "plain": plain, "tick": tick})


if __name__ == "__main__":
    main()
