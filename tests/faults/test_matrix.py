"""The fault matrix: each fault of the catalogue against the real feed, stream and loads, on a real server.

What is measured goes into the file that FAULT_MATRIX_FILE names, from which `tools/make_fault_matrix.py` makes the page.
No bound here is a promise of speed: it is generous, for machines that are busy with something else.
"""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from marketswarm.massive.session import SessionRules
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.massive.trust import VARIABLES
from marketswarm.simulator.faults.catalogue import CATALOGUE
from tests.support.fault_site import SYMBOLS, Chain, FaultSite, compared, fault_site, without_sizes
from tests.support.simulator import running_simulator

# One feed goes through many cases: were a connection healthy only after its minute, each case would add to the waits of the
# next. All other waits are the real ones.
USUAL = SessionRules(healthy_s=0.2)
# Where the rule's own wait would be longer than a test may be: 20 s to a ping and 20 s for its answer, 2.5 s for a
# confirmation and 60 s at most until a silent channel is asked for again, 60 s after an eviction.
SHORT = SessionRules(
    subscriptions=SubscriptionRules(ack_timeout_s=0.5, silent_retry_s=1.0),
    ping_every_s=0.5,
    pong_within_s=0.5,
    healthy_s=0.2,
    crowded_s=1.0,
)
STANDING = {"mute", "half-open"}  # connections stand, and what happens is not told or told later
CONTRACTS = 42  # of each chain: ten strikes to each side and the middle, calls and puts
MARGIN_S = 0.2  # what changed last before a fault's end may still be on its way


@dataclass(frozen=True)
class Case:
    """One fault.

    Attributes:
        feed: what the feed does about it.
        lasts_s: how long it is at work at least: until it has had its effect; a momentary one is over at once.
        is_cut: connections are hung up meanwhile, so that chains must be loaded while the fault is at work.
        is_down: no chain may be called live for as long as the fault is at work.
        counted: the reasons under which the feed must have counted something.
        interrupts: the chain must have been called something else than live.
        rules: the waits of the feed.
        is_tls: it needs a simulator that speaks TLS.
        says: what the stream must report of it while it is at work.
    """

    text: str
    feed: str
    lasts_s: float = 0.7
    is_cut: bool = False
    interrupts: bool = True
    is_down: bool = False
    counted: tuple[str, ...] = ()
    rules: SessionRules = field(default=USUAL)
    is_tls: bool = False
    says: str = ""

    @property
    def name(self) -> str:
        return self.text.partition(":")[0]

    @property
    def is_away(self) -> bool:
        """Whether the fault hangs up at its beginning, so that what happens in that moment is missed."""
        return self.is_cut or (self.interrupts and self.name not in STANDING)


RECONNECTS = "counts a gap, connects again, subscribes, loads the chains"
RETRIES = (
    "counts a gap, tries each call again with growing waits, and a load that failed after 0.25 s, 0.5 s, …"
)
TAKES_THE_NEWEST = "takes what is newest of each contract, counts the rest as late"
CASES = [
    Case("latency:ms=80,jitter=40", "takes what comes, when it comes", interrupts=False),
    Case("http-429", RETRIES, is_down=True, is_cut=True),
    Case(
        "http-429:retry_after=1,body=empty",
        "counts a gap, waits as long as it is told to",
        lasts_s=0.5,
        is_cut=True,
    ),
    Case("http-5xx:body=html", RETRIES, lasts_s=0.4, is_cut=True),
    Case(
        "not-authorized-200",
        "takes no such answer for data, tries the load again after 0.25 s, 0.5 s, …",
        is_down=True,
        is_cut=True,
    ),
    Case("cut-page", "stores no part of a chain, reads the page again", lasts_s=0.4, is_cut=True),
    Case("cut-page:how=truncate", "stores no part of a chain, reads the page again", is_cut=True),
    Case("foreign-next-url", "reads the next page from its own host", is_cut=True),
    Case("duplicate-rows:share=0.8", "keeps of each contract the newest row", is_cut=True),
    Case("cut", RECONNECTS),
    Case("close-1000", f"takes no code for an end for good: {RECONNECTS}"),
    Case("close-1001", RECONNECTS),
    Case("close-1006", RECONNECTS),
    Case("close-1008", RECONNECTS),
    Case("close-1009", RECONNECTS),
    Case("close-1011", RECONNECTS),
    Case("slow-consumer", RECONNECTS),
    Case("refuse", "tries again with growing waits", is_down=True),
    Case("refuse:how=tcp", "tries again with growing waits", is_down=True),
    Case("tls-failure", "tries again with growing waits", is_down=True),
    *(
        Case(
            f"tls-failure:how={how}",
            "names the certificate and its flaw as the cause, tries again with growing waits",
            is_down=True,
            is_tls=True,
            says=f"the server's certificate is refused: {says}",
        )
        for how, says in (
            ("self-signed", "self-signed"),
            ("wrong-host", "made for another host"),
            ("expired", "expired"),
        )
    ),
    Case("late-acks:ms=700", "keeps what comes before its confirmation", lasts_s=1.2),
    Case("mute", "calls the chain stale; loads it once data come again", is_down=True),
    Case("duplicates:share=0.5", "takes both, and nothing changes by the second", interrupts=False),
    Case("reorder:share=0.7", TAKES_THE_NEWEST, interrupts=False, counted=("late",)),
    Case("sequence-jump", "takes no jump for a loss: the numbers are not consecutive", interrupts=False),
    Case("late-prints:share=1", TAKES_THE_NEWEST, interrupts=False, counted=("late",)),
    Case(
        "crossed:share=0.5",
        "stores the quote and counts it as crossed",
        interrupts=False,
        counted=("crossed",),
    ),
    Case("zero-quotes:share=0.5", "stores that nobody quotes", interrupts=False),
    Case(
        "wrong-types:share=0.7",
        "counts each by its reason, keeps a few, takes their neighbours",
        interrupts=False,
        counted=("malformed",),
    ),
    Case(
        "garbage:share=0.7",
        "counts each by its reason, keeps a few",
        interrupts=False,
        counted=("not-json", "not-array", "unknown-kind"),
    ),
    Case("giant-frame:share=0.1", "reads it", interrupts=False),
    Case("auth-timeout:after=300ms", RECONNECTS, is_down=True),
    Case("half-open", f"pings, then {RECONNECTS}", is_down=True, rules=SHORT),
    Case(
        "delayed-silent",
        "asks again, then reports the channels as unanswered",
        lasts_s=1.5,
        is_down=True,
        rules=SHORT,
    ),
    Case(
        "missing-acks",
        "asks again, then reports the channels as unanswered",
        lasts_s=1.5,
        is_down=True,
        rules=SHORT,
    ),
    Case("evict", "waits for a minute and longer: another client holds the place", rules=SHORT),
]
BY_ITSELF = {"auth-refused"}  # in tests of their own below


class Watch:
    """Writes down the states that the chains go through, and how many contracts readers see."""

    def __init__(self, site: FaultSite) -> None:
        self.seen: dict[str, list[str]] = {symbol: [] for symbol in SYMBOLS}
        self.sizes: set[int] = set()
        self._site = site
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(0.015):
            for symbol, (state, size) in self._site.outlines().items():
                self.sizes.add(size)
                if self.seen[symbol][-1:] != [state]:
                    self.seen[symbol].append(state)

    def is_interrupted(self) -> bool:
        """Whether each chain was called something else than live."""
        return all(set(states) - {"live"} for states in self.seen.values())

    @property
    def between(self) -> list[str]:
        """What was said between live and live, in the order in which it was first said."""
        return list(
            dict.fromkeys(state for states in self.seen.values() for state in states if state != "live")
        )


CONFIG: dict[str, Any] = {
    "symbols": SYMBOLS,
    "events_per_second": 1000,
    "switches": ("page-rows=30",),
    "seed": 3,
}


@pytest.fixture(scope="module")
def site() -> Iterator[FaultSite]:
    """One site for all cases: 84 contracts, about 100 events a second."""
    with running_simulator(**CONFIG) as simulator, fault_site(simulator) as made:
        yield made


@pytest.fixture(scope="module")
def tls_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultSite]:
    """Another one by TLS, whose authority the feed and the loads were told to trust."""
    authority = tmp_path_factory.mktemp("tls") / "authority.pem"
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES:
            patch.delenv(variable, raising=False)
        patch.setenv("SSL_CERT_FILE", str(authority))
        with running_simulator(**CONFIG, tls=authority) as simulator, fault_site(simulator) as made:
            yield made


@pytest.fixture(scope="module")
def measured() -> Iterator[list[dict[str, Any]]]:
    """What was measured, written down at the end where somebody asks for it."""
    found: list[dict[str, Any]] = []
    yield found
    if path := os.environ.get("FAULT_MATRIX_FILE"):
        Path(path).write_text(json.dumps(found, indent=2) + "\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_the_truth_comes_back(
    case: Case, request: pytest.FixtureRequest, measured: list[dict[str, Any]]
) -> None:
    """After the fault's end the chains are live again without help, repaired before they say so, and equal to the book."""
    site: FaultSite = request.getfixturevalue("tls_site" if case.is_tls else "site")
    site.use(case.rules)
    site.end_all()
    site.wait_for("live chains", site.is_live)
    before, counts, watch = site.report(), site.counts(), Watch(site)
    try:
        marks, ended_s = go_through(case, site, watch, counts)
        first = first_live(site, marks)
        recovered_s = time.monotonic() - ended_s
        site.hold(still=True)
        equal_s = site.wait_for("the truth", lambda: not site.differences())
    finally:
        watch.stop()
        site.end_all()

    assert watch.sizes == {CONTRACTS}, "a reader saw a part of a chain"
    if case.interrupts:
        assert watch.is_interrupted(), "a chain that may lack updates was called live throughout"
        assert first == {}, "live before it was repaired"
    else:
        assert "gap" not in watch.between
    measured.append(
        {
            "fault": case.text,
            "feed": case.feed,
            "between": watch.between,
            "recovered_s": round(recovered_s, 2) if case.interrupts else 0.0,
            "equal_s": round(equal_s, 2),
            "reconnects": site.report()["reconnects"] - before["reconnects"],
            "is_short": case.rules is SHORT,
        }
    )


def test_every_fault_of_the_catalogue_has_its_case() -> None:
    """No fault is left out, and none is tried that there is not."""
    assert {case.name for case in CASES} | BY_ITSELF == set(CATALOGUE)


def test_a_refused_key_is_final(site: FaultSite, measured: list[dict[str, Any]]) -> None:
    """A refused key makes a gap that says why; it is not tried again, and a new stream with a good key ends at the truth."""
    site.use(SHORT, anew=True)
    site.wait_for("live chains", site.is_live)
    site.begin("auth-refused")
    site.wait_for("the refusal", lambda: site.report()["feed"] == "refused")
    site.wait_for("gaps", lambda: set(site.states().values()) == {"gap"})
    assert site.report()["detail"] == "authentication failed"
    reconnects = site.report()["reconnects"]
    site.end("auth-refused")
    time.sleep(1.0)
    assert (site.report()["feed"], site.report()["reconnects"]) == ("refused", reconnects)

    site.use(SHORT, anew=True)
    site.wait_for("live chains", site.is_live)
    site.hold(still=True)
    site.wait_for("the truth", lambda: not site.differences())
    measured.append(
        {
            "fault": "auth-refused",
            "feed": "tries no more until it is given another key",
            "between": ["gap"],
            "recovered_s": None,
            "equal_s": 0.0,
            "reconnects": 0,
            "is_short": True,
        }
    )


def go_through(
    case: Case, site: FaultSite, watch: Watch, counts: Counter[str]
) -> tuple[dict[str, Any], float]:
    """Begin the fault and end it: the truth shortly before its end, and when that was."""
    fault = CATALOGUE[case.name]
    tickers = [ticker for symbol in SYMBOLS for ticker in site.chain(symbol).rows]
    if fault.is_momentary:
        site.begin(case.text, stirs=True)
        ended_s = time.monotonic()
        marks = site.truth(tickers)
        site.wait_for("an interruption of each chain", watch.is_interrupted)
        return marks, ended_s
    site.begin(*([case.text, "cut"] if case.is_cut else [case.text]), stirs=case.is_away)
    time.sleep(case.lasts_s)
    if case.interrupts:
        site.wait_for("an interruption of each chain", watch.is_interrupted)
    site.wait_for("its name", lambda: case.says in site.report()["detail"])
    site.wait_for("the counts", lambda: not set(case.counted) - (site.counts() - counts).keys())
    marks = site.truth(tickers)
    time.sleep(MARGIN_S)
    if case.is_down:
        assert "live" not in site.states().values(), "live in the middle of the fault"
    site.end(case.name)
    return marks, time.monotonic()


def first_live(site: FaultSite, marks: dict[str, Any]) -> dict[str, Any]:
    """Wait until both are live; what was wrong at that first moment, of all that has not changed since the marks.

    Sizes alone at the same prices may wait longer, on a busy machine even longer than the margin behind the marks.
    """
    wrong: dict[str, Any] = {}
    live: dict[str, Chain] = {}

    def see() -> bool:
        for symbol in set(SYMBOLS) - live.keys():
            chain = site.chain(symbol)
            if chain.state == "live":
                live[symbol] = chain
                after = site.truth(chain.rows)
                unchanged = {ticker: true for ticker, true in after.items() if marks.get(ticker) == true}
                wrong.update(
                    {
                        ticker: (stored, true)
                        for ticker, (stored, true) in compared(chain.rows, unchanged).items()
                        if without_sizes(stored) != without_sizes(true)
                    }
                )
        return len(live) == len(SYMBOLS)

    site.wait_for("live chains", see)
    return wrong
