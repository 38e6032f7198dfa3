"""What `apply_updates` must do, in plain Python: a contract is a list of members, each with its JSON text.

It shares no code with the script and no way of working: nothing is cut, numbers are judged by Python's own JSON reader.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from marketswarm.model.contract import SECTIONS, Contract

Members = list[tuple[str, str]]
"""Names and their JSON texts, in order."""

KNOWN = {
    section: list(Contract.model_fields[section].annotation.__args__[0].model_fields) for section in SECTIONS
}
_WORDS = {"source": re.compile('"[a-z]+"'), "absent": re.compile('"[A-Za-z0-9 _-]+"')}


def members_text(members: Members) -> str:
    """The members as they are stored."""
    return ",".join(f'"{name}":{text}' for name, text in members)


@dataclass
class ModelContract:
    """A stored contract: what stands before `v`, and what stands behind `ts`; a section's value is its members."""

    ticker: str
    head: Members
    v: int
    ts: int
    body: list[tuple[str, str | Members]]

    def text(self) -> str:
        """The stored bytes."""
        head = [("ticker", f'"{self.ticker}"'), *self.head, ("v", str(self.v)), ("ts", str(self.ts))]
        body = [
            (name, value if isinstance(value, str) else f"{{{members_text(value)}}}")
            for name, value in self.body
        ]
        return f"{{{members_text(head + body)}}}"

    def section(self, name: str) -> Members | None:
        """A section's members."""
        return next((value for key, value in self.body if key == name and not isinstance(value, str)), None)

    def put_section(self, name: str, members: Members) -> None:
        """Replace a section, or put it before the first that comes later."""
        for at, (key, value) in enumerate(self.body):
            if key == name and not isinstance(value, str):
                self.body[at] = (name, members)
                return
        later = SECTIONS[SECTIONS.index(name) + 1 :]
        places = [
            at for at, (key, value) in enumerate(self.body) if key in later and not isinstance(value, str)
        ]
        self.body.insert(places[0] if places else len(self.body), (name, members))


@dataclass(frozen=True)
class ModelChange:
    """A change as it is sent, right or wrong."""

    ticker: str
    section: str
    order: str
    patch: Members

    def words(self) -> tuple[str, str, str, str]:
        """Its four arguments."""
        return self.ticker, self.section, self.order, members_text(self.patch)


@dataclass
class ModelChain:
    """Contracts by ticker, what is known of their order, and how many changes went which way."""

    contracts: dict[str, ModelContract]
    sequences: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def apply(self, batch: Iterable[ModelChange]) -> Counter[str]:
        """One batch; returns its own counts."""
        risen: set[str] = set()
        counts = Counter(self._outcome(change, risen) for change in batch)
        self.counts += counts
        return counts

    def _outcome(self, change: ModelChange, risen: set[str]) -> str:
        if change.section not in SECTIONS:
            return "BADSECTION"
        time, _, sequence = change.order.partition(" ")
        if not (time.isdigit() and time[0] != "0" and (sequence.isdigit() or change.order == time)):
            return "BADTIME"
        contract = self.contracts.get(change.ticker)
        if contract is None:
            return "unlisted"
        fault = fault_of(change.section, time, change.patch)
        return fault or self._merge(contract, change, int(time), int(sequence) if sequence else None, risen)

    def _merge(
        self, contract: ModelContract, change: ModelChange, time: int, sequence: int | None, risen: set[str]
    ) -> str:
        old = contract.section(change.section) or []
        new = merged(change.section, old, change.patch)
        stored = int(dict(old)["ts"]) if "ts" in dict(old) else None
        key = (change.ticker, change.section)
        known_at, known = self.sequences.get(key, (None, 0))
        if stored is not None and time < stored:
            return "stale"
        if time == stored == known_at and (new != old if sequence is None else sequence < known):
            return "stale"
        if sequence is not None:
            self.sequences[key] = (time, sequence)
        if new == old:
            return "same"
        contract.put_section(change.section, new)
        contract.v += contract.ticker not in risen
        contract.ts = max(contract.ts, time)
        risen.add(contract.ticker)
        return "applied"


def merged(section: str, old: Members, patch: Members) -> Members:
    """What is named is replaced in its place or put before what comes later; null takes away."""
    new, order = list(old), KNOWN[section]
    for name, text in patch:
        names = [key for key, _ in new]
        if text == "null":
            new = [member for member in new if member[0] != name]
        elif name in names:
            new[names.index(name)] = (name, text)
        else:
            later = [at for at, key in enumerate(names) if key in order[order.index(name) + 1 :]]
            new.insert(later[0] if later else len(new), (name, text))
    return new


def fault_of(section: str, time: str, patch: Sequence[tuple[str, str]]) -> str | None:
    """The word for the first thing that is wrong with a patch."""
    seen: set[str] = set()
    for name, text in patch:
        if name not in KNOWN[section]:
            return "BADFIELD"
        if name == "ts" and text != time:
            return "BADTIME"
        if name in seen:
            return "BADPATCH"
        if word := _fault_of_value(name, text):
            return word
        seen.add(name)
    if not seen:
        return "BADPATCH"
    return None if "ts" in seen else "BADTIME"


def _fault_of_value(name: str, text: str) -> str | None:
    if text == "null":
        return None
    if name in _WORDS:
        return None if _WORDS[name].fullmatch(text) else "BADTYPE"
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError:
        return "BADPATCH" if text[:1] in ("", "{") else "BADNUMBER"
    if isinstance(value, dict):
        return "BADPATCH"
    if value is None or text != text.strip():
        return "BADNUMBER"
    return "BADTYPE" if isinstance(value, (str, list, bool)) else None
