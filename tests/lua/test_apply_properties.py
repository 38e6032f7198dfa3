"""`apply_updates` against a model in Python, on every kind of server: 20,000 generated cases over all of them.

A case is one contract and the changes that come for it, right and wrong ones, in random order; a hundred of them share a call.
"""

import json
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from marketswarm.scripts import script
from tests.lua.conftest import CHAIN, FEED, META, ORDER, TOKEN
from tests.support.chain_cases import some_change, some_contract, whole_change
from tests.support.chain_model import KNOWN, ModelChain, ModelChange, ModelContract
from tests.support.merge import merge_patch
from tests.support.valkey import server_binaries

CASES = 20_000
BATCH = 100  # cases a call
EXAMPLES = -(-CASES // (BATCH * len(server_binaries())))
TICKERS = [f"O:SPXW261123C{at:08d}" for at in range(BATCH)]
SEEDS = st.integers(0, 2**63)
GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
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


def batches(dice: Random, changes: list[ModelChange]) -> list[list[ModelChange]]:
    """The changes cut into a few calls."""
    cuts = [0, *sorted(dice.choices(range(1, len(changes)), k=dice.randrange(3))), len(changes)]
    return [changes[first:last] for first, last in pairwise(cuts) if first < last]


@GENERATED
@given(seed=SEEDS)
def test_the_script_does_what_the_model_does(redis: Redis, any_server_name: str, seed: int):
    """Every stored byte, every count and every entry is the model's; what no change named is as it was."""
    dice = Random(seed)
    contracts = {name: some_contract(dice, name) for name in TICKERS}
    changes = [some_change(dice, name) for name in TICKERS for _ in range(dice.randrange(1, 5))]
    dice.shuffle(changes)
    put_chain(redis, contracts)
    model, seen = ModelChain(contracts), {name: json.loads(one.text()) for name, one in contracts.items()}

    for batch in batches(dice, changes):
        assert send(redis, batch) == model.apply(batch)

    assert stored(redis) == {name: contract.text() for name, contract in contracts.items()}
    for position, (_, entry) in enumerate(redis.xrange(FEED)):
        assert int(entry[b"prev_seq"]) == 40 + position
        seen = merge_patch(seen, json.loads(entry[b"updates"]))
    assert seen == {name: json.loads(text) for name, text in stored(redis).items()}
    _tried[any_server_name] += BATCH


def test_twenty_thousand_cases_were_tried(any_server_name: str):
    """On all kinds of servers together."""
    if any_server_name not in _tried:
        pytest.fail("this file's first test runs before this one")
    print(f"{_tried[any_server_name]:,} cases on {any_server_name}")
    assert _tried[any_server_name] >= BATCH * EXAMPLES
    assert BATCH * EXAMPLES * len(server_binaries()) >= CASES


@settings(GENERATED, max_examples=20)
@given(seed=SEEDS)
def test_the_order_of_arrival_does_not_matter(redis: Redis, seed: int):
    """Whole sections in any order and any batches end as the same contract, but for the number of changes it took."""
    dice = Random(seed)
    changes = []
    for name in TICKERS:
        moments = {(dice.choice((999, 1000, 1001)), dice.choice((None, 1, 5, 9, 10))) for _ in range(4)}
        changes += [
            whole_change(dice, name, section, *moment) for section in ("quote", "trade") for moment in moments
        ]
    ends = []
    for _ in range(3):
        dice.shuffle(changes)
        put_chain(redis, {name: ModelContract(name, [], 1, 900, []) for name in TICKERS})
        for batch in batches(dice, changes):
            send(redis, batch)
        ends.append([{**json.loads(text), "v": 0} for _, text in sorted(stored(redis).items())])

    assert ends[0] == ends[1] == ends[2]
    assert all({"quote", "trade"} <= contract.keys() <= {"ticker", "v", "ts", *KNOWN} for contract in ends[0])
