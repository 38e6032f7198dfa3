"""Events, messages and marks: what is told, in which words, where it leads, and when it is gone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from marketswarm.model.event import Fact
from tests.support.known_day import KnownDay
from tests.support.vigil_documents import tell
from tests.support.vigil_rig import SLOT
from tests.support.visit import DESK, PHONE

MARKUP = "<b>Bold</b> <img src=x onerror=alert(1)>"
STRIKE = {"strike": Fact(value=6830.0, unit="points", as_of=SLOT)}


@pytest.fixture
def shown(day: KnownDay, look) -> Page:
    """The page after a tick."""
    day.trade(6800.0)
    return look()


def event(page: Page, title: str) -> Locator:
    """An event's row."""
    return page.locator("#panel-events li", has_text=title)


def message(page: Page, id_: str) -> Locator:
    """A message's card."""
    return page.locator(f"#panel-messages li[data-id={id_}]")


def picked(page: Page) -> Locator:
    """The strike that the ladder shows."""
    return page.locator(".rung[data-picked]")


def test_an_event_is_told_as_it_comes(day: KnownDay, shown: Page):
    """How long ago, and on demand the time in New York; importance in a word and a sign, its title; newest first."""
    tell(day.redis, id="e1", title="The first")
    tell(day.redis, id="e2", ts=SLOT + 40_000, title="The second", severity=85, importance="critical")
    row = event(shown, "The second")
    expect(row.locator("time")).to_have_text(re.compile(r"^\d.* s ago$"))
    row.locator("time").hover()
    expect(shown.locator("#explanation strong")).to_have_text("10:00:40 New York")
    expect(row.locator(".importance")).to_have_text("■ Critical")
    expect(shown.locator("#panel-events li").first).to_contain_text("The second")


def test_percents_are_written_alike(shown: Page):
    """Whoever says them: in the figures, in the charts, in evidence and in explanations."""
    body = shown.locator("body")
    expect(body).to_contain_text(re.compile(r"\d\s%"))
    assert not re.findall(r"\d%", body.inner_text())


def test_an_end_is_told_as_one(day: KnownDay, shown: Page):
    """What is over says so beside its title."""
    tell(day.redis, id="e1", state="exit", title="Spot has left it")
    expect(event(shown, "Spot has left it").locator(".state")).to_have_text("over")


def test_evidence_is_shown_on_demand(day: KnownDay, shown: Page):
    """Each fact with its value and unit, and the method."""
    tell(
        day.redis, title="Spot fell", evidence={"return": Fact(value=-11.2, unit="basis points", as_of=SLOT)}
    )
    row = event(shown, "Spot fell")
    expect(row.locator("dl")).not_to_be_visible()
    row.locator("summary").click()
    expect(row.locator("dl")).to_have_text("return−11.2 basis points")
    expect(row.locator(".method")).to_contain_text("jump test of Lee and Mykland")


def test_an_event_leads_to_its_strike(day: KnownDay, shown: Page):
    """A click on its title shows the strike in the ladder; one that names none leads nowhere."""
    tell(day.redis, id="e1", title="Spot nears 6,830", evidence=STRIKE)
    tell(day.redis, id="e2", title="Something else", evidence={})
    event(shown, "Spot nears").locator("button").click()
    expect(picked(shown)).to_have_attribute("data-strike", "6830")
    expect(event(shown, "Something else").locator("button")).to_have_count(0)


def test_events_are_chosen_by_weight_and_symbol(day: KnownDay, shown: Page):
    """Those of the symbol that is shown, and of every weight, unless asked otherwise."""
    tell(day.redis, id="e1", title="A small one", severity=20, importance="info")
    tell(day.redis, id="e2", title="A large one")
    tell(day.redis, id="e3", title="One of SPY", symbol="SPY")
    expect(event(shown, "A small one")).to_be_visible()
    expect(event(shown, "One of SPY")).to_have_count(0)
    shown.get_by_label("Least importance").select_option("warning")
    expect(event(shown, "A small one")).to_have_count(0)
    expect(event(shown, "A large one")).to_be_visible()
    shown.get_by_role("button", name="All symbols").click()
    expect(event(shown, "One of SPY")).to_be_visible()


def test_markup_is_text(day: KnownDay, shown: Page):
    """Whatever a title, a text or a label holds is shown letter by letter."""
    tell(day.redis, id="e1", title=MARKUP)
    day.note(widget="feed", target={"type": "metric", "metric": "coverage"}, kind="note", label=MARKUP)
    day.say(title=MARKUP, texts={"initiated": MARKUP}, annotations=())
    expect(message(shown, "m1").locator(".told-text")).to_have_text(MARKUP)
    expect(message(shown, "m1").locator(".told-title")).to_have_text(MARKUP)
    expect(event(shown, "Bold").locator(".told-title")).to_have_text(MARKUP)
    shown.reload()
    expect(shown.locator(".note")).to_contain_text(MARKUP)
    assert shown.locator("main img, main b b").count() == 0


def test_vexy_speaks_in_three_levels_of_detail(day: KnownDay, shown: Page):
    """The reader chooses; the choice stays when the page is loaded again."""
    day.say()
    words = message(shown, "m1").locator(".told-text")
    expect(words).to_have_text("The 6,850 call wall is near.")
    shown.get_by_label("How much Vexy explains").select_option("beginner")
    expect(words).to_have_text("Spot nears a price where hedging is heavy.")
    shown.get_by_label("How much Vexy explains").select_option("professional")
    expect(words).to_have_text("CW 6,850 near.")
    shown.reload()
    expect(words).to_have_text("CW 6,850 near.")


def test_a_message_says_how_old_it_is_and_what_it_stands_on(day: KnownDay, shown: Page):
    """Tone in a word, age, symbols, kind; the numbers' sources and the quality on demand."""
    fact = {
        "name": "call_wall",
        "value": 6850.0,
        "unit": "points",
        "text": "6,850",
        "source": "level call_wall",
        "as_of": SLOT,
    }
    day.say(symbols=("SPX", "SPY"), facts=(fact,), quality={"coverage": 0.97, "degraded": "low-coverage"})
    card = message(shown, "m1")
    expect(card.locator(".told-head")).to_have_text(
        re.compile(r"10 s ago▲ AlertSPX, SPYEvent|1\d s ago▲ AlertSPX, SPYEvent")
    )
    card.locator("time").hover()
    expect(shown.locator("#explanation strong")).to_have_text("10:00:00 New York")
    card.locator("summary").click()
    expect(card.locator("dl")).to_have_text("6,850call wall 6,850 points, from level call_wall, at 10:00:00")
    expect(card.locator(".method")).to_have_text("Stands on coverage 97 %, degraded: low coverage.")


def test_a_message_leads_to_its_strike(day: KnownDay, shown: Page):
    """A click on its title shows the price that it speaks of."""
    day.say()
    message(shown, "m1").locator("button").click()
    expect(picked(shown)).to_have_attribute("data-strike", "6850")


def test_a_message_about_several_symbols_leads_to_the_strike_of_the_one_that_is_shown(
    day: KnownDay, shown: Page
):
    """Of two levels the one of the ladder beside it, whichever comes first; a symbol without a level has nowhere to lead."""
    other = {"symbol": "SPY", "name": "call_wall", "price": 685.0}
    own = {"symbol": "SPX", "name": "put_wall", "price": 6800.0}
    day.say(symbols=("SPY", "SPX"), levels=(other, own))
    day.say(id="m2", symbols=("SPY", "SPX"), levels=(other,))
    expect(message(shown, "m2")).to_be_visible()
    expect(message(shown, "m2").locator("button")).to_have_count(0)
    message(shown, "m1").locator("button").click()
    expect(picked(shown)).to_have_attribute("data-strike", "6800")


def test_a_message_takes_the_place_of_another(day: KnownDay, shown: Page):
    """The superseded one is gone, also for a page that comes late."""
    day.say()
    expect(message(shown, "m1")).to_be_visible()
    day.say(id="m2", ts=SLOT + 5_000, supersedes="m1", title="The call wall held")
    expect(message(shown, "m2")).to_be_visible()
    expect(message(shown, "m1")).to_have_count(0)
    shown.reload()
    expect(message(shown, "m2")).to_be_visible()
    expect(message(shown, "m1")).to_have_count(0)


def test_an_old_message_steps_back(day: KnownDay, shown: Page):
    """What is no longer worth showing is folded away, and can still be read."""
    day.say(ttl_s=60)
    expect(message(shown, "m1")).to_be_visible()
    day.rig.clock.advance(120)
    expect(shown.locator("#panel-messages summary", has_text="Earlier (1)")).to_be_visible(timeout=12_000)
    expect(message(shown, "m1")).not_to_be_visible()
    shown.locator("#panel-messages summary", has_text="Earlier").click()
    expect(message(shown, "m1")).to_be_visible()


def test_a_late_page_has_all_marks(day: KnownDay, look):
    """Lines on the charts, a tag in the ladder, a note above the events: from the widgets' state alone."""
    day.trade(6800.0)
    day.note(id="a1", widget="spot", label="Tested twice")
    day.note(
        id="a2",
        widget="gamma",
        kind="band",
        target={"type": "band", "low": 6780, "high": 6790},
        label="Cluster",
    )
    day.note(id="a3", widget="ladder", kind="badge", target={"type": "strike", "strike": 6815}, label="watch")
    day.note(
        id="a4",
        widget="feed",
        kind="note",
        target={"type": "metric", "metric": "coverage"},
        label="Quotes thin",
    )
    page = look()
    expect(page.locator("#panel-spot .chip", has_text="Tested twice")).to_have_text("Tested twice 6,820")
    expect(page.locator("#chart-gamma-summary")).to_contain_text("Cluster, 6,780 to 6,790.")
    expect(page.locator(".rung[data-strike='6815'] .tag", has_text="watch")).to_be_visible()
    expect(page.locator("#panel-events .note")).to_contain_text("Quotes thin")


def test_a_mark_comes_and_goes_with_messages(day: KnownDay, shown: Page):
    """A new one is drawn when its message comes; a cleared one vanishes, and so does one whose time is over."""
    chip = shown.locator("#panel-spot .chip")
    mark = {
        "id": "a1",
        "symbol": "SPX",
        "widget": "spot",
        "target": {"type": "strike", "strike": 6820.0},
        "kind": "line",
    }
    told = {"label": "Tested", "colour": "warning", "from_ts": SLOT}
    day.say(annotations=({**mark, **told, "state": "active", "version": 1},))
    expect(chip.filter(has_text="Tested")).to_be_visible()
    day.say(id="m2", annotations=({**mark, **told, "state": "cleared", "version": 2},))
    expect(chip.filter(has_text="Tested")).to_have_count(0)
    until = day.rig.clock.now_ms() + 60_000
    day.say(
        id="m3",
        annotations=({**mark, **told, "id": "a2", "state": "active", "version": 1, "until_ts": until},),
    )
    expect(chip.filter(has_text="Tested")).to_be_visible()
    day.rig.clock.advance(90)
    expect(chip.filter(has_text="Tested")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_panels_are_accessible(day: KnownDay, look, scheme: str, size: tuple[int, int]):
    """On a desk and on a phone, in both schemes."""
    day.trade(6800.0)
    tell(day.redis, evidence=STRIKE)
    day.say()
    day.note(widget="feed", kind="note", target={"type": "metric", "metric": "coverage"}, label="Quotes thin")
    page = look(size=size, scheme=scheme)
    expect(message(page, "m1")).to_be_visible()
    expect(page.locator("#panel-events .note")).to_be_visible()
    found = Axe().run(page, context=["#panel-events", "#panel-messages"])
    assert found.response["violations"] == []


def test_a_phone_shows_first_what_was_told_last(day: KnownDay, look):
    """Above all that has to be scrolled to: Vexy's message that stands, else Vigil's event; it leads to the rest."""
    day.trade(6800.0, 6801.0)
    tell(day.redis, id="e9", title="Spot tests the call wall", symbol="SPX")
    page = look(size=PHONE)
    latest = page.locator("#panel-latest")
    expect(latest.locator(".told-title")).to_have_text("Spot tests the call wall")
    day.say(id="m9", title="Call wall 6,850 comes near")
    expect(latest.locator(".told-title")).to_have_text("Call wall 6,850 comes near")
    expect(latest).to_be_in_viewport(ratio=1)
    latest.locator(".told-title").click()
    expect(page.locator("#panel-messages")).to_be_in_viewport()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(latest).to_be_hidden()
