"""What is the same in two sets of stored chains."""

from marketswarm.recorder.compare import differences
from marketswarm.recorder.stored import Snapshot, Snapshots

ROW = '{"ticker":"T","open_interest":5,"v":3,"ts":9,"quote":{"bid":1.6,"ts":9},"greeks":{"iv":0.1}}'


def chains(**contracts: str) -> Snapshots:
    """One chain of those contracts."""
    return Snapshots([Snapshot("SPX", "2026-11-23", 1, 1, contracts, {}, {})], {})


def test_what_the_vendor_did_not_send_does_not_count():
    """Versions, times of change, and greeks of our own differ with the moments of the flushes."""
    other = ROW.replace('"v":3,"ts":9', '"v":4,"ts":8').replace("0.1", "0.2")
    assert list(differences(chains(T=ROW), chains(T=other))) == []


def test_each_section_is_compared_byte_for_byte():
    """With what stands on both sides."""
    other = ROW.replace('"open_interest":5,', "").replace('"bid":1.6', '"bid":1.60')
    told = [difference.words() for difference in differences(chains(T=ROW), chains(T=other))]
    assert told == [
        "SPX 2026-11-23 T open_interest: recorded 5, replayed none",
        'SPX 2026-11-23 T quote: recorded {"bid":1.6,"ts":9}, replayed {"bid":1.60,"ts":9}',
    ]


def test_contracts_and_chains_that_are_missing_are_told():
    """On either side."""
    told = [each.what for each in differences(chains(A=ROW, B=ROW), chains(B=ROW, C=ROW))]
    assert told == ["contract", "contract"]
    (gone,) = differences(chains(A=ROW), Snapshots([], {}))
    assert gone.words() == "SPX 2026-11-23 chain: recorded 1 contracts, replayed none"


def test_a_contract_that_cannot_be_read_is_a_difference_unless_it_is_the_same():
    """Nothing is taken for equal that was not compared."""
    assert list(differences(chains(A="{torn"), chains(A="{torn"))) == []
    assert list(differences(chains(A=ROW), chains(A="{torn")))
