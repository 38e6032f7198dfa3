"""What the audits of one symbol have found, lately and in all."""

import json

from marketswarm.chain.audit import Comparison, Finding
from marketswarm.chain.tally import AuditTally
from tests.support.builders import ticker

MINUTE = 60_000
BEHIND = Finding(ticker(), "quote", "behind")


def seen(checked=100, vendor_behind=0):
    """An audit that compared so many sections."""
    return Comparison(50, checked, vendor_behind, 0, ())


def test_counts_grow_and_the_rate_is_of_the_last_ten_minutes():
    """A mismatch of eleven minutes ago is in the count and not in the rate."""
    tally = AuditTally()
    tally.note(0, seen(), (BEHIND,))
    assert tally.rate(0) == 0.01

    tally.note(11 * MINUTE, seen(300, vendor_behind=7), ())
    assert tally.rate(11 * MINUTE) == 0.0
    assert (tally.counts["checked"], tally.counts["mismatched"], tally.counts["behind"]) == (400, 1, 1)
    assert tally.counts["vendor_behind"] == 7


def test_a_rate_of_nothing_is_unknown():
    """Without a comparison in ten minutes there is no rate, and none is told."""
    tally = AuditTally()
    assert tally.rate(0) is None
    assert "rate" not in tally.as_json(0)

    tally.note(0, seen(), ())
    assert tally.rate(10 * MINUTE) is None


def test_audits_of_one_minute_are_one_entry():
    """The record of the last minutes is bounded by their number, not by that of the audits."""
    tally = AuditTally()
    for n in range(600):
        tally.note(n * 5_000, seen(2), (BEHIND,))
    assert len(tally.recent) == 10
    assert tally.rate(599 * 5_000) == 0.5


def test_a_tally_comes_back_as_it_was():
    """Plain values and back again, by way of JSON."""
    tally = AuditTally(places={"2026-11-23": (5, 6800.0)}, last="repaired", error="no", ts=5)
    tally.note(MINUTE, seen(), (BEHIND,))
    tally.counts["repaired"] += 1

    assert AuditTally.of(json.loads(json.dumps(tally.as_json(MINUTE)))) == tally
    assert AuditTally.of({}) == AuditTally()
