"""What may be said of a chain: the honest state, decided in one place."""

from dataclasses import dataclass

from marketswarm.model.chain import ChainState


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one chain and its feed.

    Attributes:
        in_session: the market is open.
        served: every contract of the chain is subscribed and acknowledged.
        lost: updates may be missing since the chain was live.
        fetched: a load that was asked for after the subscription stood is in the store.
        silent: nothing usable has come for longer than it may take, of the whole feed or of this chain.
    """

    in_session: bool
    served: bool
    lost: bool
    fetched: bool
    silent: bool


def decide_state(evidence: Evidence) -> ChainState:
    """The state of a chain. `live` only when nothing speaks against it."""
    if not evidence.in_session:
        return "closed"
    if evidence.lost:
        return "gap"
    if not evidence.served or not evidence.fetched:
        return "loading"
    return "stale" if evidence.silent else "live"
