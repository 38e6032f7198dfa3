"""What may be said of a chain: the honest state, decided in one place."""

from dataclasses import dataclass

from marketswarm.model.chain import ChainState

SILENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one chain and its feed.

    Attributes:
        in_session: the market is open.
        connected: the connection stands and every desired contract is acknowledged.
        repaired: a snapshot newer than the last interruption is in the store.
        ever_live: the chain was live before, since this stream took it over.
        silence_s: time since the feed brought anything.
    """

    in_session: bool
    connected: bool
    repaired: bool
    ever_live: bool
    silence_s: float


def decide_state(evidence: Evidence) -> ChainState:
    """The state of a chain. `live` only when nothing speaks against it."""
    if not evidence.in_session:
        return "closed"
    if not evidence.connected or not evidence.repaired:
        return "gap" if evidence.ever_live else "loading"
    return "stale" if evidence.silence_s > SILENCE_S else "live"
