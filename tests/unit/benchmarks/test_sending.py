"""How premade frames are sent, and what is remembered of them."""

import json

import pytest

from benchmarks.children.sending import Cycle, Sender
from tests.unit.benchmarks.test_premade_frames import TICKERS, payload_of


class Tape:
    """A client that keeps what it is sent."""

    def __init__(self):
        self.wires = []

    def send(self, wire):
        """Keep it."""
        self.wires.append(bytes(wire))


def quotes_on(tape):
    """Every quote of the tape, in order, of frames that were sent one in each write."""
    return [event for wire in tape.wires for event in json.loads(payload_of(wire))]


def test_what_was_sent_last_is_remembered_of_every_contract():
    """Through several cycles; time and values are those of the last quote on the wire."""
    tape = Tape()
    cycle = Cycle(tape, TICKERS, 1_000)
    for _ in range(2 * len(cycle.frames) + 3):
        cycle.send(1)
    wire = {q["sym"]: [q["bp"], q["ap"], q["bs"], q["as"], q["t"]] for q in quotes_on(tape)}
    assert cycle.last_quotes() == wire
    assert len(wire) == len(TICKERS)


def test_time_and_sequence_only_go_forward():
    """Also where the cycle begins anew and its sequence with it."""
    tape = Tape()
    cycle = Cycle(tape, TICKERS, 1_000)
    for _ in range(2 * len(cycle.frames) + 3):
        cycle.send(1)
    order = [(quote["t"], quote["q"]) for quote in quotes_on(tape)]
    assert order == sorted(set(order))


def test_a_rate_is_kept_to():
    """After a tenth of a second a tenth of the rate is due, in writes of at most 100 quotes; not more of it ever."""
    tape = Tape()
    sender = Sender([Cycle(tape, TICKERS, 100)], 100)
    for _ in range(20):
        sender.turn(0.1, 10_000, None)
    assert sender.sent == 1_000
    assert len(tape.wires) == 10


@pytest.mark.parametrize("rate", [None, 1e9])
def test_a_number_of_quotes_ends_a_run(rate):
    """Rounded up to whole frames."""
    sender = Sender([Cycle(Tape(), TICKERS, 10)], 10)
    while sender.sent < 155:
        sender.turn(1.0, rate, 155)
    assert sender.sent == 160


def test_several_clients_get_shares_by_their_contracts():
    """One with three times the contracts gets three times the quotes."""
    small, large = Tape(), Tape()
    sender = Sender([Cycle(small, TICKERS[:25], 10), Cycle(large, TICKERS[25:100], 10)], 10)
    for _ in range(40):
        sender.turn(0.0, None, None)
    assert len(large.wires) == pytest.approx(3 * len(small.wires), abs=3)
    assert sender.last_quotes().keys() == set(TICKERS[:100])
