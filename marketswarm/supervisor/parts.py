"""The parts of one run, in the order in which they start; they stop in the reverse order."""

import os
import sys
from collections.abc import Mapping
from socket import gethostname
from typing import Final

from marketswarm.addresses import reached_at
from marketswarm.settings import Settings
from marketswarm.supervisor.embedded import server_part
from marketswarm.supervisor.flower_env import flower_env
from marketswarm.supervisor.part import Listening, LogLine, Part, Patience
from marketswarm.supervisor.plan import Plan
from marketswarm.supervisor.replay_plan import ReplayPlan
from marketswarm.supervisor.simulator_plan import SimulatorPlan

SECRETS: Final = frozenset(
    {"MASSIVE_API_KEY", "MARKETSWARM_API_TOKEN", "MARKETSWARM_FLOWER_PASSWORD", "FLOWER_BASIC_AUTH"}
)
"""Variables that a part is given only if it needs them."""

_CELERY: Final = (sys.executable, "-m", "celery", "-A", "marketswarm")
_MARKETSWARM: Final = (sys.executable, "-m", "marketswarm")
_LONELY: Final = ("--without-gossip", "--without-mingle")  # nobody to chat with: a second less to start
_SIMULATOR_PATIENCE: Final = Patience(start_s=20.0, stop_s=3.0)


def parts_of(plan: Plan, environment: Mapping[str, str] = os.environ) -> list[Part]:
    """All parts of the run."""
    base = {name: value for name, value in environment.items() if name not in SECRETS}
    base |= plan.resolved() | {"MARKETSWARM_RUN_ID": plan.run_id, "PYTHONUNBUFFERED": "1"}
    below: list[Part] = []
    if plan.server is not None:
        binary, port = plan.server
        below.append(server_part(binary, port, plan.settings.state_dir))
    if plan.simulator is not None:
        below.append(_simulator(plan.settings, plan.simulator, base))
    if plan.replay is not None:
        below.append(_replay(plan.replay, base))
    after = tuple(part.name for part in below)
    gateway = [_gateway(plan, base, after)] if plan.with_web else []
    flower = [_flower(plan, base, after)] if plan.with_flower else []
    with_key = base | plan.vendor_key()
    return [
        *below,
        *gateway,
        *flower,
        _worker("worker", "work", ("-Q", "default"), with_key, after),
        _worker("stream", "stream", ("-Q", "stream", "--streams", "-c", "1"), with_key, after),
        _beat(base, after),
    ]


def _simulator(settings: Settings, simulator: SimulatorPlan, env: Mapping[str, str]) -> Part:
    port, session = (
        simulator.port,
        simulator.settings.get("MARKETSWARM_SESSION", settings.session or "always"),
    )
    market = ("--symbols", ",".join(settings.symbols), "--session", session, *simulator.options)
    account = ("--connections", str(settings.connections))
    return Part(
        name="simulator",
        argv=(*_MARKETSWARM, "simulator", "--port", str(port), *market, *account, "--json"),
        readiness=Listening(port),
        env=env,
        address=f"http://127.0.0.1:{port} and ws://127.0.0.1:{port}",
        patience=_SIMULATOR_PATIENCE,
    )


def _replay(replay: ReplayPlan, env: Mapping[str, str]) -> Part:
    pace = ("--speed", f"{replay.speed:g}", "--since", str(replay.since_ms))
    return Part(
        name="replay",
        argv=(*_MARKETSWARM, "replay", str(replay.folder), "--port", str(replay.port), *pace, "--json"),
        readiness=Listening(replay.port),
        env=env,
        address=f"http://127.0.0.1:{replay.port} and ws://127.0.0.1:{replay.port}",
    )


def _worker(
    name: str, node: str, does: tuple[str, ...], env: Mapping[str, str], after: tuple[str, ...]
) -> Part:
    return Part(
        name=name,
        argv=(*_CELERY, "worker", "-n", f"{node}@%h", *does, *_LONELY, "--loglevel", "INFO"),
        readiness=LogLine(rf"\b{node}@\S+ ready\b"),
        env=env,
        after=after,
        address=f"Celery node {node}@{gethostname()}",
    )


def _beat(env: Mapping[str, str], after: tuple[str, ...]) -> Part:
    return Part(
        name="beat",
        argv=(*_CELERY, "beat", "--pidfile=", "--loglevel", "INFO"),
        readiness=LogLine(r"beat: Starting"),
        env=env,
        after=after,
    )


def _gateway(plan: Plan, env: Mapping[str, str], after: tuple[str, ...]) -> Part:
    settings = plan.settings
    return Part(
        name="gateway",
        argv=(*_MARKETSWARM, "gateway"),
        readiness=Listening(settings.http_port, reached_at(settings.http_host)),
        env={**env, **plan.web_access()},
        after=after,
        address=plan.web_address,
    )


def _flower(plan: Plan, env: Mapping[str, str], after: tuple[str, ...]) -> Part:
    port = plan.settings.flower_port
    return Part(
        name="flower",
        argv=(*_CELERY, "flower"),
        readiness=Listening(port),
        env={**env, **flower_env(plan.settings)},
        after=after,
        address=f"http://127.0.0.1:{port}",
    )
