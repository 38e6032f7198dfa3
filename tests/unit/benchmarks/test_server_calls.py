"""What is read out of the server's slow log."""

from benchmarks.server_calls import busiest


def call(command, usec):
    """One entry of the slow log."""
    return {"command": command, "duration": usec}


def test_the_script_that_takes_longest_in_sum_is_the_one():
    """Other scripts and other commands are left out, however long; times are in ms."""
    calls = [
        call(b"EVALSHA apply 5 chain:SPX", 1_000),
        call(b"evalsha apply 5 chain:SPY", 3_000),
        call(b"EVALSHA lease 1 stream:lease", 3_500),
        *[call(b"EVALSHA lease 1 stream:lease", 10)] * 5,
        call(b"HGETALL chain:SPX", 9_000),
        call(b"FLUSHALL", 9_000),
    ]
    spread = busiest(calls)
    assert (spread.count, spread.p50, spread.longest) == (2, 1.0, 3.0)


def test_without_calls_there_is_no_spread():
    """An empty log, or one without scripts."""
    assert busiest([]).count == 0
    assert busiest([call(b"PING", 3)]).count == 0
