"""A key that the vendor does not know, and one that is put in its place: as real processes."""

import pytest

from tests.support.simulator import running_simulator
from tests.support.spine import STREAM, WORKER, spine

pytestmark = pytest.mark.processes


def test_another_key_in_the_file_is_taken_without_a_restart(tmp_path):
    """A wrong key is refused for good and named; when `.env` holds the right one, the chain is live within seconds."""
    file = tmp_path / ".env"
    file.write_text("MASSIVE_API_KEY=not-the-key\n")
    settings = {"MARKETSWARM_SYMBOLS": "SPY", "MARKETSWARM_STRIKES_EACH_SIDE": "4"}
    with (
        running_simulator(key="the-right-key", symbols=("SPY",)) as vendor,
        spine(tmp_path, vendor.rest, vendor.ws, **settings) as made,
    ):
        made.start("worker", *WORKER)
        made.start("stream", *STREAM)
        made.wait_for("a refusal in the log", lambda: "Unknown API Key" in made.log("worker"))

        file.write_text("MASSIVE_API_KEY=the-right-key\n")

        made.wait_live("SPY")
        assert "the-right-key" not in made.log("worker") + made.log("stream")
