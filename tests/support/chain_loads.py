"""What is asked of a loader, and what is stored then."""

from marketswarm.chain.request import LoadRequest


def want(reason="startup", n=4, **more):
    """A request for SPX."""
    return LoadRequest("SPX", reason, n, **more)


def strikes_stored(store):
    """The strikes of the stored chain."""
    return sorted({contract.strike for contract in store.read("SPX").contracts.values()})
