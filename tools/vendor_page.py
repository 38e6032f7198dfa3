"""Fetch the libraries of the page anew and write what they are into vendor.json: name, version, npm's integrity, SHA-256 of each file.

python -m tools.vendor_page

Which ones, at which version, and which of their files is said by vendor.json itself: raise a version there first. It needs npm and
its registry; the page needs neither, since what was fetched is kept with the code.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

VENDOR: Final = Path(__file__).parents[1] / "marketswarm" / "outlets" / "page" / "vendor"
LISTING: Final = VENDOR / "vendor.json"


def integrity_of(package: bytes) -> str:
    """What npm states of a package, computed here."""
    return "sha512-" + base64.b64encode(hashlib.sha512(package).digest()).decode()


def hashes_of(folder: Path, names: list[str]) -> dict[str, str]:
    """File → SHA-256 of its bytes."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def packed(name: str, version: str, folder: Path) -> tuple[Path, str]:
    """The package as npm has it, and the integrity that its registry states."""
    said = subprocess.run(
        ["npm", "pack", f"{name}@{version}", "--json"], cwd=folder, capture_output=True, text=True, check=True
    )
    told = json.loads(said.stdout)[0]
    return folder / told["filename"], told["integrity"]


def fetch(library: dict[str, Any], vendor: Path) -> dict[str, Any]:
    """One library's files put in their folder; its new row."""
    with tempfile.TemporaryDirectory() as temporary:
        package, integrity = packed(library["name"], library["version"], Path(temporary))
        if integrity_of(package.read_bytes()) != integrity:
            sys.exit(f"{library['name']} {library['version']}: the package is not what its registry states")
        folder = vendor / library["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(package) as archive:
            for name, inside in library["from"].items():
                (folder / name).write_bytes(archive.extractfile(inside).read())  # type: ignore[union-attr]
    return {**library, "integrity": integrity, "sha256": hashes_of(folder, list(library["from"]))}


def main() -> None:
    """Do it for all."""
    libraries = json.loads(LISTING.read_text())
    LISTING.write_text(json.dumps([fetch(one, VENDOR) for one in libraries], indent=2) + "\n")


if __name__ == "__main__":
    main()
