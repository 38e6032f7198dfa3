"""Tasks of the chain: load, reload, extend, roll, attend, audit, poll. Arguments and results are plain JSON."""

from typing import Any

from marketswarm.app import app
from marketswarm.own_swarm import swarm
from tasks.progress import progress_of


@app.task(name="chain.load", bind=True, ignore_result=False)
def load_chain(
    self: Any,
    symbol: str,
    reason: str = "startup",
    strikes_each_side: int | None = None,
    expiration: str | None = None,
    *,
    request: str = "",
    ahead: bool = False,
) -> dict[str, Any]:
    """Load one symbol's chain: spot, expiration, window, rows, one atomic store. `ahead`: those that follow it at the roll."""
    report = swarm().load_chain(
        symbol,
        reason,
        strikes_each_side=strikes_each_side,
        expiration=expiration,
        task_id=self.request.id,
        request=request,
        ahead=ahead,
        progress=progress_of(self),
    )
    return report.as_json()


@app.task(name="chain.reload", bind=True, ignore_result=False)
def reload_chain(
    self: Any, symbol: str, strikes_each_side: int | None = None, expiration: str | None = None
) -> dict[str, Any]:
    """Load one symbol's chain again, because somebody asked; a reload in flight is joined."""
    report = swarm().load_chain(
        symbol,
        "manual",
        strikes_each_side=strikes_each_side,
        expiration=expiration,
        task_id=self.request.id,
        progress=progress_of(self),
    )
    return report.as_json()


@app.task(name="chain.extend", bind=True, ignore_result=False)
def extend_chain(self: Any, symbol: str, strikes_each_side: int | None = None) -> dict[str, Any]:
    """Move one symbol's windows to where spot is: add strikes, then drop those far behind."""
    report = swarm().extend_chain(
        symbol, strikes_each_side=strikes_each_side, task_id=self.request.id, progress=progress_of(self)
    )
    return report.as_json()


@app.task(name="chain.roll")
def roll_chains() -> list[str]:
    """Load the next chains before the close, and put them in force at it."""
    return swarm().roll(_ask_load)


@app.task(name="chain.attend")
def attend_chains() -> list[str]:
    """Mark chains stale that claim to be live while no stream attends to them."""
    return swarm().attend()


@app.task(name="chain.audit")
def audit_chains() -> dict[str, Any]:
    """Compare a slice of one chain with the vendor's snapshot, publish the mismatch rate, and repair."""
    return swarm().audit().as_json()


@app.task(name="chain.poll")
def poll_chains() -> dict[str, Any]:
    """Fetch the quotes of chains whose plan does not stream them, each symbol at its pace."""
    return swarm().poller.poll().as_json()


def _ask_load(symbol: str, *, ahead: bool) -> None:
    load_chain.apply_async(kwargs={"symbol": symbol, "reason": "roll", "ahead": ahead}, expires=30)
