import time

import pytest

from flows import polyglot as flow_module
from tests.flows.conftest import write_graph

pytestmark = [pytest.mark.slow, pytest.mark.service]


@pytest.fixture(scope="module", autouse=True)
def prefect_server():
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def workspace(project, monkeypatch):
    (project / "params.yaml").write_text("profile: smoke")
    monkeypatch.setattr(flow_module, "ROOT", project)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project}/mlflow.db")
    return project


def task_states() -> dict[str, str]:
    """Name of each task of the last flow run, and the name of the state it ended in."""
    from prefect import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.sorting import FlowRunSort

    deadline = time.monotonic() + 60  # Prefect records task states a moment after the fact
    with get_client(sync_client=True) as client:
        run = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)[0]
        of_run = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        while time.monotonic() < deadline:
            tasks = client.read_task_runs(flow_run_filter=of_run)
            if len(tasks) == 2 and all(task.state and task.state.is_final() for task in tasks):
                return {task.name: task.state.name for task in tasks}
            time.sleep(0.2)
    raise AssertionError("the task states were not recorded")


def test_one_task_a_stage_and_cached_when_up_to_date(workspace):
    flow_module.polyglot()
    assert task_states() == {"first": "Completed", "report": "Completed"}
    flow_module.polyglot()
    assert task_states() == {"first": "Cached", "report": "Cached"}


def test_a_failing_stage_fails_the_flow_with_its_sentence(workspace):
    write_graph(workspace, "sh -c 'exit 3'")
    state = flow_module.polyglot(return_state=True)
    assert state.is_failed()
    assert "report" in state.message
