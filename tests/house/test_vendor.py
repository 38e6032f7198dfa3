"""What the page has of others: unchanged, with its licence, and no more than is listed."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).parents[2] / "marketswarm" / "outlets" / "page" / "vendor"
LIBRARIES: list[dict[str, Any]] = json.loads((VENDOR / "vendor.json").read_text())


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda one: one["name"])
def test_a_vendored_file_is_as_it_was_fetched(library: dict[str, Any]) -> None:
    """Each file has the hash that is listed, and the licence is among them."""
    folder = VENDOR / library["folder"]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert found == library["sha256"]
    assert "LICENSE" in found
    assert library["integrity"].startswith("sha512-")


def test_nothing_is_vendored_unlisted() -> None:
    """No folder lies beside those of the listed libraries."""
    assert {path.name for path in VENDOR.iterdir()} == {one["folder"] for one in LIBRARIES} | {"vendor.json"}
