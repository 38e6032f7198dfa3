"""The Celery tasks: one sentence and one call each, with options that Celery knows."""

import ast
import inspect
import re
from pathlib import Path

import celery
import pytest
from celery.app import autoretry

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tasks").glob("*.py"))
LOOPS_AND_CONDITIONS = (
    *(ast.For, ast.AsyncFor, ast.While, ast.If, ast.IfExp, ast.Match, ast.Try, ast.BoolOp),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def decorator_of(function: ast.FunctionDef) -> ast.Call | None:
    """The `@app.task(…)` of a function, None for other functions."""
    calls = [each for each in function.decorator_list if isinstance(each, ast.Call)]
    return next((call for call in calls if ast.unparse(call.func) == "app.task"), None)


TASKS = [
    pytest.param(function, id=f"{path.stem}.{function.name}")
    for path in FILES
    for function in ast.parse(path.read_text()).body
    if isinstance(function, ast.FunctionDef) and decorator_of(function)
]


def known_options() -> set[str]:
    """What a task's decorator may be given: Celery takes any other word too, and heeds it in nothing."""
    parameters = inspect.signature(celery.Celery._task_from_fun).parameters
    retries = re.findall(r"options\.get\(\s*'(\w+)'", inspect.getsource(autoretry))
    return {*parameters, *retries, *(name for name in dir(celery.Task) if not name.startswith("_"))}


def test_there_are_tasks() -> None:
    """The tasks of chain and spot are found here under the names that users call them by."""
    names = {
        ast.literal_eval(word.value)
        for task in TASKS
        for word in decorator_of(task.values[0]).keywords
        if word.arg == "name"
    }
    assert names == {
        "chain.load",
        "chain.reload",
        "chain.extend",
        "chain.roll",
        "chain.attend",
        "chain.audit",
        "chain.poll",
        "plan.probe",
        "spot.snapshot",
        "vexy.epoch",
        "vexy.speak",
        "vigil.evaluate",
    }


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_options_that_celery_knows(task: ast.FunctionDef) -> None:
    """Each option in a task's decorator is one that Celery acts on, and each task says its own name."""
    given = {word.arg for word in decorator_of(task).keywords}
    assert given <= known_options()
    assert "name" in given


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_thin(task: ast.FunctionDef) -> None:
    """A task has a sentence and at most five statements: no loop, no condition."""
    assert ast.get_docstring(task)
    statements = [node for node in ast.walk(task) if isinstance(node, ast.stmt)]
    assert len(statements) - 2 <= 5, "beside the function itself and its sentence"
    assert not [ast.unparse(node) for node in ast.walk(task) if isinstance(node, LOOPS_AND_CONDITIONS)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tasks_know_no_redis(path: Path) -> None:
    """No file of tasks imports or names Redis: what is stored is the stages' business."""
    words = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not {word for word in words if "redis" in word.lower()}
    assert not re.search(r"^\s*(?:import|from)\s+redis\b", path.read_text(), re.MULTILINE)
