"""The refresh page in a real Flower, with a real worker behind it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from refresh_site import PASSWORD, USER, RefreshSite, refresh_site

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefreshSite]:
    """One site for the whole file: its tests only add refreshes."""
    with refresh_site(tmp_path_factory.mktemp("site"), FLOWER_BASIC_AUTH=f"{USER}:{PASSWORD}") as running:
        yield running


@pytest.mark.parametrize("path", ["/refresh", "/refresh/recent", "/refresh/progress/some-task"])
def test_needs_the_password(site: RefreshSite, path: str) -> None:
    """Page and calls answer 401 without the password or with a wrong one."""
    assert site.get(path, auth=None).status_code == 401
    assert site.get(path, auth=(USER, "wrong")).status_code == 401


def test_start_needs_the_password(site: RefreshSite) -> None:
    """Nobody starts a task without the password."""
    answer = requests.post(f"{site.base}/refresh/start", json={"symbol": "SPX"}, timeout=10)
    assert answer.status_code == 401


def test_page(site: RefreshSite) -> None:
    """The page shows the symbols in Flower's frame and holds no script of its own text."""
    answer = site.get("/refresh")
    assert answer.status_code == 200
    assert '<option value="SPX">' in answer.text
    assert '<option value="*">' in answer.text
    assert 'href="/workers"' in answer.text
    assert not re.findall(r"<script(?![^>]*\bsrc=)", answer.text)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_static_files(site: RefreshSite) -> None:
    """The addresses of script and style in the page exist, and lead nowhere else."""
    page = site.get("/refresh").text
    addresses = re.findall(r'(?:src|href)="(/refresh/static/[^"]+)"', page)
    assert len(addresses) == 2
    assert all(site.get(address).status_code == 200 for address in addresses)
    assert site.get("/refresh/static/..%2fhandlers.py").status_code in (403, 404)


def test_start_to_success(site: RefreshSite) -> None:
    """An order gives a task whose steps and percent rise to success, and whose refresh is then the newest."""
    with site.held("contracts"):
        answer = site.start({"symbol": "SPX", "strikes_each_side": 3, "expiration": "2026-11-23"})
        assert answer.status_code == 200
        task_id = answer.json()["task_id"]
        views = site.follow(task_id, until_step="contracts")
        assert (views[-1]["state"], views[-1]["percent"], views[-1]["over"]) == ("PROGRESS", 50, False)
    views += site.follow(task_id)
    percents = [view["percent"] for view in views]
    assert percents == sorted(percents)
    assert views[-1]["state"] == "SUCCESS"
    assert views[-1]["result"]["contracts"] == 14
    newest = site.get("/refresh/recent").json()["refreshes"][0]
    assert (newest["task_id"], newest["symbol"], newest["expiration"]) == (task_id, "SPX", "2026-11-23")


def test_load(site: RefreshSite) -> None:
    """The other task can be chosen."""
    task_id = site.start({"symbol": "SPY", "task": "chain.load"}).json()["task_id"]
    assert site.follow(task_id)[-1]["result"]["reason"] == "startup"


def test_every_symbol(site: RefreshSite) -> None:
    """An order for every symbol answers with one task for each."""
    tasks = site.start({"symbol": "*", "strikes_each_side": 1}).json()["tasks"]
    assert [task["symbol"] for task in tasks] == ["SPX", "SPY"]
    assert all(site.follow(task["task_id"])[-1]["state"] == "SUCCESS" for task in tasks)


def test_failure(site: RefreshSite) -> None:
    """A failed task gives its error's words."""
    task_id = site.start({"symbol": "SPX", "expiration": "2001-01-01"}).json()["task_id"]
    last = site.follow(task_id)[-1]
    assert (last["state"], last["error"]) == ("FAILURE", "no <b>such</b> expiration")


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ({"symbol": "AAPL"}, "symbol", "AAPL"),
        ({"symbol": "SPX", "strikes_each_side": -1}, "strikes_each_side", -1),
        ({"symbol": "SPX", "expiration": "soon"}, "expiration", "soon"),
        ({"symbol": "SPX", "task": "chain.drop"}, "task", "chain.drop"),
        (["SPX"], "body", ["SPX"]),
    ],
)
def test_bad_order(site: RefreshSite, body: object, field: str, value: object) -> None:
    """A value that cannot be used is answered with 400, the field, the value and what is allowed."""
    answer = site.start(body)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["field"], told["value"]) == (field, value)
    assert told["allowed"]
    assert told["error"].startswith(field)


@pytest.mark.parametrize("text", ["", "{", '{"symbol": NaN}', "[" * 100_000, "\xff"])
def test_not_json(site: RefreshSite, text: str) -> None:
    """A body that is no JSON is answered with 400."""
    headers = {"Content-Type": "application/json"}
    answer = requests.post(
        f"{site.base}/refresh/start",
        data=text.encode("latin-1"),
        headers=headers,
        auth=(USER, PASSWORD),
        timeout=10,
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


def test_form_post_is_refused(site: RefreshSite) -> None:
    """A plain form, which any site could send, is no order."""
    answer = requests.post(
        f"{site.base}/refresh/start", data={"symbol": "SPX"}, auth=(USER, PASSWORD), timeout=10
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "Content-Type")


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.test"}],
)
def test_foreign_site_is_refused(site: RefreshSite, headers: dict[str, str]) -> None:
    """A request that a browser sends for another site's page starts nothing, password or not."""
    before = site.get("/refresh/recent").json()
    answer = site.start({"symbol": "SPX"}, **headers)
    assert answer.status_code == 403
    assert "forbidden" in answer.json()["error"]
    assert site.get("/refresh/recent").json() == before


@pytest.mark.parametrize("path", ["/", "/workers", "/tasks", "/broker"])
def test_flowers_own_pages(site: RefreshSite, path: str) -> None:
    """Flower's own pages still render, now with a link to the refresh page."""
    answer = site.get(path)
    assert answer.status_code == 200
    assert 'href="/refresh"' in answer.text


def test_flowers_catch_all(site: RefreshSite) -> None:
    """An unknown address is still Flower's own 404."""
    assert site.get("/refreshed").status_code == 404


def test_flowers_own_api(site: RefreshSite) -> None:
    """The documented call of Flower's API starts the same task, and the page's progress call follows it."""
    answer = requests.post(
        f"{site.base}/api/task/async-apply/chain.reload",
        json={"kwargs": {"symbol": "SPX", "strikes_each_side": 2}},
        auth=(USER, PASSWORD),
        timeout=10,
    )
    assert answer.status_code == 200
    task_id = answer.json()["task-id"]
    assert site.follow(task_id)[-1]["result"]["contracts"] == 10
    assert site.get(f"/api/task/result/{task_id}").json()["state"] == "SUCCESS"
    assert site.get("/refresh/recent").json()["refreshes"][0]["task_id"] == task_id


def test_without_a_password(tmp_path: Path) -> None:
    """A Flower without a password shows its pages to anyone, but lets nobody start or follow anything."""
    with refresh_site(tmp_path) as site:
        assert site.get("/refresh", auth=None).status_code == 200
        answer = requests.post(f"{site.base}/refresh/start", json={"symbol": "SPX"}, timeout=10)
        assert answer.status_code == 401
        assert site.get("/refresh/recent", auth=None).status_code == 401


def test_opened_to_everyone(tmp_path: Path) -> None:
    """A Flower whose API was opened to everyone takes orders without a password, but none from another site's page."""
    with refresh_site(tmp_path, FLOWER_UNAUTHENTICATED_API="true") as site:
        assert site.start({"symbol": "SPX"}).status_code == 200
        assert site.start({"symbol": "SPX"}, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert site.start({"symbol": "SPX"}, Origin="http://evil.test").status_code == 403


def test_under_a_prefix_and_read_only(tmp_path: Path) -> None:
    """Under a prefix all addresses of the page carry it; in read-only mode there is no form and no start."""
    environment = {
        "FLOWER_BASIC_AUTH": f"{USER}:{PASSWORD}",
        "FLOWER_URL_PREFIX": "ops",
        "FLOWER_READ_ONLY": "1",
    }
    with refresh_site(tmp_path, **environment) as site:
        page = site.get("/ops/refresh")
        assert page.status_code == 200
        assert "<form" not in page.text
        addresses = re.findall(r'(?:src|href)="(/ops/refresh/static/[^"]+)"', page.text)
        assert len(addresses) == 2
        assert all(site.get(address).status_code == 200 for address in addresses)
        answer = requests.post(
            f"{site.base}/ops/refresh/start", json={"symbol": "SPX"}, auth=(USER, PASSWORD), timeout=10
        )
        assert answer.status_code == 403
        assert site.get("/ops/refresh/recent").json() == {"refreshes": []}
