"""The order to record, in Redis."""

from dataclasses import replace

from marketswarm import keys
from marketswarm.recorder import orders as module
from marketswarm.recorder.orders import ORDER_TTL_MS, Order, RecordingOrders

ORDER = Order("one", "/tmp/recording")


def test_an_order_stands_only_while_it_is_renewed(redis):
    """It has a time to live, and renewing it lets it change."""
    orders = RecordingOrders(redis)
    assert orders.read() is None
    assert orders.give(ORDER) is None
    assert orders.read() == ORDER
    assert 0 < redis.pttl(keys.RECORDING) <= ORDER_TTL_MS
    assert orders.renew(replace(ORDER, frames=True))
    assert orders.read() == replace(ORDER, frames=True)
    redis.delete(keys.RECORDING)
    assert not orders.renew(ORDER)
    assert orders.read() is None


def test_only_one_recording_is_under_way(redis):
    """The second is told of the first, can neither renew nor end it."""
    orders, other = RecordingOrders(redis), Order("two", "/tmp/other")
    orders.give(ORDER)
    assert orders.give(other) == ORDER
    assert not orders.renew(other)
    orders.take_back(other)
    assert orders.read() == ORDER
    orders.take_back(ORDER)
    assert orders.read() is None


def test_what_others_wrote_there_is_no_order(redis):
    """Nobody records because of it."""
    for text in ("", "{", "[]", '{"id": "x"}'):
        redis.set(keys.RECORDING, text)
        assert RecordingOrders(redis).read() is None


def test_what_processes_tell_is_told_for_that_order(redis):
    """What was told of another one does not count."""
    orders = RecordingOrders(redis)
    orders.tell("a:1", {"id": "one", "frames": 3})
    orders.tell("a:2", {"id": "before", "frames": 9})
    assert orders.told(ORDER) == {"a:1": {"id": "one", "frames": 3}}
    assert redis.pttl(keys.RECORDING_PARTS) > 0


def test_an_order_whose_answer_was_lost_is_ours(redis):
    """The connection's second try finds what the first one wrote."""
    orders, order = RecordingOrders(redis), Order("one", "/somewhere")
    assert orders.give(order) is None
    assert orders.give(order) is None


def test_nobody_renews_or_ends_what_came_meanwhile(redis, monkeypatch):
    """An order that runs out, and is followed by another one, between a look and what is done then."""
    other = Order("two", "/tmp/other")
    looks = []

    def look(text):
        found = order_in(text)
        looks.append(found)
        if len(looks) == 1:
            redis.set(keys.RECORDING, other.text())
        return found

    order_in = module._order_in
    monkeypatch.setattr(module, "_order_in", look)
    orders = RecordingOrders(redis)
    for act in (orders.renew, orders.take_back):
        looks.clear()
        redis.set(keys.RECORDING, ORDER.text())
        act(ORDER)
        assert looks == [ORDER, other]
        assert orders.read() == other
