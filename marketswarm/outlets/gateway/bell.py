"""Wakes everybody who waits, at once, and holds no state between."""

import asyncio


class Bell:
    """Who waits hears the next ring, and only that. Each waits for a future of its own, so that one can be cancelled."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Until it rings."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def ring(self) -> None:
        """Wake all who wait now."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
