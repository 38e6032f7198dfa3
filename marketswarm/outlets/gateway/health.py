"""`/healthz`: the process serves. `/readyz`: what it serves is worth reading."""

from fastapi import APIRouter

from marketswarm.outlets.gateway.answers import JsonAnswer, problem
from marketswarm.outlets.gateway.reading import SharedReading
from marketswarm.outlets.gateway.shapes import Health, Problem
from marketswarm.outlets.status import FRESH, SwarmReading, exit_code, is_fresh, status_document


def health_routes(reading: SharedReading) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", response_model=Health)
    async def healthz() -> JsonAnswer:
        """Always 200 while the gateway runs; nothing else is asked."""
        return JsonAnswer({"status": "ok"})

    @routes.get("/readyz", response_model=Health, responses={503: {"model": Problem}})
    def readyz() -> JsonAnswer:
        """200 when the store answers, each chain is live, or closed as the market is, and each spot is fresh."""
        seen = reading()
        if exit_code(seen) == FRESH:
            return JsonAnswer({"status": "ok"})
        return problem(503, "not-ready", why_not_ready(seen))

    return routes


def why_not_ready(seen: SwarmReading) -> str:
    """In one line, what is amiss."""
    if seen.error is not None:
        return seen.error
    told = status_document(seen)["symbols"]
    amiss = [name for name, symbol in seen.symbols.items() if not is_fresh(symbol, seen)]
    return "; ".join(f"{name}: {_words(told[name])}" for name in amiss)


def _words(known: dict[str, object]) -> str:
    state, age_ms = known["state"], known.get("spot_age_ms")
    if state not in ("live", "closed"):
        return f"{state}, {known['reason']}" if "reason" in known else str(state)
    return "no spot" if age_ms is None else f"spot is {age_ms} ms old"
