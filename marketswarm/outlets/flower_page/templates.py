"""Flower's templates with ours beside them, and the link to our page in its navigation bar.

Tornado takes a ready-made loader from the application setting `template_loader`, so all pages, Flower's and ours, are drawn
from one dictionary of sources.
"""

from pathlib import Path

from tornado.template import DictLoader

_OURS = Path(__file__).with_name("templates")
_NAVBAR = "navbar.html"
_END_OF_LINKS = "</ul>"
_LINK = """\
  <li class="nav-item">
          <a class="nav-link{% if active_tab == 'refresh' %} active{% end %}"
            href="{{ reverse_url('refresh') }}"
            {% if active_tab == 'refresh' %}aria-current="page"{% end %}>Refresh</a>
        </li>
      """


def template_loader(flower_templates: Path) -> DictLoader:
    """A loader of Flower's templates and ours."""
    sources = {
        path.name: path.read_text(encoding="utf-8")
        for folder in (flower_templates, _OURS)
        for path in sorted(folder.glob("*.html"))
    }
    sources[_NAVBAR] = with_link(sources[_NAVBAR])
    return DictLoader(sources)


def with_link(navbar: str) -> str:
    """The navigation bar with our link behind its first list of links; unchanged when it has no list."""
    head, end, tail = navbar.partition(_END_OF_LINKS)
    return f"{head}{_LINK}{end}{tail}" if end else navbar
