"""The page's files: each is asked for at once, none writes markup, and none is from elsewhere."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "marketswarm" / "outlets" / "page"
INDEX = (PAGE / "index.html").read_text()
OWN = sorted([*PAGE.glob("js/**/*.js"), *PAGE.glob("css/*.css"), PAGE / "index.html"])

# Ways in which text can become markup, or code.
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|\beval\(|new Function|setHTML"
)
ELSEWHERE = re.compile(r"(?:https?:)?//[a-z0-9-]+\.[a-z]")
SVG = "http://www.w3.org/2000/svg"


def name_of(path: Path) -> str:
    """A path as the page asks for it."""
    return "/static/" + path.relative_to(PAGE).as_posix()


def test_every_module_is_asked_for_at_once() -> None:
    """The page preloads each of its modules, so that none waits until another one that imports it was read."""
    modules = {name_of(path) for folder in ("js", "vendor") for path in PAGE.glob(f"{folder}/**/*.js")}
    preloaded = set(re.findall(r'<link rel="modulepreload" href="([^"]+)"', INDEX))
    started = set(re.findall(r'<script type="module" src="([^"]+)"', INDEX))
    assert preloaded | started == modules


def test_every_sheet_is_used() -> None:
    """The page links each of its style sheets."""
    linked = set(re.findall(r'<link rel="stylesheet" href="([^"]+)"', INDEX))
    assert {name_of(path) for path in PAGE.glob("css/*.css")} <= linked


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_text_stays_text(path: Path) -> None:
    """No file of ours makes markup of text, nor code, and none names another origin."""
    text = path.read_text()
    assert not MARKUP.findall(text)
    assert not ELSEWHERE.findall(text.replace(SVG, ""))
    assert len(text.splitlines()) <= 400


def test_the_page_obeys_its_policy() -> None:
    """There is no script and no style within the page itself, which the content policy would refuse."""
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", INDEX)
