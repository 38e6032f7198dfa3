"""What stands behind a number: asked by pointer, by key and by finger."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.known_day import KnownDay, interest_of
from tests.support.visit import PHONE

NARROW = (1100, 900)


@pytest.fixture
def shown(day: KnownDay, look) -> Page:
    """The page after three ticks."""
    day.trade(6800.0, 6801.0, 6803.0)
    return look()


def told(page: Page) -> Locator:
    """The explanation."""
    return page.locator("#explanation")


def row(page: Page, label: str) -> Locator:
    """What it says under a label."""
    return page.locator(f"#explanation dt:text-is('{label}') + dd")


def test_a_pointer_asks(shown: Page):
    """Resting on a number shows its method, unit, coverage, signs and age; leaving it takes that away."""
    shown.locator("#panel-gamma .chip", has_text="Flip").hover()
    expect(told(shown)).to_be_visible()
    expect(told(shown).locator("strong")).to_have_text("Gamma flip")
    expect(row(shown, "Method")).to_have_text("sign change of the profile nearest to spot")
    expect(row(shown, "Unit")).to_have_text("points")
    expect(row(shown, "Coverage")).to_have_text("100 % of open interest")
    expect(row(shown, "Signs")).to_contain_text("naive")
    expect(row(shown, "Weighed by")).to_have_text("open interest")
    expect(row(shown, "Age")).to_contain_text("old, of 10:00:00 New York")
    shown.mouse.move(2, 2)
    expect(told(shown)).not_to_be_visible()


def test_a_key_asks(shown: Page):
    """Focus shows it, Escape closes it and leaves the focus where it is, and the number is described by it."""
    number = shown.locator("#panel-gamma [data-explain=net_gamma]")
    shown.locator("#panel-gamma [data-explain=regime]").focus()
    shown.keyboard.press("Tab")
    expect(number).to_be_focused()
    expect(told(shown)).to_be_visible()
    expect(told(shown).locator("strong")).to_have_text("Net gamma")
    expect(number).to_have_attribute("aria-describedby", "explanation")
    shown.keyboard.press("Escape")
    expect(told(shown)).not_to_be_visible()
    expect(number).to_be_focused()


def test_what_was_closed_stays_closed(day: KnownDay, shown: Page):
    """While the pointer rests, whatever is redrawn beneath it, and while it trembles."""
    chip = shown.locator("#panel-gamma .chip", has_text="Flip")
    chip.hover()
    expect(told(shown)).to_be_visible()
    shown.keyboard.press("Escape")
    expect(told(shown)).not_to_be_visible()
    shown.mouse.move(*middle_of(chip.locator("span")))  # onto another part of the same label
    day.trade(6812.0)
    expect(shown.locator("#panel-gamma .chip", has_text="Spot")).to_contain_text("6,812")
    chip.evaluate("(chip) => chip.replaceWith(chip.cloneNode(true))")
    shown.wait_for_timeout(900)
    expect(told(shown)).not_to_be_visible()


def test_another_symbol_closes_it(visit):
    """And it stays closed, for the pointer has asked nothing of that symbol."""
    page = visit().settled().page
    page.locator("#panel-figures [data-explain=flip]").click()
    expect(told(page)).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#ladder-title")).to_have_text("SPY ladder")
    expect(told(page)).not_to_be_visible()


def middle_of(place: Locator) -> tuple[float, float]:
    """The middle of an element."""
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_again_shows_it_again(shown: Page):
    """What was closed by Escape is asked anew by a click, and by a pointer that was elsewhere meanwhile."""
    tile = shown.locator("#panel-figures [data-explain=flip]")
    tile.click()
    shown.keyboard.press("Escape")
    expect(told(shown)).not_to_be_visible()
    tile.click()
    expect(told(shown)).to_be_visible()
    shown.keyboard.press("Escape")
    shown.mouse.move(2, 2)
    tile.hover()
    expect(told(shown)).to_be_visible()


def test_a_page_of_another_width_closes_it(shown: Page):
    """What it stood beside is elsewhere now."""
    shown.locator("#panel-figures [data-explain=flip]").click()
    expect(told(shown)).to_be_visible()
    shown.set_viewport_size({"width": 1024, "height": 768})
    expect(told(shown)).not_to_be_visible()


def test_a_number_keeps_its_focus_when_another_one_comes(day: KnownDay, look):
    """Also in a headline of which something finds no room: it is written anew in its place, and not put there anew."""
    day.trade(6800.0, 6801.0)
    page = look(size=NARROW)
    expect(page.locator("#panel-gamma [data-no-room]")).not_to_have_count(0)
    number = page.locator("#panel-gamma [data-explain=net_gamma]")
    number.focus()
    day.trade(6812.0)
    expect(page.locator("#panel-gamma .chip", has_text="Spot")).to_contain_text("6,812")
    expect(number).to_be_focused()


def test_a_finger_asks(day: KnownDay, look):
    """A tap shows it within the window of a phone; a tap beside it closes it."""
    day.trade(6800.0, 6801.0)
    page = look(size=PHONE, has_touch=True, is_mobile=True)
    page.locator("#panel-figures [data-explain=move_left]").tap()
    expect(row(page, "Method")).to_have_text("straddle at the forward, to settlement")
    box = told(page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("#structure-words").tap()
    expect(told(page)).not_to_be_visible()


def test_a_cell_of_the_ladder_is_explained(shown: Page):
    """By the contract behind it: method, unit, and the age of that section."""
    shown.locator(".rung[data-strike='6805'] td.call[data-column=bid]").hover()
    expect(told(shown).locator("strong")).to_have_text("6,805 call: bid")
    expect(row(shown, "Method")).to_have_text("as the provider states it")
    expect(row(shown, "Age")).to_contain_text("10:00:00 New York")
    shown.get_by_role("button", name="Greeks").click()
    shown.locator(".rung[data-strike='6805'] td.put[data-column=delta]").hover()
    expect(row(shown, "Method")).to_contain_text("Black-76")


def test_what_is_absent_says_why(day: KnownDay, look):
    """A level that there is none of names the reason."""
    day.rig.load(run="bare", interest=lambda _strike, _kind: 0)
    day.trade(6800.0)
    page = look()
    page.locator("#panel-figures [data-explain=net_gamma]").click()
    expect(row(page, "Absent because")).to_have_text("no open interest")


def test_greeks_that_are_absent_say_why(shown: Page):
    """A dash stands in their place, and the contract's own reason behind it."""
    shown.evaluate(
        """() => { const chain = marketswarm.store.get("chain");
          const [ticker] = [...chain.contracts].find(([, one]) => one.strike === 6805 && one.type === "put");
          chain.change(ticker, {greeks: {iv: null, delta: null, gamma: null, theta: null, vega: null, absent: "one-sided-quote"}});
          marketswarm.store.set("chain", chain); }"""
    )
    shown.get_by_role("button", name="Greeks").click()
    cell = shown.locator(".rung[data-strike='6805'] td.put[data-column=delta]")
    expect(cell).to_have_text("–")
    cell.hover()
    expect(row(shown, "Absent because")).to_have_text("one sided quote")


def test_an_age_grows_and_a_new_level_is_young(day: KnownDay, shown: Page):
    """What is explained stays true while it is open."""
    shown.locator("#panel-figures [data-explain=spot]").click()
    expect(row(shown, "Value")).to_have_text("6,803.00")
    day.rig.clock.advance(180)
    expect(row(shown, "Age")).to_contain_text("min old")
    day.trade(6811.0)
    expect(row(shown, "Value")).to_have_text("6,811.00")
    expect(row(shown, "Age")).to_contain_text(" s old")


def test_a_mark_is_explained(day: KnownDay, look):
    """By since when it stands and what caused it."""
    day.rig.load(run="again", interest=interest_of())
    day.trade(6800.0)
    day.note(label="Tested twice")
    page = look()
    page.locator("#panel-spot .chip", has_text="Tested twice").hover()
    expect(told(page).locator("strong")).to_have_text("Tested twice")
    expect(row(page, "Since")).to_have_text("10:00:00 New York")
    expect(row(page, "Until")).to_have_text("it is over")


def test_the_feeds_health_says_what_it_counts(visit):
    """Units stand beneath the heads of its columns; each head and each cell explains itself."""
    page = visit().settled().page
    heads = [text.split("\n") for text in page.locator("#panel-health thead th").all_inner_texts()]
    assert heads == [
        ["Symbol"],
        ["State"],
        ["Changed", "ago"],
        ["Spot", "tick ago"],
        ["Changes", "a second"],
        ["Lag, ms", "p50 / p99"],
        ["Gaps"],
        ["Re-", "connects"],
    ]
    wide = "(panel) => panel.scrollWidth <= panel.clientWidth"
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("#panel-health").evaluate(wide), width
    page.locator("#panel-health [data-explain='health:lag']").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(told(page)).to_contain_text("99 of 100")
    page.locator("#panel-health [data-explain='health:state:SPX']").hover()
    expect(told(page).locator("strong")).to_have_text("SPX: state")


def test_the_age_of_spot_is_that_of_our_tick(visit):
    """It agrees with the next heartbeat; the vendor's own time of the price is told on demand."""
    page = visit().settled().page
    cell = page.locator("#panel-health [data-explain='health:spot:SPX']")
    expect(cell).to_have_text(
        re.compile(r"^\d+")
    )  # what the gateway knows has come, and will not come over ours
    page.evaluate(
        """() => marketswarm.store.patch("spots", {SPX: {latest: {ts: Date.now() - 60_000, as_of: Date.now() - 600_000}, ticks: []}})"""
    )
    expect(cell).to_have_text(re.compile(r"^6\d s$"))
    cell.hover()
    expect(row(page, "Tick of")).to_contain_text("New York")
    expect(row(page, "Time by the vendor")).to_contain_text("New York")
