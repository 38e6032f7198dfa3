"""The layout: sizes, mirrors, docstrings, and floors."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import filter as fnmatch_filter
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = [
    ROOT / "celeryconfig.py",
    *(
        path
        for room in ("marketswarm", "tasks", "tools", "benchmarks")
        for path in sorted((ROOT / room).rglob("*.py"))
    ),
]
LUA = sorted((ROOT / "lua").rglob("*.lua"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
ASSERTIONS = re.compile(
    r"^\s+assert |pytest\.raises\(|pytest\.fail\(|\bexpect\(|\bassert_\w+\(", re.MULTILINE
)

# What has no mirror in tests/unit: where it is tested instead, and why there.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "__init__.py": ("house/test_docs.py", "gives Celery its app, which Celery's own command line asks for"),
    "reachable.py": (
        "unit/chain/test_redis_store.py",
        "what a store that cannot be reached is, on every server",
    ),
    "ports.py": ("unit/chain/test_stream.py", "protocols: what stands behind them is tested"),
    "cli/__init__.py": ("unit/cli/test_status.py", "every command goes through it"),
    "cli/simulator.py": ("flow/test_up.py", "a command that is a process"),
    "cli/up*.py": ("flow/test_up.py", "a command that is a process"),
    "cli/gateway.py": ("flow/test_gateway_process.py", "a command that is a process"),
    "gateway_joint.py": ("flow/test_gateway_process.py", "joins what only a process has"),
    "outlets/gateway/app.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/chain.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/described.py": ("flow/test_gateway_description.py", "tried over HTTP"),
    "outlets/gateway/health.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/levels.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/page.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/spot.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/status.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/told.py": ("flow/test_gateway.py", "tried over HTTP"),
    "outlets/gateway/desk.py": ("flow/test_gateway.py", "names of symbols, tried over HTTP"),
    "outlets/gateway/refresh.py": ("flow/test_gateway_process.py", "needs a worker"),
    "outlets/gateway/session.py": ("flow/test_gateway_safety.py", "tried over HTTP"),
    "outlets/flower_page/command_line.py": (
        "unit/outlets/test_flower_command_line.py",
        "named for the outlet",
    ),
    "outlets/flower_page/desk.py": ("unit/outlets/test_flower_orders.py", "named for what it takes"),
    "outlets/flower_page/progress.py": ("unit/outlets/test_flower_progress.py", "named for the outlet"),
    "outlets/flower_page/routes.py": ("unit/outlets/test_flower_routes.py", "named for the outlet"),
    "outlets/flower_page/*.py": ("flow/test_flower_page.py", "true inside a running Flower only"),
    "simulator/faults/*.py": ("wire/test_simulator_faults.py", "what a fault does is seen on the wire"),
    "simulator/*.py": ("wire/test_simulator_http.py", "a server, tried on its wire"),
    "supervisor/plan.py": ("unit/supervisor/test_parts.py", "a plan is what its parts become"),
    "supervisor/preflight.py": ("flow/test_up_refuses.py", "what a start refuses"),
    "supervisor/*.py": ("flow/test_supervisor.py", "processes, tried with real ones"),
}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False) or ""
    return function.end_lineno - function.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def name_of(path: Path) -> str:
    """A path as it is written in this repository."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PYTHON + LUA, ids=name_of)
def test_a_file_holds_one_idea(path: Path) -> None:
    """No file of code has more than 400 lines, and no function more than 50 beside its docstring."""
    assert len(path.read_text().splitlines()) <= 400
    if path.suffix == ".py":
        lengths = {each.name: length_of(each) for each in functions(path)}
        assert not {name: lines for name, lines in lengths.items() if lines > 50}


def without_mirror() -> set[str]:
    """The files of the package that hold functions and have no test file at the same place of tests/unit."""
    package, missing = ROOT / "marketswarm", set()
    for path in package.rglob("*.py"):
        inside = path.relative_to(package)
        mirror = ROOT / "tests" / "unit" / inside.parent / f"test_{inside.stem}.py"
        if any(functions(path)) and not mirror.is_file():
            missing.add(inside.as_posix())
    return missing


def test_a_file_has_its_mirror() -> None:
    """Each file with functions has its test file at the same place of tests/unit, or is listed above with the reason."""
    assert not {name for name in without_mirror() if not any(fnmatch(name, known) for known in ELSEWHERE)}


@pytest.mark.parametrize("known", ELSEWHERE)
def test_an_exception_is_still_one(known: str) -> None:
    """What is listed as tested elsewhere is there, has no mirror, and the test that is named exists."""
    assert fnmatch_filter(without_mirror(), known)
    assert (ROOT / "tests" / ELSEWHERE[known][0]).is_file()


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_a_test_states_a_fact(path: Path) -> None:
    """Every test says in its docstring what is true, and every file of tests asserts something."""
    tests = [each for each in functions(path) if each.name.startswith("test_")]
    assert tests
    assert not [each.name for each in tests if not ast.get_docstring(each)]
    assert ASSERTIONS.search(path.read_text())


def test_the_floors_hold() -> None:
    """Imports go down only, stages do not know each other, and files that think touch nothing."""
    lint_imports = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    assert "0 broken" in checked.stdout


def test_every_room_is_on_a_floor() -> None:
    """Each part of the package stands in the contract of the floors, so that no room can be forgotten there."""
    contract = (ROOT / "pyproject.toml").read_text().partition("layers = [")[2].partition("]")[0]
    on_floors = set(re.findall(r"marketswarm\.(\w+)", contract))
    rooms = {
        path.stem
        for path in (ROOT / "marketswarm").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert rooms - {"__init__", "__main__"} == on_floors
