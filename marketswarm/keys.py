"""Every Redis name of the project, spelled once.

`REFERENCE` is what `marketswarm keys` prints and what docs/keys.md is made of.
"""

from typing import NamedTuple

TIMESERIES = "sse:timeseries"
CHAIN_FEED = "sse:chain-feed"
CHAIN_FULL = "sse:chain-full"
STREAMS_RUN = "sse:run"
CHAIN_CURRENT = "chaincurrent"
HEARTBEAT = "heartbeat"
BAD_FRAMES = "badframes"
BAD_FRAME_COUNTS = "badframes:counts"
REFRESHES = "refreshes"
LOAD_FAILURES = "loadfailures"
AUDITING = "auditing"
POLLING = "polling"
PLAN = "plan"
PLAN_ASKING = "plan:asking"
CONNECTION_WANTED = "connection:wanted"
RECORDING = "recording"
RECORDING_PARTS = "recording:parts"
VIGIL_EVENTS = "vigil:events"
VEXY_MESSAGES = "vexy:messages"
VEXY_STATE = "vexy:state"
VEXY_UNUSABLE = "vexy:unusable"

# Streams are bounded by count; Redis trims by whole nodes, so they may stand a little above.
TIMESERIES_MAXLEN = 100_000
CHAIN_FEED_MAXLEN = 5_000
CHAIN_FULL_MAXLEN = 1_000
BAD_FRAMES_MAXLEN = 100
REFRESHES_MAXLEN = 200
VIGIL_EVENTS_MAXLEN = 10_000
VEXY_MESSAGES_MAXLEN = 10_000
VEXY_UNUSABLE_MAXLEN = 100


def chain(symbol: str, expiration: str) -> str:
    """Hash: option ticker → contract JSON."""
    return f"chain:{symbol}:{expiration}"


def chain_meta(symbol: str, expiration: str) -> str:
    """Hash: epoch, seq, state, window and times of one chain."""
    return f"chainmeta:{symbol}:{expiration}"


def chain_order(symbol: str, expiration: str) -> str:
    """Hash: ticker/section → time and the vendor's sequence of what is stored there; `about` says so."""
    return f"chainorder:{symbol}:{expiration}"


def staging(symbol: str, expiration: str, run: str) -> str:
    """Hash: contracts of a load that is not committed yet."""
    return f"staging:{symbol}:{expiration}:{run}"


def spot(symbol: str) -> str:
    """Hash: the last tick of one symbol."""
    return f"spot:{symbol}"


def writer(symbol: str) -> str:
    """String with time to live: the owner, the one stream that may write the symbol's chains."""
    return f"writer:{symbol}"


def writer_token(symbol: str) -> str:
    """Integer: the newest fencing token given out for the symbol."""
    return f"writertoken:{symbol}"


def connection(slot: int) -> str:
    """String with time to live: the stream that may hold this one of the account's connections."""
    return f"connection:{slot}"


def connection_token(slot: int) -> str:
    """Integer: the newest token given out for this connection."""
    return f"connection:{slot}:token"


def loading(symbol: str) -> str:
    """String with time to live: the run id of the load in flight, which may commit."""
    return f"loading:{symbol}"


def stream_report(symbol: str) -> str:
    """Hash with time to live: what the stream says of one symbol, each second."""
    return f"stream:{symbol}"


def audit(symbol: str) -> str:
    """Hash: what the audits of one symbol have found."""
    return f"audit:{symbol}"


def polled(symbol: str) -> str:
    """String: the last poll of one symbol's chains, as JSON."""
    return f"polled:{symbol}"


def beat_slot(entry: str, slot: int) -> str:
    """String with time to live: which beat sent this entry's slot."""
    return f"beat:{entry}:{slot}"


def vigil_levels(symbol: str) -> str:
    """Hash: name → the latest level of that name, as JSON."""
    return f"vigil:levels:{symbol}"


def vigil_state(symbol: str) -> str:
    """String: what Vigil knows between two evaluations of one symbol."""
    return f"vigil:state:{symbol}"


def vigil_ticks(symbol: str) -> str:
    """Sorted set: slot → the ticks of one symbol that wait to be judged."""
    return f"vigil:ticks:{symbol}"


def vigil_changes(symbol: str) -> str:
    """Hash: expiration → how much of one symbol's chain has changed so far, and how far that is judged."""
    return f"vigil:changes:{symbol}"


def vexy_widgets(symbol: str) -> str:
    """Hash: annotation id → JSON, the present state of every annotation of one symbol's widgets."""
    return f"vexy:widgets:{symbol}"


class _Groups(NamedTuple):
    """Names of consumer groups."""

    spot: str
    chain_shift: str


VIGIL_GROUPS = _Groups(spot="vigil:spot", chain_shift="vigil:chainShift")
"""On `sse:timeseries`, and on `sse:chain-feed`."""

VEXY_GROUP = "vexy"
"""On `vigil:events`."""


class KeyDoc(NamedTuple):
    """One line of the key reference."""

    key: str
    type: str
    content: str
    lifetime: str


REFERENCE: tuple[KeyDoc, ...] = (
    KeyDoc(
        "chain:<symbol>:<expiration>", "hash", "option ticker → contract JSON", "a day after the expiration"
    ),
    KeyDoc(
        "chainmeta:<symbol>:<expiration>",
        "hash",
        "epoch, seq, state, spot, centre, low, high, contracts, loaded_ms, applied_ms, source, request, request_chains, doubt, strikes_each_side, strikes_asked, moved_ms, later, next, next_streamed, quotes (streamed, polled, none), polled_ms, quoted_ms, delayed, answer",
        "as its chain",
    ),
    KeyDoc(
        "chainorder:<symbol>:<expiration>",
        "hash",
        "ticker/section → time and the vendor's sequence of what the stream stored there; for the scripts alone",
        "as its chain",
    ),
    KeyDoc("chaincurrent", "hash", "symbol → expiration in force", "for good"),
    KeyDoc(
        "spot:<symbol>",
        "hash",
        "last tick: ts, symbol, spot, as_of, source, method, delayed, seq, missed",
        "for good",
    ),
    KeyDoc(
        "sse:timeseries",
        "stream",
        "one entry per symbol and 10-second slot: ts, symbol, spot, as_of, source, seq, delayed; group `vigil:spot`",
        f"about {TIMESERIES_MAXLEN:,} entries",
    ),
    KeyDoc(
        "sse:chain-feed",
        "stream",
        "one entry per applied batch of one chain: symbol, expiration, epoch, seq, prev_seq, ts, updates, removed; group `vigil:chainShift`",
        f"about {CHAIN_FEED_MAXLEN:,} entries",
    ),
    KeyDoc(
        "sse:chain-full",
        "stream",
        "one entry per complete chain: symbol, expiration, epoch, seq, ts, key, contracts, reason",
        f"about {CHAIN_FULL_MAXLEN:,} entries",
    ),
    KeyDoc(
        "sse:run",
        "string",
        "a name that the store is given by its first reader over HTTP: with another one, no place in its streams is known",
        "for good",
    ),
    KeyDoc("staging:<symbol>:<expiration>:<run>", "hash", "contracts of a load in flight", "120 s"),
    KeyDoc("loading:<symbol>", "string", "run id of the load in flight", "6 s, renewed"),
    KeyDoc("writer:<symbol>", "string", "the one stream that may write the symbol", "2.5 s, renewed"),
    KeyDoc(
        "connection:<slot>",
        "string",
        "the stream that may hold this one of the connections",
        "2.5 s, renewed",
    ),
    KeyDoc("connection:wanted", "string", "a stream that waits for a connection", "2.5 s, renewed"),
    KeyDoc("connection:<slot>:token", "string", "the newest token given out for the connection", "for good"),
    KeyDoc("writertoken:<symbol>", "string", "the newest fencing token given out", "for good"),
    KeyDoc("stream:<symbol>", "hash", "what the stream says of itself each second", "10 s, renewed"),
    KeyDoc(
        "audit:<symbol>",
        "hash",
        "what the audits found: checked, mismatched, behind, differs, missing, extra, vendor_behind, repaired, losses, rate, last, ts",
        "for good",
    ),
    KeyDoc("auditing", "string", "the audit that is under way", "6 s, renewed"),
    KeyDoc(
        "plan",
        "string",
        "what the vendor's key may do, as JSON: fingerprint of the key, asked_ms, and of each underlying chain, quotes, trades, greeks, listing, spot, timing, spot_timing",
        "for good",
    ),
    KeyDoc("plan:asking", "string", "the look at the plan that is under way", "6 s, renewed"),
    KeyDoc(
        "polled:<symbol>",
        "string",
        "the last poll of chains whose quotes are not streamed, as JSON: ts, polled_ms, contracts, quotes, quoted_ms, changed, again_ms, error",
        "for good",
    ),
    KeyDoc("polling", "string", "the poll that is under way", "6 s, renewed"),
    KeyDoc("heartbeat", "hash", "slot, published, refused, missed of the spot heartbeat, answer", "for good"),
    KeyDoc("beat:<entry>:<slot>", "string", "which beat sent the slot", "30 s"),
    KeyDoc(
        "badframes",
        "list",
        "samples of frames that could not be used, newest first",
        f"{BAD_FRAMES_MAXLEN} samples",
    ),
    KeyDoc("badframes:counts", "hash", "reason → how many", "for good"),
    KeyDoc("recording", "string", "the recording that is asked for as JSON: id, path", "5 s, renewed"),
    KeyDoc(
        "recording:parts",
        "hash",
        "process → what it has recorded as JSON: id, state, frames, exchanges, bytes, unrecorded, detail, ts",
        "15 s, renewed",
    ),
    KeyDoc(
        "refreshes", "list", "the last loads and reloads as JSON, newest first", f"{REFRESHES_MAXLEN} entries"
    ),
    KeyDoc(
        "loadfailures",
        "hash",
        "symbol → request and time in ms of its last load that failed and may succeed when asked for again",
        "for good",
    ),
    KeyDoc(
        "vigil:levels:<symbol>",
        "hash",
        "level → JSON: value, unit, method, sign_model, universe, weighing, open_interest_date, as_of, coverage, degraded; or absent, the reason why there is none",
        "for good, replaced by each evaluation",
    ),
    KeyDoc(
        "vigil:state:<symbol>",
        "string",
        "what is known between two evaluations, as JSON; a text of another format counts as none",
        "for good",
    ),
    KeyDoc(
        "vigil:ticks:<symbol>",
        "sorted set",
        "slot → its words: ts, spot, seq, perhaps `delayed`; what the group `vigil:spot` has brought and nobody has judged yet",
        "until judged; the newest 360",
    ),
    KeyDoc(
        "vigil:changes:<symbol>",
        "hash",
        "expiration → counts of what the group `vigil:chainShift` has brought: epoch, seq, entries, contracts, added, removed, gaps, ts; `<expiration>/judged` → the same as an evaluation saw them last; `spot/judged` → seq of the last judged tick",
        "until a later chain is judged",
    ),
    KeyDoc(
        "vigil:events",
        "stream",
        "one entry per event, field event: JSON with id, episode, type, symbol, expiration, state, direction, key, severity, importance, ts, title, evidence, method, version",
        f"about {VIGIL_EVENTS_MAXLEN:,} entries",
    ),
    KeyDoc(
        "vexy:messages",
        "stream",
        "one entry per message, field message: JSON with id, ts, symbols, epoch, kind, importance, title, texts, facts, refs, levels, annotations, supersedes, quality",
        f"about {VEXY_MESSAGES_MAXLEN:,} entries",
    ),
    KeyDoc(
        "vexy:widgets:<symbol>",
        "hash",
        "annotation id → JSON: widget, target, kind, state, label, colour, from_ts, until_ts, version",
        "for good; an annotation until it is cleared",
    ),
    KeyDoc(
        "vexy:state",
        "string",
        "what Vexy knows between two times that she speaks, as JSON: how far `vigil:events` is heard, budgets, what was told and may end, silences, phases that are told; a text of another format counts as none",
        "for good",
    ),
    KeyDoc(
        "vexy:unusable",
        "list",
        "entries of `vigil:events` that hold no event, newest first, as JSON: id, why, text",
        f"{VEXY_UNUSABLE_MAXLEN} entries",
    ),
)
