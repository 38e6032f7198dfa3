"""The plots of the README: drawn by the script, of the data that lies beside them."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tools import make_plots

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
DATA = PICTURES / "growth.json"
PLOTS = ("growth-contracts.svg", "growth-quotes.svg")


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_shows_the_data_beside_it(name: str) -> None:
    """Each carries the hash of the data that it was drawn of, which is that of the data there is."""
    digest = hashlib.sha256(DATA.read_bytes()).hexdigest()
    assert f"sha256:{digest}" in (PICTURES / name).read_text()


@pytest.mark.parametrize("name", PLOTS)
def test_the_readme_shows_a_plot(name: str) -> None:
    """As a picture."""
    assert f"](docs/pictures/{name})" in (ROOT / "README.md").read_text()


def test_the_data_names_machine_and_day() -> None:
    """A figure without them is worth nothing; the plots show them too."""
    machine = json.loads(DATA.read_text())["machine"]
    assert "cores" in machine
    assert all(machine in (PICTURES / name).read_text() for name in PLOTS)


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    """Drawn twice, on white, with named axes."""
    drawn = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        shutil.copy(DATA, folder)
        make_plots.main(folder)
        drawn.append({name: (folder / name).read_text() for name in PLOTS})
    assert drawn[0] == drawn[1]
    for text in drawn[0].values():
        assert "#ffffff" in text
        assert "% of a core" in text
        assert "receive, decode, keep only" in text
