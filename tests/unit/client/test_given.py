"""What was given is remembered."""

from marketswarm.client.given import REMEMBERED, Given


def test_nothing_is_new_twice() -> None:
    """An id of a stream is new once; the same id of another stream is another thing."""
    given = Given()
    assert [given.is_new("a", "1"), given.is_new("a", "1"), given.is_new("b", "1")] == [True, False, True]


def test_what_has_no_id_is_always_new() -> None:
    """It cannot be known again."""
    given = Given()
    assert given.is_new("a", "")
    assert given.is_new("a", "")


def test_memory_is_bounded() -> None:
    """The oldest ids are forgotten."""
    given = Given()
    for number in range(REMEMBERED + 1):
        given.is_new("a", str(number))
    assert not given.is_new("a", "1")
    assert given.is_new("a", "0")


def test_streams_that_begin_anew_are_forgotten() -> None:
    """Those that are named, or all."""
    given = Given()
    for stream in "ab":
        given.is_new(stream, "1")
    given.forget(["a"])
    assert given.is_new("a", "1")
    assert not given.is_new("b", "1")
    given.forget()
    assert given.is_new("b", "1")
