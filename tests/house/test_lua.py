"""The Lua scripts: the header says what the body does, and the body keeps to the rules."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from marketswarm.scripts import Script, script_names

ROOT = Path(__file__).parents[2]
NAMES = script_names()
PARTS = ("KEYS", "ARGV", "RETURNS", "ERRORS", "COST")
KEY_BEHIND = {"XREADGROUP": "'GROUP'.*?'STREAMS', ", "XGROUP": "'(?:CREATE|SETID)', "}
PACKAGE = "\n".join(path.read_text() for path in sorted((ROOT / "marketswarm").rglob("*.py")))


def header_of(name: str) -> dict[str, list[str]]:
    """Part → its lines, of the comment at the head of a script; `purpose` is what stands before the parts."""
    text = (ROOT / "lua" / f"{name}.lua").read_text()
    assert text.startswith("--[[\n"), "a script begins with its header"
    parts: dict[str, list[str]] = {"purpose": []}
    part = "purpose"
    for line in text[5 : text.index("]]")].splitlines():
        if line.split(" ")[0] in PARTS:
            part = line.split(" ")[0]
            parts[part] = []
        parts[part].append(line[8:] if part != "purpose" else line)
    return parts


def body_of(name: str) -> str:
    """The joined script without its comments."""
    source = re.sub(r"--\[\[.*?\]\]", "", Script(name).source, flags=re.DOTALL)
    return re.sub(r"--.*", "", source)


def listed(lines: list[str]) -> tuple[set[int], int | None]:
    """The indices that a part lists, and the one from which on there may be any number."""
    rows = [re.match(r"(\d+) (\S+)", line) for line in lines]
    found = {int(row[1]): row[2] for row in rows if row}
    assert list(found) == list(range(1, len(found) + 1)), "indices are listed from 1, without gaps"
    last = len(found) if found and found[len(found)] == "..." else None
    return {index for index, word in found.items() if word != "..."}, last


def used(name: str, array: str) -> tuple[set[int], bool]:
    """The indices of KEYS or ARGV that a script names, and whether it also walks over the rest."""
    body = body_of(name)
    indices = {int(number) for number in re.findall(rf"\b{array}\[(\d+)\]", body)}
    walks = bool(re.search(rf"\b{array}\[[^\d\]]|unpack\({array}\b|#{array}\b", body))
    return indices, walks


@pytest.mark.parametrize("name", NAMES)
def test_a_header_has_its_parts(name: str) -> None:
    """A script says its purpose, keys, arguments, results, errors and cost, in that order, none of them empty."""
    header = header_of(name)
    assert tuple(header) == ("purpose", *PARTS)
    assert all("".join(lines).strip() for lines in header.values())


@pytest.mark.parametrize("array", ["KEYS", "ARGV"])
@pytest.mark.parametrize("name", NAMES)
def test_a_header_lists_what_the_body_reads(name: str, array: str) -> None:
    """The header lists exactly the keys and arguments that the body reads, and where the open end of them begins."""
    indices, rest_from = listed(header_of(name)[array])
    named, walks = used(name, array)
    assert named == indices
    assert walks == (rest_from is not None)
    if rest_from is not None:
        starts = re.findall(r"local [A-Z_, ]*(?:FIRST|META|KEY)[A-Z_, ]* = ([\d, ]+)", body_of(name))
        assert rest_from in {int(number) for line in starts for number in line.split(",")}


@pytest.mark.parametrize("name", NAMES)
def test_a_header_lists_the_error_words(name: str) -> None:
    """The header lists exactly the code words that the body refuses with; each is five capitals at least."""
    raised = set(re.findall(r"redis\.error_reply\('(\w+)", body_of(name)))
    lines = header_of(name)["ERRORS"]
    documented = set() if lines == ["none"] else {line.split()[0] for line in lines}
    assert raised == documented
    assert all(re.fullmatch(r"[A-Z]{5,}", word) for word in raised)
    assert "error(" not in re.sub(r"redis\.error_reply\(", "", body_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_script_reads_no_clock(name: str) -> None:
    """Time is an argument: no script asks the server or the machine for it, and none draws a random number."""
    assert not re.search(r"['\"]TIME['\"]|\bos\.|math\.random", body_of(name), re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_a_script_touches_declared_keys_only(name: str) -> None:
    """Every command works on a key that came in as one: no key is built from an argument or from text."""
    body = body_of(name)
    keys: set[str] = set()
    for names, values in re.findall(r"local ([\w, ]+?) =\s+((?:KEYS\[[^\]]+\](?:,\s*)?)+)", body):
        keys.update(word.strip() for word in names.split(",")[: values.count("KEYS[")])
    for command, words in KEY_BEHIND.items():  # whose key is not the first word
        body = re.sub(rf"'{command}', {words}", f"'{command}', ", body)
    calls = re.findall(r"redis\.p?call\(\s*'(\w+)',\s*([^,)]+)", body)
    assert len(calls) == body.count("redis.call(") + body.count("redis.pcall(") > 0
    assert {key for _, key in calls} <= keys


@pytest.mark.parametrize("name", NAMES)
def test_a_script_keeps_every_digit(name: str) -> None:
    """No script encodes or decodes JSON as a whole: that would cost digits, key order and empty lists."""
    assert "cjson" not in body_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_used_and_tested(name: str) -> None:
    """Each script is called by its name in the package and has a test file of its own."""
    assert f'script("{name}")' in PACKAGE
    assert (ROOT / "tests" / "lua" / f"test_{name}.py").is_file()


def test_every_fragment_is_included() -> None:
    """There is no fragment that no script includes."""
    fragments = {path.stem for path in (ROOT / "lua" / "include").glob("*.lua")}
    texts = [(ROOT / "lua" / f"{name}.lua").read_text() for name in NAMES]
    assert fragments == {
        word for text in texts for word in re.findall(r"^--- @include (\w+)$", text, re.MULTILINE)
    }


@pytest.mark.skipif(shutil.which("luacheck") is None, reason="needs luacheck: apt-get install lua-check")
@pytest.mark.parametrize("name", NAMES)
def test_a_joined_script_passes_luacheck(name: str, tmp_path: Path) -> None:
    """As it is sent to the server, a script names nothing that is not there."""
    joined = tmp_path / f"{name}.lua"
    joined.write_text(Script(name).source)
    options = ["--no-color", "--no-unused", "--config", str(ROOT / ".luacheckrc")]
    checked = subprocess.run(
        ["luacheck", *options, str(joined)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert checked.returncode == 0, checked.stdout
