"""The bounded way to the writer."""

from marketswarm.recorder.spool import Spool


def test_what_finds_no_room_is_refused_at_once():
    """Nobody waits; when something was taken there is room again."""
    spool: Spool[str] = Spool(largest_bytes=10)
    assert [spool.put("a", 6), spool.put("b", 6), spool.put("c", 4)] == [True, False, True]
    assert spool.take(1000) == ["a", "c"]
    assert spool.put("d", 6)


def test_one_that_is_larger_than_the_bound_is_taken_when_nothing_waits():
    """Or it could never be."""
    spool: Spool[str] = Spool(largest_bytes=10)
    assert spool.put("whole page", 1000)
    assert not spool.put("more", 1)


def test_taking_ends_when_it_is_enough():
    """What is left is taken next, in order."""
    spool: Spool[int] = Spool()
    for number in range(5):
        spool.put(number, 10)
    assert spool.take(30) == [0, 1, 2]
    assert spool.take(1000) == [3, 4]
    assert spool.take(1000) == []
