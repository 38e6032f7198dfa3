"""The bell: a ring wakes all who wait, and nobody else."""

import asyncio

from marketswarm.outlets.gateway.bell import Bell


def test_a_ring_wakes_all():
    """Everybody who waits hears it once; who waits from then on hears the next."""

    async def rung() -> list[int]:
        bell, woken = Bell(), []

        async def wait(number: int) -> None:
            await bell.wait()
            woken.append(number)

        waiting = [asyncio.create_task(wait(number)) for number in range(3)]
        await asyncio.sleep(0)
        bell.ring()
        await asyncio.gather(*waiting)
        late = asyncio.create_task(wait(9))
        await asyncio.sleep(0)
        assert not late.done()
        bell.ring()
        await late
        return woken

    assert asyncio.run(rung()) == [0, 1, 2, 9]


def test_one_who_is_cancelled_takes_nobody_with_him():
    """The others still hear the ring."""

    async def rung() -> bool:
        bell = Bell()
        gone, there = asyncio.create_task(bell.wait()), asyncio.create_task(bell.wait())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        bell.ring()
        await there
        return gone.cancelled()

    assert asyncio.run(rung())
