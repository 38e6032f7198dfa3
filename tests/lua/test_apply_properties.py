"""`apply_updates` against a model in Python, on every kind of server: 20,000 generated cases over all of them.

A case is one contract and the changes that come for it, right and wrong ones; some of them share their calls. They are drawn by
hypothesis, which makes a case that fails as small as it can.
"""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from marketswarm.scripts import script
from tests.lua.conftest import CHAIN, FEED, META, ORDER, TOKEN
from tests.support.chain_cases import CALLS, Case, arrivals, cases
from tests.support.chain_model import KNOWN, ModelChain, ModelChange, ModelContract
from tests.support.merge import merge_patch
from tests.support.valkey import server_binaries

CASES = 20_000
TOGETHER = 12  # cases that share calls: with more, hypothesis has not room for all of their choices
EXAMPLES = -(-CASES // (TOGETHER * len(server_binaries())))
TICKERS = [f"O:SPXW261123C{at:08d}" for at in range(TOGETHER)]
GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
_tried: Counter[str] = Counter()


def put_chain(redis: Redis, contracts: dict[str, ModelContract]) -> None:
    """The chain as it stands before anything comes for it."""
    with redis.pipeline(transaction=False) as pipe:
        pipe.delete(CHAIN, FEED, ORDER)
        pipe.hset(CHAIN, mapping={name: contract.text() for name, contract in contracts.items()})
        pipe.hset(META, mapping={"epoch": 7, "seq": 40})
        pipe.set(TOKEN, 3)
        pipe.execute()


def send(redis: Redis, batch: list[ModelChange]) -> Counter[str]:
    """One call; what became of the changes."""
    words = [word for change in batch for word in change.words()]
    answer = script("apply_updates").run(
        redis, [CHAIN, META, FEED, TOKEN, ORDER], ["SPX", "2026-11-23", 7, 3, 5000, 5000, *words]
    )
    counts = Counter(dict(zip(("applied", "same", "stale", "unlisted"), answer[1:5], strict=True)))
    counts.update({word.decode(): number for word, number in zip(answer[5::3], answer[6::3], strict=True)})
    return +counts


def stored(redis: Redis) -> dict[str, str]:
    """Ticker → stored text."""
    return {name.decode(): text.decode() for name, text in redis.hgetall(CHAIN).items()}


def calls_of(together: list[Case]) -> list[list[ModelChange]]:
    """The changes of all cases by call; within one the first ones of all contracts, then the second ones."""
    named = [(call, place, change) for case in together for place, (call, change) in enumerate(case.changes)]
    named.sort(key=lambda one: one[:2])
    calls = [[change for call, _, change in named if call == number] for number in range(CALLS)]
    return [call for call in calls if call]


@GENERATED
@given(drawn=st.lists(cases(), min_size=TOGETHER, max_size=TOGETHER))
def test_the_script_does_what_the_model_does(redis: Redis, any_server_name: str, drawn: list[Case]):
    """Every stored byte, every count and every entry is the model's; what no change named is as it was."""
    together = [case.named(name) for name, case in zip(TICKERS, drawn, strict=False)]
    contracts = {case.contract.ticker: case.contract for case in together}
    put_chain(redis, contracts)
    model, seen = ModelChain(contracts), {name: json.loads(one.text()) for name, one in contracts.items()}

    for call in calls_of(together):
        assert send(redis, call) == model.apply(call)

    assert stored(redis) == {name: contract.text() for name, contract in contracts.items()}
    for position, (_, entry) in enumerate(redis.xrange(FEED)):
        assert int(entry[b"prev_seq"]) == 40 + position
        seen = merge_patch(seen, json.loads(entry[b"updates"]))
    assert seen == {name: json.loads(text) for name, text in stored(redis).items()}
    _tried[any_server_name] += len(together)


def test_twenty_thousand_cases_were_tried(any_server_name: str):
    """On all kinds of servers together."""
    if any_server_name not in _tried:
        pytest.fail("this file's first test runs before this one")
    print(f"{_tried[any_server_name]:,} cases on {any_server_name}")
    assert _tried[any_server_name] * len(server_binaries()) >= CASES


@settings(GENERATED, max_examples=100)
@given(data=st.data(), changes=st.lists(arrivals(), min_size=1, max_size=TOGETHER))
def test_the_order_of_arrival_does_not_matter(
    redis: Redis, data: st.DataObject, changes: list[list[ModelChange]]
):
    """Whole sections that time or sequence tells apart end the same in any order and any batches, but for the number of changes.

    Of values that neither tells apart the last to come stands: none of these are drawn here.
    """
    named = [
        ModelChange(name, one.section, one.order, one.patch)
        for name, of_one in zip(TICKERS, changes, strict=False)
        for one in of_one
    ]
    ends = []
    for _ in range(3):
        put_chain(redis, {name: ModelContract(name, [], 1, 900, []) for name in TICKERS})
        arriving = data.draw(st.permutations(named))
        cut = data.draw(st.integers(0, len(named)))
        for call in (arriving[:cut], arriving[cut:]):
            send(redis, call)
        ends.append([{**json.loads(text), "v": 0} for _, text in sorted(stored(redis).items())])

    assert ends[0] == ends[1] == ends[2]
    contract = ends[0][0]
    assert {"quote", "trade"} <= contract.keys() <= {"ticker", "v", "ts", *KNOWN}


@pytest.mark.parametrize("sequence", [None, 7])
def test_what_nothing_tells_apart_ends_as_it_came_last(redis: Redis, sequence: int | None):
    """Two values of one ms without a sequence, or with an equal one: the last to come stands."""
    order = "1000" if sequence is None else f"1000 {sequence}"
    sent = [ModelChange(TICKERS[0], "trade", order, [("price", price), ("ts", "1000")]) for price in "12"]
    for arriving in (sent, sent[::-1]):
        put_chain(redis, {TICKERS[0]: ModelContract(TICKERS[0], [], 1, 900, [])})
        for change in arriving:
            assert send(redis, [change]) == {"applied": 1}
        assert json.loads(stored(redis)[TICKERS[0]])["trade"]["price"] == int(arriving[-1].patch[0][1])
