"""The page in somebody's hands: keys, tabs, address, pause, download."""

import csv
import re

from playwright.sync_api import Page, expect

from tests.support.page_site import PageSite, wait_until
from tests.support.visit import PHONE


def in_sight(page: Page, selector: str) -> bool:
    """Whether an element stands within the ladder's window."""
    return page.evaluate(
        """(selector) => {
          const box = document.querySelector(selector).getBoundingClientRect();
          const window = document.querySelector("#ladder-scroll").getBoundingClientRect();
          return box.top >= window.top && box.bottom <= window.bottom;
        }""",
        selector,
    )


def test_a_tick_that_comes_first_does_not_hide_those_before(visit) -> None:
    """Of a symbol that was not read yet, the stream may bring a tick first: the rest is read all the same."""
    page = visit("?symbol=SPX").settled().page
    page.wait_for_function("() => marketswarm.feed.of('SPY').spot.ticks.length > 1")
    known = page.evaluate(
        """() => { const {feed} = marketswarm, tick = feed.of("SPY").spot.ticks.at(-1);
        feed.held.delete("SPY"); feed.takeTick({...tick, symbol: "SPY"}); return feed.of("SPY").spot.ticks.length; }"""
    )
    assert known == 1
    page.wait_for_function("() => marketswarm.feed.of('SPY').spot.ticks.length > 1")


def test_levels_out_of_sight_are_named_at_the_edge(visit) -> None:
    """Those above in the ladder's head, those below at its foot; a click goes there, and the name goes."""
    page = visit("?symbol=SPX").settled().page
    wall = page.evaluate("() => marketswarm.store.get('levels').levels.call_wall.value.strike")
    words = f"▲ call wall {wall:,.0f}"
    page.locator("#ladder-scroll").evaluate("(ladder) => { ladder.scrollTop = ladder.scrollHeight; }")
    above = page.locator(".edge.strike").get_by_role("button", name=words)
    expect(above).to_have_attribute("title", f"call wall {wall:,.0f} lies above what is shown: go there")
    expect(page.locator(".edge.below button")).to_have_count(0)

    above.click()
    expect(page.locator(".rung[data-picked] .strike-figure")).to_have_text(f"{wall:,.0f}")
    assert in_sight(page, ".rung[data-picked]")
    expect(page.locator(".edge button", has_text="call wall")).to_have_count(0)

    page.locator("#ladder-scroll").evaluate("(ladder) => { ladder.scrollTop = 0; }")
    below = page.locator(".edge.below button", has_text="▼ put wall")
    expect(below).to_be_visible()
    strip = page.locator(".edge.below")
    assert strip.evaluate("(strip) => getComputedStyle(strip).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert strip.bounding_box()["height"] >= below.bounding_box()["height"]  # over no row's strike
    below.click()
    expect(page.locator(".rung[data-picked] .tag", has_text="put wall")).to_be_visible()


def test_keys(visit) -> None:
    """Everything that is done often has a key: symbols, strike, centre, columns, detail, pause, help."""
    page = visit().settled().page
    page.keyboard.press("2")
    expect(page.locator("#ladder-title")).to_have_text("SPY ladder")
    page.keyboard.press("1")
    expect(page.locator("#ladder-title")).to_have_text("SPX ladder")
    page.keyboard.press("/")
    expect(page.locator("#jump-strike")).to_be_focused()
    page.keyboard.type("6,901")
    page.keyboard.press("Enter")
    expect(page.locator(".rung[data-picked] .strike-figure")).to_have_text("6,900")
    assert in_sight(page, ".rung[data-picked]")
    assert not in_sight(page, ".spot-row")
    page.keyboard.press("c")
    wait_until("ladder around spot", lambda: in_sight(page, ".spot-row"))
    page.keyboard.press("v")
    expect(page.locator("[data-preset=greeks]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("d")
    page.keyboard.press("p")
    expect(page.locator(".pill", has_text="PAUSED")).to_be_visible()
    page.keyboard.press("p")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("go to a strike")
    for word in (
        "Vexy",
        "Vigil",
        "Cluster",
        "Skew",
        "25Δ",
        "Max pain",
        "Key strike",
        "Gamma regime",
        "Lag",
        "Reconnects",
    ):
        expect(page.get_by_role("dialog").locator(f"dt:text-is('{word}')")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("symbol=SPX&columns=greeks&detail=professional"))


def test_a_jump_says_where_it_went(visit) -> None:
    """For those who see, too: a strike that there is not leads to the nearest, and what is no price leads nowhere."""
    page = visit().settled().page
    field, said = page.locator("#jump-strike"), page.locator("#ladder-said")
    for typed, words in (
        ("6803", "no strike 6,803: the nearest is 6,805"),
        ("9999", "no strike 9,999: the nearest is 6,950"),
        ("abc", "“abc” is no strike: type a price such as 6,800"),
    ):
        field.fill(typed)
        field.press("Enter")
        expect(said).to_have_text(words)
        expect(said).to_be_visible()
    expect(field).to_be_focused()
    field.fill("6810")
    field.press("Enter")
    expect(said).to_be_hidden()
    expect(page.locator(".rung[data-picked]")).to_have_attribute("data-strike", "6810")


def test_a_click_on_a_strike_picks_its_row(visit) -> None:
    """As a title that leads to it does, but the ladder stays where it is."""
    page = visit().settled().page
    # Not by the pointer: the ladder follows spot, and another row may come under it.
    page.locator(".rung[data-strike='6815'] .strike-figure").dispatch_event("click")
    expect(page.locator(".rung[data-picked]")).to_have_attribute("data-strike", "6815")
    expect(page).to_have_url(re.compile("strike=6815"))
    expect(page.locator("#centre")).to_have_attribute("aria-pressed", "false")


def test_an_address_is_a_view(visit) -> None:
    """Symbol, columns, detail level and strike come from the address; what it cannot mean is left out."""
    page = visit("?symbol=SPY&columns=positions&detail=beginner&strike=690").page
    expect(page.locator("#ladder-title")).to_have_text("SPY ladder")
    expect(page.locator(".rung[data-picked] .strike-figure")).to_have_text("690")
    expect(page.locator("[data-preset=positions]")).to_have_attribute("aria-pressed", "true")
    odd = visit("?symbol=<b>&columns=constructor&detail=x&strike=-1").settled().page
    expect(odd.locator("#ladder-title")).to_have_text("SPX ladder")


def test_a_symbol_that_nobody_holds(visit) -> None:
    """An address with a symbol that there is no chain of leads to the first one that there is."""
    seen = visit("?symbol=ZZZ").settled()
    expect(seen.page.locator("#ladder-title")).to_have_text("SPX ladder")
    seen.problems.clear()  # the browser notes the 404 by itself


def test_what_is_told_leads_to_its_strike(visit) -> None:
    """A panel that asks for a strike of another symbol is followed, also when its chain is not there yet."""
    page = visit().settled().page
    page.evaluate(
        "() => { marketswarm.store.act('show-symbol', 'SPY'); marketswarm.store.act('show-strike', 690); }"
    )
    expect(page.locator("#ladder-title")).to_have_text("SPY ladder")
    expect(page.locator(".rung[data-picked] .strike-figure")).to_have_text("690")
    expect(page).to_have_url(re.compile("symbol=SPY.*strike=690"))


def test_one_stream_for_all_symbols(visit) -> None:
    """Tabs change what is shown, not what is heard: one event stream, and the symbol that was left is followed on."""
    seen = visit()
    streams: list[str] = []
    seen.page.on("request", lambda request: streams.append(request.url) if "/sse" in request.url else None)
    seen.settled()
    for key in "2121":
        seen.page.keyboard.press(key)
    expect(seen.page.locator("#ladder-title")).to_have_text("SPX ladder")
    seq = "() => marketswarm.feed.held.get('SPY')?.chain?.seq ?? 0"
    before = seen.page.evaluate(seq)
    wait_until("SPY that goes on", lambda: seen.page.evaluate(seq) > before)
    assert len(streams) <= 1


def test_pause(visit, site: PageSite) -> None:
    """A paused view stands still while data goes on, and is up to date again when it goes on."""
    seen = visit().settled()
    page = seen.page
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#band")).to_contain_text("Paused")
    ladder = page.locator(".ladder tbody")
    before, seq = ladder.inner_text(), "() => marketswarm.feed.held.get('SPX').chain.seq"
    held = page.evaluate(seq)
    wait_until("a chain that goes on", lambda: page.evaluate(seq) > held + 5)
    assert ladder.inner_text() == before
    page.get_by_role("button", name="Go on").click()
    wait_until("a ladder that goes on", lambda: ladder.inner_text() != before)


def test_what_comes_first_is_drawn_though_the_view_is_paused(visit) -> None:
    """Who pauses before a panel has its first picture gets that picture, and no other until the view goes on."""
    told = visit().page.evaluate(
        """async () => {
          const { Store } = await import("/static/js/store.js");
          const frame = () => new Promise(requestAnimationFrame);
          const [store, told] = [new Store({ settings: { paused: true } }), []];
          store.subscribe("levels", (value) => told.push([value, store.get("settings").paused]));
          for (const value of [null, "first", "second"]) {
            if (value) store.set("levels", value);
            await frame();
            await frame();
          }
          store.patch("settings", { paused: false });
          await frame();
          await frame();
          return told;
        }"""
    )
    assert told == [[None, True], ["first", True], ["second", False]]


def test_levels_follow_the_tick(visit, site: PageSite) -> None:
    """A tick moves spot at once, and the levels that are made of it are fetched when they are there."""
    page = visit().settled().page
    try:
        site.market.tick(6_811.25)
        expect(page.locator(".spot-row")).to_have_text("SPX 6,811.25")
        site.market.level(flip={"value": 6_790.0, "unit": "points", "method": "some"})
        expect(page.locator("[data-figure=flip] .day-figure-main")).to_have_text("6,790")
        expect(page.locator("#structure-words")).to_contain_text("21.3 above the nearest of 2 gamma flips")
    finally:
        site.market.tick()
        site.market.level()


def test_download(visit, site: PageSite) -> None:
    """The chain as it is held is downloaded as CSV, one line a contract."""
    page = visit().settled().page
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    lines = list(csv.DictReader(waiting.value.path().read_text().splitlines()))
    assert waiting.value.suggested_filename.startswith("SPX-2026-11-23-")
    assert {line["ticker"] for line in lines} == set(site.stored())
    assert {line["greeks_source"] for line in lines} == {"local"}


def test_text_is_text(visit, site: PageSite) -> None:
    """Markup in what is told is shown as it is written, and does nothing."""
    title = "<img src=x onerror=alert(1)> <b>6,800</b> fell"
    page = visit().settled().page
    site.market.tell(title)
    expect(page.locator("#panel-events .told-title", has_text=title).first).to_be_visible()
    expect(page.locator("#panel-latest .told-title")).to_have_text(title)
    assert page.locator("img, #panel-events b, #panel-latest b").count() == 0


def test_phone(visit) -> None:
    """A phone shows bid and ask beside the strike, and nothing is wider than its screen."""
    page = visit(size=PHONE).settled().page
    assert page.locator(".ladder .titles th").all_inner_texts() == [
        "Bid",
        "Ask",
        "Γ · OI",
        "Strike",
        "Γ · OI",
        "Bid",
        "Ask",
    ]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE[0]


def test_nothing_is_cut_on_a_phone(visit) -> None:
    """The ladder's first and last rows are whole, its footnote is told to its end, and an empty list takes no room."""
    page = visit(size=PHONE).settled().page
    page.locator("#centre").click()
    page.locator("#centre").click()
    cut = """() => { const scroll = document.getElementById("ladder-scroll"), {top, bottom} = scroll.getBoundingClientRect();
      const from = top + scroll.querySelector("thead").offsetHeight;
      return [...document.querySelectorAll(".rung")].map((row) => row.getBoundingClientRect())
        .filter((row) => [from, bottom].some((edge) => row.top < edge - 1.5 && row.bottom > edge + 1.5)).length; }"""
    wait_until("ladder of whole rows", lambda: page.evaluate(cut) == 0)
    foot = page.locator("#ladder-foot")
    assert foot.evaluate("(foot) => foot.scrollWidth <= foot.clientWidth")
    page.get_by_label("Least importance").select_option("warning")
    page.evaluate("() => { marketswarm.store.set('events', []); }")
    expect(page.locator("#panel-events .told-none")).to_be_visible()
    assert page.locator("#panel-events").bounding_box()["height"] < 130


def test_reduced_motion(visit) -> None:
    """Who wants no motion sees no flashes."""
    page = visit(reduced_motion="reduce").settled().page
    text = page.locator(".ladder tbody").inner_text
    before = text()
    wait_until("a ladder that moves", lambda: text() != before)
    assert page.locator(".flash-up, .flash-down").count() == 0
