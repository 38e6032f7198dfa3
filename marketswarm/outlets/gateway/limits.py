"""What the event stream allows itself and its clients."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds and paces.

    Attributes:
        clients, clients_per_address: how many at once.
        blocked_s: how long a client may take nothing before it is told to go.
        goodbye_s: how long it then has to take its last words.
        heartbeat_s: how often the stream says that it is alive.
        tick_s: the least time between two tellings: what comes within it is sent together.
        retry_ms: after how long a client is to connect again; after a `bye` between 1 and 2.5 times as long again.
        ring_frames, ring_bytes: how far a client may be behind before it is reset.
        slice_bytes: how much a client is sent at once, and so about what a client costs that does not read.
        page: entries of a stream that are read at once for a client that comes back.
        feed_page: the same of `sse:chain-feed`, whose entries are large.
        readings: how many clients that come back are read for at once.
    """

    clients: int = 4_000
    clients_per_address: int = 100
    blocked_s: float = 6.0
    goodbye_s: float = 4.0
    heartbeat_s: float = 2.5
    tick_s: float = 0.05
    retry_ms: int = 1_500
    ring_frames: int = 8_192
    ring_bytes: int = 32_000_000
    slice_bytes: int = 64_000
    page: int = 500
    feed_page: int = 50
    readings: int = 8
