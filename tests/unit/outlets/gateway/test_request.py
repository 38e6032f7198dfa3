"""What a client may ask for."""

import pytest

from marketswarm import keys
from marketswarm.errors import BadArgument, UnknownSymbol
from marketswarm.outlets.gateway.cursor import STREAMS, Cursor
from marketswarm.outlets.gateway.request import parse_request
from marketswarm.outlets.gateway.ring import Wanted

SYMBOLS = ("SPX", "BRK.B")
ONE, OTHER = Cursor("aa"), Cursor("bb")


def test_everything_unless_told_otherwise():
    """An empty query wants all streams of all symbols, from now on, without whole chains."""
    request = parse_request(b"", [], SYMBOLS)
    assert request.wanted == Wanted(frozenset(STREAMS))
    assert request.since is None


def test_lists_are_read():
    """Names are joined by commas, may be encoded, stand in any order and case of symbols."""
    query = b"streams=vigil:events,sse%3Achain-feed&symbols=%20brk.b,SPX,&full=1"
    wanted = parse_request(query, [], SYMBOLS).wanted
    assert wanted == Wanted(
        frozenset({keys.VIGIL_EVENTS, keys.CHAIN_FEED}), frozenset({"SPX", "BRK.B"}), full=True
    )


def test_the_last_id_goes_before_since():
    """A browser that comes back sends its first query again; the header knows better. An empty one is none."""
    query = f"since={ONE.text}".encode()
    assert parse_request(query, [], SYMBOLS).since == ONE
    assert parse_request(query, [(b"Last-Event-ID", OTHER.text.encode())], SYMBOLS).since == OTHER
    assert parse_request(query, [(b"last-event-id", b"")], SYMBOLS).since == ONE
    assert parse_request(b"since=", [], SYMBOLS).since is None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (b"streams=sse:all", "streams is 'sse:all'; allowed: sse:timeseries, "),
        (b"streams=,", "streams is ','"),
        (b"symbols=", "symbols is ''"),
        (b"full=true", "full is 'true'; allowed: 0, 1"),
        (b"since=x", "since is 'x'"),
        (b"stream=sse:timeseries", "query is 'stream'; allowed: the names streams, "),
        (b"full=1&full=0", "full is '0'; allowed: to be given once"),
        (b"symbols=%ff", "query is "),
        (b"symbols=\xff", "query is "),
        (b"&".join(b"full=1" for _ in range(50)), "query is "),
    ],
)
def test_what_cannot_be(query, words):
    """The error names the parameter, its value and what is allowed."""
    with pytest.raises(BadArgument) as raised:
        parse_request(query, [], SYMBOLS)
    assert words in str(raised.value)


def test_an_unknown_symbol():
    """It is told apart from other mistakes."""
    with pytest.raises(UnknownSymbol, match="symbols is 'IWM', which is not configured; allowed: SPX, "):
        parse_request(b"symbols=IWM", [], SYMBOLS)


def test_a_last_id_that_is_none():
    """What the header holds is judged like anything else."""
    with pytest.raises(BadArgument, match="Last-Event-ID is"):
        parse_request(b"", [(b"last-event-id", b"\xff\xfe")], SYMBOLS)
