"""All clients: how many there may be, who is blocked, and goodbyes."""

from marketswarm import keys
from marketswarm.outlets.gateway.client import LEFT
from tests.support.event_streams import Writer
from tests.support.stream_rig import run, running_rig, until


def test_there_are_limits(redis, valkey_url):
    """One address may hold so many, all together so many; a place that is left is free."""

    async def work() -> None:
        async with running_rig(valkey_url, clients=3, clients_per_address=2) as parts:
            audience = parts.audience
            first, _, task = await parts.client()
            assert audience.why_not("here") == ""
            await parts.client()
            assert audience.why_not("here") == "too-many-of-address"
            assert audience.why_not("elsewhere") == ""
            await parts.client()
            assert audience.why_not("elsewhere") == "too-many"
            first.drop(LEFT)
            await task
            audience.leave(first)
            assert len(audience) == 2
            assert audience.why_not("elsewhere") == ""

    run(work)


def test_the_blocked_are_dropped(redis, valkey_url):
    """Only those that have taken nothing for longer than they may."""

    async def work() -> None:
        async with running_rig(valkey_url, blocked_s=5.0, goodbye_s=0.01) as parts:
            blocked, receiver, task = await parts.client()
            _, other, _ = await parts.client()
            await until(lambda: receiver.body and other.body)
            receiver.close()
            Writer(redis).write(keys.VIGIL_EVENTS)
            await until(lambda: blocked.blocked_since_s and other.heard)
            parts.audience.drop_blocked(blocked.blocked_since_s + 4.9)
            assert len(parts.audience) == 2
            parts.audience.drop_blocked(blocked.blocked_since_s + 5.1)
            assert not await task
            assert len(parts.audience) == 1
            assert parts.figures.dropped == {"slow": 1}

    run(work)


def test_all_are_let_go(redis, valkey_url):
    """Everybody hears the reason; what works for them can be waited for."""

    async def work() -> None:
        async with running_rig(valkey_url) as parts:
            receivers = [(await parts.client())[1] for _ in range(3)]
            await until(lambda: all(receiver.body for receiver in receivers))
            for task in parts.audience.drop_all("shutdown"):
                await task
            assert [one.heard[-1].data for one in receivers] == [{"reason": "shutdown"}] * 3
            assert parts.audience.drop_all("shutdown") == []

    run(work)


def test_how_far_the_slowest_is_behind(redis, valkey_url):
    """In frames; nobody is behind when nobody is there."""

    async def work() -> None:
        async with running_rig(valkey_url, heartbeat_s=600.0) as parts:
            assert parts.audience.lag(7) == 0
            client, receiver, _ = await parts.client()
            await until(lambda: receiver.body)
            assert parts.audience.lag(client.position + 4) == 4

    run(work)
