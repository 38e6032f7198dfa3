"""The page on Vexy is what the code says, and every message keeps to the schema."""

import json
import re

import jsonschema
import pytest

from marketswarm.model.event import EVENT_TYPES
from marketswarm.model.message import EPOCHS, MessageKind
from marketswarm.vexy import hearing, quality
from marketswarm.vexy.aggregate import TOGETHER_MS
from marketswarm.vexy.state import Counts
from tests.support.vexy_rig import VexyRig, fact
from tools import make_vexy_page

PAGE = make_vexy_page.PAGE.read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())
SCHEMA = json.loads(make_vexy_page.SCHEMA.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", list(make_vexy_page.pages()), ids=lambda page: page.name)
def test_a_page_is_up_to_date(page):
    """Tables and schema are what the code says now; `python -m tools.make_vexy_page` writes them."""
    assert page.read_text(encoding="utf-8") == make_vexy_page.pages()[page]


def test_every_kind_phase_and_count_is_told():
    """None that there is not, and none left out."""
    kinds = re.findall(
        r"^\| `(\w+)` \|", PAGE.partition("## Messages")[2].partition("## Phases")[0], re.MULTILINE
    )
    assert set(kinds) == set(MessageKind.__args__)
    assert not [epoch for epoch in EPOCHS if f"`{epoch}`" not in PAGE]
    assert all(f'"{name}"' in PAGE for name in Counts.__struct_fields__)


def test_the_figures_of_the_page():
    """Times that stand in its sentences."""
    assert hearing.LATE_MS == 300_000
    assert "events older than five minutes" in WORDS
    assert (quality.OLD_MS, quality.GOOD_AGAIN_MS) == (60_000, 60_000)
    assert "levels are older than a minute" in WORDS
    assert TOGETHER_MS == 20_000
    assert "within twenty seconds" in WORDS


def test_every_message_keeps_to_the_schema(redis, clock):
    """Events of all types with their ends, silences, digests, phases and notices: what is said is valid."""
    rig = VexyRig(redis, clock)
    rig.tick()
    rig.tell("drift", ts=rig.now - 3_600_000)
    for kind in EVENT_TYPES:
        begun = rig.tell(kind)
        rig.speak()
        rig.pass_time(20)
        rig.end(begun, evidence=dict(begun.evidence) | {"lasted": fact(20, "seconds")})
        rig.speak()
    for number in range(9):
        rig.tell("drift", key=f"{number}", severity=50)
    rig.clock.advance(5 * 3_600)
    rig.tick()
    rig.phases()
    rig.pass_time(20)
    rig.phases()

    stored = [json.loads(fields[b"message"]) for _, fields in redis.xrange("vexy:messages")]
    assert {one["kind"] for one in stored} == set(MessageKind.__args__)
    for one in stored:
        jsonschema.validate(one, SCHEMA)
    assert len({one["id"] for one in stored}) == len(stored)
