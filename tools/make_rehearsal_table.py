"""Fill the marked sections of docs/rehearsal.md: cases and promises from the code, the figures from a rehearsal.

python -m tools.make_rehearsal_table --seeds 100      # plays them: hours of a core
python -m tools.make_rehearsal_table measured.json    # what `marketswarm vigil rehearse --seeds 100 --json` printed

Without either, cases and promises are written and the figures stay.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from marketswarm.rehearsal.cases import CASES, Case
from marketswarm.rehearsal.judge import CLAIMS, PROMISES, Promise
from tools.make_reference import table

PAGE = Path(__file__).parents[1] / "docs" / "rehearsal.md"
_MINUTE_S: Final = 60.0


def cases_section() -> str:
    """Every case: what it plays, when and for how long."""
    return table(
        ("case", "scenario", "begins", "lead", "lasts", "not judged"), [_case_row(case) for case in CASES]
    )


def promises_section() -> str:
    """Every kind of label that promises an event, and which."""
    rows = [(f"`{kind}`", *_promise_cells(promise)) for kind, promise in PROMISES.items()]
    return table(("label", "is found by", "within, where it has no end of its own"), rows)


def claims_section() -> str:
    """The types that claim that something happened."""
    return ", ".join(f"[`{one}`](events/{one}.md)" for one in sorted(CLAIMS)) + "\n"


def figures_section(measured: Sequence[Mapping[str, Any]]) -> str:
    """What a rehearsal has found, and what it claimed falsely on quiet days."""
    found = [
        (one["case"], f"`{kind}`", *_found_cells(one, label))
        for one in measured
        for kind, label in one["labels"].items()
    ]
    quiet = [(one["case"], *_quiet_cells(one)) for one in measured if one["is_quiet"]]
    titles = ("case", "label", "seeds", "found", "recall", "after, median", "missed by seeds")
    return (
        table(titles, found)
        + "\n"
        + table(("case", "seeds", "false claims a day", "most in one day", "of which"), quiet)
    )


def _case_row(case: Case) -> tuple[str, ...]:
    lead = f"{case.lead_s / _MINUTE_S:g} min" if case.lead_s else "none"
    lasts = f"{case.ticks * 10 / _MINUTE_S:.0f} min"
    return (
        case.name,
        f"`{case.scenario}`",
        case.begin,
        lead,
        lasts,
        ", ".join(f"`{one}`" for one in case.unjudged),
    )


def _promise_cells(promise: Promise) -> tuple[str, str]:
    types = " or ".join(f"[`{one}`](events/{one}.md)" for one in promise.types)
    keys = f", key {' or '.join(f'`{key}`' for key in promise.keys)}" if promise.keys else ""
    way = ", in its direction" if promise.is_directed else ""
    return types + keys + way, f"{promise.within_s:g} s"


def _found_cells(case: Mapping[str, Any], label: Mapping[str, Any]) -> tuple[str, ...]:
    promised, recall, delay_s = label["promised"], label["recall"], label["delay_s"]
    after = "–" if delay_s is None else f"{delay_s:g} s"
    missed = ", ".join(map(str, sorted(set(label["missed"])))) or "none"
    return f"{case['seeds']}", f"{round(recall * promised)} of {promised}", f"{recall:.3f}", after, missed


def _quiet_cells(case: Mapping[str, Any]) -> tuple[str, ...]:
    seeds, claims = case["seeds"], case["claims"]
    types = ", ".join(f"`{name}` {count}" for name, count in claims.items()) or "none"
    return f"{seeds}", f"{sum(claims.values()) / seeds:.2f}", f"{case['most_claims']}", types


def page(text: str, measured: Sequence[Mapping[str, Any]] | None = None) -> str:
    """The page with its marked sections replaced; the figures stay where nothing is measured."""
    sections = {"cases": cases_section(), "promises": promises_section(), "claims": claims_section()}
    if measured is not None:
        sections["figures"] = figures_section(measured)
    for name, body in sections.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if begin not in text or end not in text:
            sys.exit(f"{PAGE} has no {begin.strip()} with its end")
        text = re.sub(f"{begin}.*?{end}", lambda _, put=begin + body + end: put, text, flags=re.DOTALL)
    return text


def _measured(path: Path | None, seeds: int | None) -> list[dict[str, Any]] | None:
    if path is None and seeds is None:
        return None
    if path is not None:
        document = path.read_text(encoding="utf-8")
    else:
        command = [sys.executable, "-m", "marketswarm", "vigil", "rehearse", "--json", "--seeds", str(seeds)]
        document = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    measured: list[dict[str, Any]] = json.loads(document)
    if [one["case"] for one in measured] != [case.name for case in CASES]:
        sys.exit("all cases are needed, in their order: name none")
    if not all(one["seeds"] for one in measured):
        sys.exit("a case has no seed: the rehearsal was interrupted")
    return measured


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    either = parser.add_mutually_exclusive_group()
    either.add_argument("path", type=Path, nargs="?", help="what a rehearsal printed with --json")
    either.add_argument("--seeds", type=int, help="how many of each case to play")
    asked = parser.parse_args()
    made = page(PAGE.read_text(encoding="utf-8"), _measured(asked.path, asked.seeds))
    PAGE.write_text(made, encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
