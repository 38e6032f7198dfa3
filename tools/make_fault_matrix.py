"""Writes docs/faults.md from the catalogue of faults and from what the fault matrix has measured.

FAULT_MATRIX_FILE=measured.json python -m pytest tests/faults/test_matrix.py
python tools/make_fault_matrix.py measured.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from marketswarm.simulator.faults.catalogue import CATALOGUE
from marketswarm.simulator.faults.fault import Fault

TARGET = Path(__file__).parents[1] / "docs" / "faults.md"

_HEAD = """\
# Faults

The simulator can be told what to do wrong, by name and by seed; the fault matrix (`tests/faults/test_matrix.py`) puts each
fault between the real feed, the real loads and a real server, and holds them to this: chains are live again without help, what
changed meanwhile is repaired before a chain says so, and in the end each contract is what the market's book says.

```
$ marketswarm simulator --list-faults
$ marketswarm simulator --faults cut@30s --faults http-429:retry_after=2@10s+20s --faults duplicates:share=0.01
$ marketswarm simulator --seed 7 --faults random:rate=2/min
```

`--faults` takes `NAME[:param=value,…][@START[+DURATION][/EVERY]]` and may be repeated. Times are seconds or have a unit (`500ms`,
`30s`, `1m`, `1h`) and count from the simulator's start. Without `@` a fault is at work from the start and for ever; one that
happens at its moment needs that moment and has no duration. `random:rate=2/min[,lasting=5s][,only=cut|mute]` draws from the
catalogue, by the simulator's seed and with default parameters, all but `evict` and `auth-refused`. What cannot be used is refused
with one line that names what is allowed, and so are two faults that exclude each other at the same time.

The bad certificates of `tls-failure` are made when it begins, and are for clients that speak TLS: `marketswarm simulator --tls FILE`.
Those of `wrong-host` and `expired` come from the authority in FILE, so that a client which trusts it refuses them for that one flaw.
They need the package `trustme`: `pip install 'marketswarm[tls]'`.

By hand, from the same machine and not from a browser: `POST /_faults` with `{"begin": "mute"}` or `{"end": "mute"}` as JSON;
`GET /_faults` tells what is at work.

The market's book is the truth throughout: REST shows it and a fault never changes it. What a fault withholds or spoils on the
wire is put right at its end, or is for the client to fetch again.

## The catalogue
| fault | where | on the wire | parameters | a correct client ends with |
|---|---|---|---|---|
"""
_MATRIX = """
## The matrix
Measured from the fault's end to the moment at which all chains are live again, over loopback on two shared cores; a fault that
interrupts nothing has no such moment, and the truth is there within a flush. Lasting faults were at work for about a second,
`mute` until the chain was stale.

| fault | the feed | in between | live again after |
|---|---|---|---|
"""
_FOOT = """
¹ Measured with shorter waits than the feed's own, which are: 20 s to a ping and 20 s for its answer, 2.5 s for a confirmation
and as long for that of a second try, 5 s and then ever longer, 60 s at most, until a silent channel is asked for again, at
least 60 s after an eviction.
"""


def page(measured: list[dict[str, Any]]) -> str:
    """The whole page."""
    catalogue = "".join(_entry(fault) for fault in CATALOGUE.values())
    return _HEAD + catalogue + _MATRIX + "".join(_row(case) for case in measured) + _FOOT


def _entry(fault: Fault) -> str:
    parameters = ", ".join(f"`{one.name}={one.default}`" for one in fault.parameters)
    return _line(f"`{fault.name}`", fault.where, fault.does, parameters, fault.ends)


def _row(case: dict[str, Any]) -> str:
    between = ", ".join(f"`{state}`" for state in case["between"]) or "`live`"
    took = "–" if case["recovered_s"] in (None, 0.0) else f"{case['recovered_s']:.1f} s"
    return _line(
        f"`{case['fault']}`", case["feed"], between, took + (" ¹" if case["is_short"] and took != "–" else "")
    )


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    TARGET.write_text(page(json.loads(Path(sys.argv[1]).read_text())))
