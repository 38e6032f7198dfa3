"""What lies in the repository: no traces of a machine, no secrets, one version."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import marketswarm

ROOT = Path(__file__).parents[2]

# Written so that this file does not find itself.
TRACES = re.compile(r"(?<![\w.~])/(?:[h]ome|[U]sers|[w]ork|[r]oot)/[\w.]")
REGISTRIES = re.compile(r"[p]ypi\.org|[p]ythonhosted\.org|registry\.[n]pmjs|deb\.[d]ebian\.org|[d]ocker\.io/")
LITERAL = r"[\"']([A-Za-z0-9_\-+/]{32,})[\"']"
KNOWN_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE|\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|xox[bap]-\w{10,})"
)


def tracked() -> list[Path]:
    """Every text file under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


FILES = tracked()


def name_of(path: Path) -> str:
    """A path as it is written in this repository."""
    return path.relative_to(ROOT).as_posix()


def looks_random(text: str) -> bool:
    """Whether a literal is as mixed as a key: capitals, small letters and several digits."""
    kinds = (r"[A-Z]", r"[a-z]", r"\d.*\d.*\d")
    return all(re.search(kind, text) for kind in kinds)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_knows_no_machine(path: Path) -> None:
    """No file under version control names somebody's folders or a host of a package registry."""
    text = path.read_text()
    assert not TRACES.findall(text)
    assert not REGISTRIES.findall(text)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_holds_no_secret(path: Path) -> None:
    """No file under version control holds a literal that looks like a key."""
    text = path.read_text()
    assert not KNOWN_SECRETS.findall(text)
    assert not [literal for literal in re.findall(LITERAL, text) if looks_random(literal)]


def test_a_file_of_settings_is_never_tracked() -> None:
    """`.env`, where a key may lie, is ignored."""
    assert not [path for path in FILES if path.name == ".env"]
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_there_is_one_version() -> None:
    """The newest version in the change log is the one of pyproject.toml and of the package."""
    versions = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert versions[0] == project == marketswarm.__version__
