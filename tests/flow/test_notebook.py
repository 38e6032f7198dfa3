"""The notebook, run from its first cell to its last on a real gateway over a simulated market."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from marketswarm.simulator.config import SimulatorConfig
from tests.support.gateway_process import GatewayProcess
from tests.support.simulator import RunningSimulator
from tests.support.spine import spine

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "first_look.ipynb"


@pytest.fixture
def notebook():
    """As it is stored."""
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture
def running(tmp_path):
    """The spine with SPX, live and judged once, and a gateway on it: its settings."""
    simulator = RunningSimulator(SimulatorConfig(port=0, seed=7))
    settings = {"MASSIVE_API_KEY": "flow-test-key", "MARKETSWARM_SYMBOLS": "SPX"}
    with spine(tmp_path, simulator.rest, simulator.ws, **settings) as made:
        made.start_all()
        with GatewayProcess(tmp_path, made.env["MARKETSWARM_REDIS_URL"], **made.env) as gateway:
            made.wait_live("SPX")
            made.wait_for("levels", lambda: made.redis.hexists("vigil:levels:SPX", "gamma_by_strike"))
            yield made.env | {"MARKETSWARM_HTTP_PORT": str(gateway.port)}
    simulator.stop()


def output_of(cell) -> str:
    """All text that a cell gave."""
    told = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in cell.outputs]
    return "\n".join(told)


def test_it_is_stored_clean(notebook):
    """No outputs and no counts, for the kernel that every Python has."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not [cell for cell in code if cell.outputs or cell.execution_count is not None]
    assert notebook.metadata.kernelspec.name == "python3"
    nbformat.validate(notebook)


def test_every_cell_runs(notebook, running, tmp_path):
    """Without an error, and with what the words around it promise: tables, three charts, and a stream that moves."""
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute(
        env=running | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    )
    outputs = {cell.source: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    text = "\n".join(output_of(cell) for cell in notebook.cells if cell.cell_type == "code")
    assert sum("image/png" in one.get("data", {}) for given in outputs.values() for one in given) == 3
    assert "Chain(symbol='SPX'" in text
    assert "open_interest" in text
    assert "Batch" in text
    assert not [one for given in outputs.values() for one in given if one.output_type == "error"]
