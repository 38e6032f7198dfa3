"""The documents: what they name is there, and what is there is named."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from celery.worker.control import Panel

from marketswarm import bootstep, keys
from marketswarm.cli import COMMANDS, commands
from marketswarm.scripts import script_names
from marketswarm.settings import Settings
from tools import make_reference, make_sessions

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "lua" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
ALL_TEXT = "\n".join(page.read_text() for page in PAGES)
VARIABLES = {str(field.alias) for field in Settings.model_fields.values()}
# Read, not imported: Celery's app takes its configuration once a process, and other tests need it with a server.
TASKS = set(
    re.findall(
        r'@app\.task\(name="([\w.]+)"', "".join(path.read_text() for path in (ROOT / "tasks").glob("*.py"))
    )
)
TARGETS = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))


def name_of(path: Path) -> str:
    """A path as it is written in this repository."""
    return path.relative_to(ROOT).as_posix()


def code_of(text: str) -> list[str]:
    """What stands in a page as code: lines of fenced blocks without their comments, and words in backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0] for block in blocks for line in block.splitlines()]
    return [
        *lines,
        *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)),
    ]


def said(program: str) -> Iterator[str]:
    """Everything in the README that follows a program's name: options and arguments."""
    for code in code_of(README):
        yield from re.findall(rf"(?:^|(?<!-A)\s|/){re.escape(program)} ([^;|&\n]+)", code)


# -- generated pages -----------------------------------------------------------


@pytest.mark.parametrize("page", list(make_reference.pages()), ids=lambda page: page.name)
def test_a_generated_page_is_up_to_date(page: Path) -> None:
    """The pages of settings and keys are what the code says now; `make reference` writes them."""
    assert page.read_text() == make_reference.pages()[page]


def test_every_setting_and_key_is_documented() -> None:
    """Every variable stands in docs/settings.md and every key in docs/keys.md."""
    settings, key_page = (ROOT / "docs" / "settings.md").read_text(), (ROOT / "docs" / "keys.md").read_text()
    assert not {name for name in VARIABLES if f"`{name}`" not in settings}
    assert not {doc.key for doc in keys.REFERENCE if f"`{doc.key}`" not in key_page}


def test_the_session_table_is_what_its_tool_writes() -> None:
    """The shipped table of sessions is, byte for byte, what tools/make_sessions.py makes of the calendar library."""
    days = make_sessions.closed_and_early(make_sessions.FIRST_YEAR, make_sessions.LAST_YEAR)
    assert make_sessions.TARGET.read_text() == make_sessions.module_text(*days)


# -- what pages name -------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_no_variable_that_is_gone(page: Path) -> None:
    """Every variable of ours that a page names is one of the settings."""
    named = set(re.findall(r"\b(?:MARKETSWARM|MASSIVE)_[A-Z_]*[A-Z]\b", page.read_text()))
    assert named <= VARIABLES


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_no_key_that_is_gone(page: Path) -> None:
    """Every key with a placeholder and every stream that a page names is in the key reference."""
    text = page.read_text()
    named = set(re.findall(r"`(\w+:<[^`]+)`", text)) | set(re.findall(r"\bsse:[a-z-]+[a-z]", text))
    assert named <= {doc.key for doc in keys.REFERENCE}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_points_at_what_is_there(page: Path) -> None:
    """Every relative link and every path to a file of ours leads to something."""
    text = page.read_text()
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}
    assert not {link for link in links if link and not (page.parent / link).exists()}
    paths = set(re.findall(r"`((?:marketswarm|tasks|lua|tests|tools|docs|benchmarks)/[\w/.-]*\w)`", text))
    paths |= {
        f"marketswarm/{path}"
        for path in re.findall(
            r"`((?:massive|chain|spot|maths|model|outlets|cli|supervisor|simulator)/\w+\.py)`", text
        )
    }
    assert not {path for path in paths if "_lua" not in path and not (ROOT / path).exists()}


def test_every_task_is_documented() -> None:
    """Every task stands in the README or the docs by its name, and they name no task that is gone."""
    assert not {name for name in TASKS if f"`{name}`" not in ALL_TEXT}
    named = set(re.findall(r"`((?:chain|spot|vigil|vexy)\.[a-z]+)`", ALL_TEXT))
    assert named <= TASKS


def test_every_script_and_its_words_are_documented() -> None:
    """lua/README.md lists each script and each word that one refuses a call or a change with, and no others."""
    text = (ROOT / "lua" / "README.md").read_text()
    scripts, _, rest = text.partition("## How")
    sources = "\n".join(path.read_text() for path in (ROOT / "lua").rglob("*.lua"))
    assert set(re.findall(r"^\| `([a-z_]+)` \|", scripts, re.MULTILINE)) == set(script_names())
    assert set(re.findall(r"^\| `([A-Z]+)` \|", rest, re.MULTILINE)) == set(
        re.findall(r"error_reply\('(\w+)", sources) + re.findall(r"'(BAD[A-Z]+)'", sources)
    )


def test_every_decision_is_in_the_index() -> None:
    """The index lists every record with the title that it has; a record says what would change our mind."""
    folder = ROOT / "docs" / "decisions"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    rows = re.findall(r"^\| \[(\d+)\]\((\S+)\) \| (.+) \|$", (folder / "README.md").read_text(), re.MULTILINE)
    titles = [(path.name, path.read_text().splitlines()[0]) for path in records]
    assert [(name, f"# {number}. {title}") for number, name, title in rows] == titles
    for path in records:
        assert re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE) == [
            *("Context", "Decision", "Consequences", "What would change our mind"),
        ]


# -- the README's commands ---------------------------------------------------------


def test_every_make_command_is_a_target() -> None:
    """Every `make X` of the README is a target that `make help` lists, and the two main ones are there."""
    named = {words.split()[0] for words in said("make")}
    assert {"up", "test"} <= named <= TARGETS
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z]+) +\S", listed, re.MULTILINE)) == TARGETS


@pytest.mark.parametrize("target", ["up", "test"])
def test_who_waits_for_the_first_install_is_told(target: str, tmp_path: Path) -> None:
    """One line before pip begins, which says nothing itself."""
    command = ["make", "--dry-run", target, f"VENV={tmp_path / 'new'}"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    before = told.partition("pip install")[0]
    assert f"installing into {tmp_path / 'new'}, about half a minute the first time" in before


def test_readme_needs_no_extra_unsaid() -> None:
    """The README's Python lines run with what `make up` installs; what an extra is for says how it is installed here."""
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert blocks
    assert not [block for block in blocks if "pandas" in block]
    assert ".venv/bin/pip install -e '.[frames]'" in README


def test_every_target_is_documented_and_phony() -> None:
    """A target that is no file is declared so, and `make help` says what it does."""
    phony = set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[0].split())
    assert phony == TARGETS


def test_every_command_is_a_subcommand() -> None:
    """Every `marketswarm X` of the README exists with the options that are shown with it, the main ones among them."""
    shown: set[str] = set()
    for words in said("marketswarm"):
        name = re.split(r"[\s,`]", words)[0]
        command = commands.get_command(None, name)
        assert command is not None, words
        if isinstance(command, click.Group):
            command = command.commands[words.split()[1].rstrip("`")]
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", words)) <= options, words
        shown.add(name)
    assert {"up", "status", "chain", "watch", "refresh", "doctor", "config", "keys", "simulator"} <= shown
    assert shown <= set(COMMANDS)


CELERY = sorted({words.strip() for words in said("celery -A marketswarm")})


@pytest.mark.parametrize("words", CELERY)
def test_every_celery_command_parses(words: str, tmp_path: Path) -> None:
    """Every `celery -A marketswarm X` of the README is a command that Celery takes with these options."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment |= {"MARKETSWARM_REDIS_URL": "redis://127.0.0.1:1/0", "MARKETSWARM_STATE_DIR": str(tmp_path)}
    arguments = [sys.executable, "-m", "celery", "-A", "marketswarm", *shlex.split(words), "--help"]
    parsed = subprocess.run(
        arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
    if words.startswith("inspect "):
        assert bootstep.inspect_streams is Panel.data[words.split()[1]]


def test_the_celery_doors_are_shown() -> None:
    """The README shows worker, stream worker, beat, Flower and the stream's state."""
    assert {words.split()[0] for words in CELERY} == {"worker", "beat", "flower", "inspect"}
    assert any("--streams" in words for words in CELERY)


def test_the_shell_example_is_true(tmp_path: Path) -> None:
    """The Python lines of the README import what exists."""
    imports = [line for line in code_of(README) if re.match(r"(?:from|import) ", line)]
    assert any("tasks.chain" in line for line in imports)
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(imports)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
