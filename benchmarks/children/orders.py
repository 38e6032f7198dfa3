"""How a measurement talks with its processes: one JSON line asks, one JSON line answers. End of input ends the process."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Order = Callable[..., Any]


def serve_orders(orders: Mapping[str, Order]) -> None:
    """Answer orders from standard input until it ends. Runs in the child."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not look like an answer
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer = {"answer": orders[name](**arguments)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent raises it
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


class Child:
    """A process that takes orders."""

    def __init__(
        self, module: str, log: Path, env: Mapping[str, str] | None = None, python: Path | None = None
    ) -> None:
        self._module = module
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                [python or sys.executable, "-m", f"benchmarks.children.{module}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env={**os.environ, **(env or {})},
            )

    def ask(self, order: str, **arguments: Any) -> Any:
        """Give an order and wait for its answer.

        Raises:
            RuntimeError: what went wrong in the process.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([order, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended with exit code {self.process.wait(10)}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self._module}, {order}: {answer['error']}")
        return answer["answer"]

    def end(self) -> None:
        """Close its input; kill it, should that not be enough."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Later:
    """An order whose answer is fetched later, while its process works."""

    def __init__(self, child: Child, order: str, **arguments: Any) -> None:
        self._answer: Any = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._ask, args=(child, order, arguments), daemon=True)
        self._thread.start()

    def answer(self) -> Any:
        """Wait for it."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answer

    def forget(self) -> None:
        """Wait until it is over, whatever came of it."""
        self._thread.join()

    def _ask(self, child: Child, order: str, arguments: dict[str, Any]) -> None:
        try:
            self._answer = child.ask(order, **arguments)
        except Exception as error:  # noqa: BLE001 - raised again where the answer is fetched
            self._error = error


@contextmanager
def child(
    module: str, folder: Path, env: Mapping[str, str] | None = None, *, python: Path | None = None
) -> Iterator[Child]:
    """A child for the time of the block; its log is `MODULE.log`, its interpreter ours unless another one is named."""
    made = Child(module, folder / f"{module}.log", env, python)
    try:
        yield made
    finally:
        made.end()
