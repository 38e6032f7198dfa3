"""What may be said of a chain: the honest state, decided in one place."""

from dataclasses import dataclass

from marketswarm.model.chain import ChainState

SILENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one chain and its feed.

    Attributes:
        in_session: the market is open.
        served: every contract of the chain is subscribed and acknowledged.
        lost: updates may be missing since the chain was live.
        fetched: a load that was asked for after the subscription stood is in the store.
        silence_s: time since the feed brought anything usable.
    """

    in_session: bool
    served: bool
    lost: bool
    fetched: bool
    silence_s: float


def decide_state(evidence: Evidence) -> ChainState:
    """The state of a chain. `live` only when nothing speaks against it."""
    if not evidence.in_session:
        return "closed"
    if evidence.lost:
        return "gap"
    if not evidence.served or not evidence.fetched:
        return "loading"
    return "stale" if evidence.silence_s > SILENCE_S else "live"
