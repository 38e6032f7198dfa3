"""The stored spots; what the script does is in tests/lua/test_publish_spot.py."""

import pytest
from redis import Redis

from marketswarm.errors import StoreUnavailable
from marketswarm.model.spot import SpotReading
from marketswarm.spot.redis_spots import RedisSpots
from tests.support.free_ports import free_port


def test_a_symbol_without_a_tick_is_empty(redis):
    """Nothing is made up for a symbol that never ticked."""
    assert RedisSpots(redis, "test").last("SPX") == {}
    assert RedisSpots(redis, "test").heartbeat() == {}


def test_a_lost_server_is_a_retryable_error():
    """Reading and publishing say which server is gone."""
    spots = RedisSpots(Redis(port=free_port(), retry=None), "here:1")

    with pytest.raises(StoreUnavailable, match="here:1 is not reachable"):
        spots.last("SPX")
    with pytest.raises(StoreUnavailable, match="here:1 is not reachable"):
        spots.publish(10_000, "sim", [SpotReading("SPX", 1.0, None, "unified")])
