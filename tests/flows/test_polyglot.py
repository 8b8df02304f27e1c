import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.flows.conftest import PARAMS, write_graph

pytestmark = [pytest.mark.slow, pytest.mark.service]

# Prefect's client keeps threads: it gets a process of its own.
RUNS = """
import json, sys, time
from pathlib import Path

from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from flows import polyglot

def task_states(client, run):
    of_run = FlowRunFilter(id=FlowRunFilterId(any_=[run]))
    deadline = time.monotonic() + 60  # Prefect records task states a moment after the fact
    while time.monotonic() < deadline:
        tasks = client.read_task_runs(flow_run_filter=of_run)
        if len(tasks) == 2 and all(task.state and task.state.is_final() for task in tasks):
            return {task.name: task.state.name for task in tasks}
        time.sleep(0.2)
    return {}

polyglot.ROOT = Path.cwd()
polyglot._stage = polyglot._stage.with_options(retry_delay_seconds=0.1)
told = []
with get_client(sync_client=True) as client:
    for _ in range(int(sys.argv[1])):
        state = polyglot.polyglot(return_state=True)
        tasks = task_states(client, state.state_details.flow_run_id)
        told.append({"state": state.name, "message": state.message, "tasks": tasks})
print(json.dumps(told))
"""


def flow_runs(project, server: dict[str, str], count: int) -> list[dict]:
    """State, message and the tasks' states of ``count`` flow runs, one after the other."""
    (project / "params.yaml").write_text(PARAMS)
    done = subprocess.run(
        [sys.executable, "-c", RUNS, str(count)],
        cwd=project,
        env={**os.environ, **server, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_one_task_a_stage_and_cached_when_up_to_date(project, prefect_server):
    first, second = flow_runs(project, prefect_server, 2)
    assert first["tasks"] == {"first": "Ran", "report": "Ran"}
    assert second["tasks"] == {"first": "Cached", "report": "Cached"}


def test_a_failing_stage_fails_the_flow_with_its_sentence(project, prefect_server):
    write_graph(project, "sh -c 'exit 3'")
    (run,) = flow_runs(project, prefect_server, 1)
    assert run["state"] == "Failed"
    assert "failed to reproduce 'report'" in run["message"]
    assert run["tasks"] == {"first": "Ran", "report": "Failed"}


def test_trouble_outside_is_tried_again(project, prefect_server):
    once = "test -e tried || { touch tried; exit 75; }; cat first.txt > report.txt"
    write_graph(project, f"sh -c '{once}'")
    (run,) = flow_runs(project, prefect_server, 1)
    assert run["state"] == "Completed"
    assert run["tasks"] == {"first": "Ran", "report": "Ran"}


def test_trouble_that_stays_is_given_up_with_a_state_of_its_own(project, prefect_server):
    write_graph(project, "sh -c 'echo once more >> tries; exit 75'")
    (run,) = flow_runs(project, prefect_server, 1)
    assert run["state"] == "InfrastructureFailed"
    assert run["tasks"]["report"] == "InfrastructureFailed"
    assert (project / "tries").read_text() == "once more\n" * 4
