"""Try the simulator with the vendor's JavaScript client: `python tools/judge_with_js_client.py`.

Needs node and npm. The client goes into a folder of its own that is removed afterwards; its install scripts do not run.
Not one of the tests: those need no network. Ends with 0 if everything was as it should be.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

CLIENT = "@massive.com/client-js@10.8.0"
SCRIPT = Path(__file__).with_suffix(".mjs")
_PATIENCE_S = 180


def main() -> int:
    """Install the client, start a simulator, and let the client judge it."""
    with tempfile.TemporaryDirectory() as folder:
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        subprocess.run(
            ["npm", "install", "--prefix", folder, *quiet, CLIENT], check=True, timeout=_PATIENCE_S
        )
        main_file = Path(folder) / "node_modules/@massive.com/client-js/dist/main.js"
        serve = [sys.executable, "-m", "marketswarm", "simulator", "--port", "0", "--json"]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as simulator:
            try:
                assert simulator.stdout is not None
                bases = json.loads(simulator.stdout.readline())
                judge = ["node", str(SCRIPT), main_file.as_uri(), bases["rest"], bases["ws"]]
                return subprocess.run(judge, check=False, timeout=_PATIENCE_S).returncode
            finally:
                simulator.terminate()


if __name__ == "__main__":
    sys.exit(main())
