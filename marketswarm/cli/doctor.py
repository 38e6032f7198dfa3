"""`marketswarm doctor`: looks at everything that a run needs, and says how to mend what is wrong."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Final

import rich_click as click
from rich.table import Table
from rich.text import Text

from marketswarm.announcement import read_announcement
from marketswarm.cli.checks import machine, running, store, vendor
from marketswarm.cli.checks.finding import Finding, exit_code
from marketswarm.cli.checks.plan import PlanFinding, check_plan
from marketswarm.cli.plan_view import plan_table
from marketswarm.cli.terminal import console
from marketswarm.errors import SettingsError
from marketswarm.own_swarm import load_settings
from marketswarm.ports import Progress
from marketswarm.wiring import Swarm

_STYLES: Final = {"ok": "green", "warn": "bold yellow", "fail": "bold red", "skip": "dim"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def doctor(as_json: bool) -> None:
    """Check Python, server, scripts, key and plan, clock, calendar, ports and what runs; give a fix for each failure.

    Exit code 0 when all is well, 1 when something fails, 2 when something deserves a look.
    """
    findings = _examine_visibly()
    code = exit_code(findings)
    plan = next((one for one in findings if isinstance(one, PlanFinding)), None)
    if as_json:
        document = {"ok": code == 0, "checks": [finding.as_json() for finding in findings]}
        click.echo(json.dumps(document | ({"plan": plan.plan_json()} if plan and plan.plan else {})))
    else:
        console().print(findings_table(findings))
        if plan is not None and plan.plan is not None:
            console().print()
            console().print(plan_table(plan.plan, plan.channels, delayed_host=plan.delayed_host))
    sys.exit(code)


def _examine_visibly() -> list[Finding]:
    """All findings; what is looked at stands on the last line of a window until it is done."""
    out, findings = console(stderr=True), list[Finding]()
    with out.status("looking") if out.is_terminal else nullcontext() as shown:

        def tell(step: str, done: int, total: int) -> None:
            if shown is not None:
                shown.update(f"asking the vendor what the key may do: {step} ({done} of {total})")

        for finding in examine(tell):
            findings.append(finding)
            if shown is not None:
                shown.update(f"{finding.name}: {finding.verdict}")
    return findings


def examine(tell: Progress) -> Iterator[Finding]:
    """Every check, one after the other; `tell` is told how far the long one is."""
    yield machine.check_python()
    try:
        swarm = Swarm(load_settings())
        vendor.check_authorities(swarm.settings)
    except SettingsError as error:
        yield Finding("settings", "fail", str(error), f"correct or unset {error.args[0]}")
        return
    settings = swarm.settings
    yield Finding("settings", "ok", f"every value can be used; symbols {', '.join(settings.symbols)}")
    yield machine.check_embedded_server(settings)
    up_runs = bool(read_announcement(settings.state_dir))
    yield machine.check_web_port(settings, up_runs=up_runs)
    yield machine.check_flower_port(settings, up_runs=up_runs)
    yield machine.check_state_dir(settings.state_dir)
    yield vendor.check_key(swarm)
    yield check_plan(swarm, tell)
    yield vendor.check_clock(settings, swarm.clock)
    yield vendor.check_calendar(swarm.calendar, swarm.clock)
    yield vendor.check_budget(settings)
    yield from _examine_servers(swarm)


def findings_table(findings: list[Finding]) -> Table:
    """Findings as people read them, each fix below what it mends."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        told = Text(finding.detail)
        if finding.fix:
            told.append(f"\n→ {finding.fix}", style="bold")
        table.add_row(Text(finding.verdict, style=_STYLES[finding.verdict]), finding.name, told)
    return table


def _examine_servers(swarm: Swarm) -> Iterator[Finding]:
    server = store.check_data_store(swarm)
    yield server
    broker = store.check_broker(swarm.settings)
    yield broker
    if server.verdict == "ok":
        yield store.check_scripts(swarm)
    if broker.verdict == "ok":
        yield running.check_workers(swarm)
    if server.verdict == "ok":
        yield running.check_streams(swarm)
        yield running.check_windows(swarm)
        yield running.check_heartbeat(swarm)
        yield running.check_audit(swarm)
