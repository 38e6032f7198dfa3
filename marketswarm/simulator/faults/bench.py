"""The bench that the faults stand on: begins and ends them, and lets everything pass those that are at work."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import numpy as np
import structlog
from aiohttp import web

from marketswarm.errors import BadArgument
from marketswarm.simulator.answers import Answer
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.effect import Effect, Site
from marketswarm.simulator.faults.fault import Draw
from marketswarm.simulator.faults.grammar import Planned, RandomFaults, read_plan, read_plans, refuse_conflict
from marketswarm.simulator.faults.schedule import Begin, Schedule, Step
from marketswarm.simulator.gate import Gate

log = structlog.get_logger("marketswarm.simulator")

_SCHEDULE_STREAM, _EFFECT_STREAM = 101, 102  # beside the market's own streams of chance


class FaultBench:
    """A gate behind another one. All calls belong into the server's event loop.

    Args:
        texts: the plan, in the grammar of `--faults`; its seconds count from `run`.
        seed: the simulator's.
        gate: what everything passes first on its way out.

    Raises:
        BadArgument: for a plan that cannot be used.
    """

    def __init__(self, texts: Sequence[str], seed: int, gate: Gate) -> None:
        self._schedule = Schedule(*read_plans(texts), draw=_chance(seed, _SCHEDULE_STREAM))
        self._seed, self._gate = seed, gate
        self._numbers = count()
        self._active: dict[str, tuple[Planned, Effect]] = {}
        self._site: Site | None = None
        self._turn = asyncio.Lock()

    async def run(self, site: Site) -> None:
        """Follow the plan; afterwards faults can still be begun and ended by hand."""
        self._site = site
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        while (next_s := self._schedule.next_s) is not None:
            await asyncio.sleep(max(0.0, began_s + next_s - loop.time()))
            for step in self._schedule.due(loop.time() - began_s):
                await self._take(step)

    async def begin(self, text: str) -> None:
        """Begin a fault now, in the grammar without a moment: `cut`, `http-429:retry_after=2`.

        Raises:
            BadArgument: for one that cannot be used, or that another one at work excludes.
        """
        moment = "" if "@" in text else "@0"
        plan = read_plan(text + moment)
        if isinstance(plan, RandomFaults) or moment == "" or plan.every_s is not None:
            raise BadArgument("faults", text, "one fault without a moment, such as cut or mute")
        await self._begin(plan)

    async def end(self, name: str) -> None:
        """End a fault that is at work.

        Raises:
            BadArgument: for one that is not.
        """
        async with self._turn:
            if name not in self._active:
                raise BadArgument("faults", name, ", ".join(self._active) or "none is at work")
            await self._finish(name)

    @property
    def at_work(self) -> list[str]:
        """The names of the faults that are at work."""
        return list(self._active)

    # -- what everything passes ---------------------------------------------

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The answer as the gate and the faults leave it; a response that one has made itself goes out as it is."""
        passed = await self._gate.pass_answer(request, answer)
        for effect in self._effects():
            if isinstance(passed, web.StreamResponse):
                break
            passed = await effect.pass_answer(request, passed)
        return passed

    async def pass_handshake(self, request: web.Request) -> web.StreamResponse | None:
        """The first refusal; None when the WebSocket may open."""
        refusal = await self._gate.pass_handshake(request)
        for effect in self._effects():
            refusal = refusal or await effect.pass_handshake(request)
        return refusal

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """What the gate and the faults make of a frame."""
        frames = self._gate.pass_frame(connection, frame)
        for effect in self._effects():
            frames = [passed for each in frames for passed in effect.pass_frame(connection, each)]
        return frames

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """What the gate and the faults leave of a message."""
        heard = self._gate.pass_message(connection, text)
        for effect in self._effects():
            heard = None if heard is None else effect.pass_message(connection, heard)
        return heard

    # -- inside ---------------------------------------------------------------

    def _effects(self) -> list[Effect]:
        return [effect for _, effect in self._active.values()]

    async def _take(self, step: Step) -> None:
        if isinstance(step, Begin):
            try:
                await self._begin(step.plan)
            except BadArgument:  # by hand or by chance something else is at work that excludes it
                log.info("fault left out", fault=step.plan.name)
            return
        async with self._turn:
            active = self._active.get(step.plan.name)
            if active is not None and active[0] is step.plan:
                await self._finish(step.plan.name)

    async def _begin(self, plan: Planned) -> None:
        async with self._turn:
            for other, _ in self._active.values():
                if plan.fault.conflicts_with(other.fault):
                    refuse_conflict(plan.fault, other.fault)
            effect = plan.fault.make(plan.values, _chance(self._seed, _EFFECT_STREAM, next(self._numbers)))
            log.info("fault", fault=plan.name, begins=True)
            if not plan.fault.is_momentary:
                self._active[plan.name] = (plan, effect)
            await effect.begin(self._where)

    async def _finish(self, name: str) -> None:
        _, effect = self._active.pop(name)
        await effect.end(self._where)
        log.info("fault", fault=name, begins=False)

    @property
    def _where(self) -> Site:
        assert self._site is not None, "faults begin when the server runs"
        return self._site


def _chance(*seeds: Any) -> Draw:
    return np.random.default_rng(list(seeds)).random
