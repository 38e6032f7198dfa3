"""`marketswarm levels`: header, table and chart; documents; a picture; exit code 5 when there are none."""

import json
import sys

import pytest

from tests.support.builders import ladder
from tests.support.vigil_documents import absent, all_levels, publish


def test_header_table_and_chart(cli, redis, live_chain):
    """All of it on standard output, without colours where there is no terminal."""
    live_chain(ladder())
    publish(redis)
    done = cli("levels", "spx")
    assert done.code == 0
    first, second, *rest = done.out.splitlines()
    assert first.startswith("SPX   6,801.50   2026-11-23")
    assert "sim data, sign model naive" in first
    assert second.split()[:3] == ["net", "gamma", "-257"]
    assert any("█" in line and "◂ call wall" in line for line in rest)
    assert "\x1b" not in done.out
    assert done.err == ""


def test_the_chart_is_as_wide_as_wanted(cli, redis):
    """--strikes N shows N on each side; what is hidden is said to people."""
    publish(redis)
    done = cli("levels", "SPX", "--strikes", "1")
    assert "4 of 9" not in done.err
    assert "2 of 9 strikes; --strikes N" in done.err
    assert [word for word in ("6795 ", "6800 ", "6805 ", "6810 ") if f" {word}" in done.out] == [
        "6800 ",
        "6805 ",
    ]


def test_documents_hold_levels_as_stored(cli, redis, live_chain):
    """--json: one document with all levels, and how the data comes."""
    live_chain(ladder())
    publish(redis)
    done = cli("levels", "SPX", "--json")
    document = json.loads(done.out)
    assert document["levels"] == all_levels()
    assert (document["symbol"], document["spot_by"], document["sign_model"]) == ("SPX", "indices", "naive")
    assert list(document)[-1] == "levels"


def test_levels_without_a_chain(cli, redis):
    """What is known is shown, with the reason for the rest, and no chart."""
    publish(redis, {"spot": all_levels()["spot"], "quality": absent("no-chain"), "flip": absent("no-chain")})
    done = cli("levels", "SPX")
    assert done.code == 0
    assert "degraded: no chain" in done.out
    assert "█" not in done.out


def test_no_levels_is_five(cli):
    """Nothing published of the symbol: exit code 5, and when there will be."""
    done = cli("levels", "SPX", "--json")
    assert (done.code, done.out) == (5, "")
    assert "no levels of SPX are published" in done.err


def test_a_picture_is_drawn_beside(cli, redis, tmp_path):
    """--png writes the file, and changes nothing of what is printed."""
    publish(redis)
    plain = json.loads(cli("levels", "SPX", "--json").out)
    done = cli("levels", "SPX", "--json", "--png", "out.png")
    assert json.loads(done.out)["levels"] == plain["levels"]
    assert "drawn in out.png" in done.err
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_it_says_what_to_install(cli, redis, environment):
    """One line, exit code 1."""
    publish(redis)
    environment.setitem(sys.modules, "matplotlib.figure", None)
    done = cli("levels", "SPX", "--png", "out.png")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "marketswarm: picture out.png: drawing needs matplotlib: pip install 'marketswarm[plots]'\n"
    )


@pytest.mark.parametrize("words", [(), ("SPX", "--strikes", "0"), ("SPX", "--strikes", "x"), ("SPX", "SPY")])
def test_wrong_use_is_two(cli, words):
    """No symbol, an impossible number or a word too many: exit code 2."""
    assert cli("levels", *words).code == 2
