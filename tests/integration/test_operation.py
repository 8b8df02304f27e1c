"""A server and a worker in operation: whatever ends a run leaves nothing behind.

One run after the other is ended in the midst of its training, each in another way, and the last one
goes on from there to its end.
"""

import json
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import psutil
import pytest

from runtime import files
from tests.integration.conftest import SMALL, Workspace
from tests.integration.services import ENDED, Services, eventually, started

pytestmark = [pytest.mark.slow, pytest.mark.service]

OVERRIDES = [*SMALL, "pretrain.steps=700", "pretrain.eval_every=700"]
OVERRIDES += ["gates.tokens.max_epochs=100"]


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A receiver of webhooks on loopback: its address, and what it was told."""
    received: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{secrets.token_hex(12)}", received
    server.shutdown()


@pytest.fixture(scope="module")
def services(
    tmp_path_factory: pytest.TempPathFactory, told: tuple[str, list[dict[str, str]]]
) -> Iterator[Services]:
    workspace = Workspace(tmp_path_factory.mktemp("operation") / "workspace")
    with started(workspace, POLYGLOT_WEBHOOK=told[0]) as running:
        yield running


def training(services: Services, **parameters: object) -> str:
    """A run that is in the midst of its training."""
    begun = steps(services)
    run = services.run("polyglot/full", target="pretrain", **parameters)

    def under_way() -> bool:
        assert services.state(run)["type"] not in ENDED, services.state(run)
        return steps(services) > begun + 30

    eventually(under_way, services.process)
    return run


def steps(services: Services) -> int:
    """How many steps the training has done, of this run or those before."""
    progress = services.workspace.folder / ".polyglot/progress/pretrain.json"
    state = files.read_json(progress) if progress.exists() else {"unit": ""}
    return int(state["done"]) if state["unit"] == "steps" else 0


def worker(services: Services) -> psutil.Process:
    """Prefect's worker itself, below the process that watches over it."""
    eventually(lambda: len(services.processes("prefect worker")) == 2, services.process)
    _, own = sorted(services.processes("prefect worker"), key=lambda process: process.create_time())
    return own


def gone(services: Services) -> None:
    """All that worked in the workspace has ended, the services with it."""
    deadline = time.monotonic() + 60
    while services.processes(""):
        assert time.monotonic() < deadline, services.processes("")
        time.sleep(0.3)


def nothing_is_left(services: Services) -> None:
    working = ("stages.", "prefect.engine", "dvc", "runtime.delivery")
    eventually(lambda: services.processes(*working) == [], services.process)


def test_runs_ended_in_every_way_leave_nothing_and_the_last_goes_on(
    services: Services, told: tuple[str, list[dict[str, str]]]
) -> None:
    cancelled = training(services, profile="smoke", overrides=OVERRIDES)
    beside = services.run("polyglot/data")
    assert services.ended(beside)["type"] == "CANCELLED"
    assert "Another run of this workspace" in services.state(beside)["message"]

    body = {"state": {"type": "CANCELLING"}}
    services.api.post(f"flow_runs/{cancelled}/set_state", json=body).raise_for_status()
    assert services.ended(cancelled)["type"] == "CANCELLED"
    nothing_is_left(services)

    asked = training(services)
    worker(services).send_signal(signal.SIGTERM)
    nothing_is_left(services)

    killed = training(services)
    worker(services).kill()
    nothing_is_left(services)

    off = training(services)
    services.process.kill()
    services.process.wait()
    gone(services)  # of themselves; a power failure asks nobody
    services.start()

    before = steps(services)
    last = services.run("polyglot/full", target="pretrain")
    assert services.ended(last, 900)["type"] == "COMPLETED"
    tasks = services.tasks(last)
    assert tasks.pop("pretrain") == "Ran"
    assert set(tasks.values()) == {"Cached"}
    assert before >= 4 * 30
    log = (services.workspace.folder / "logs/pretrain.log").read_text()
    assert "Resumed at step" in log

    for run in (asked, killed, off):
        assert services.ended(run)["type"] == "CRASHED", run
    # Of a run that died, Prefect tells late if its server was started anew meanwhile.
    ended = {cancelled: "CANCELLED", beside: "CANCELLED", last: "COMPLETED"}
    eventually(lambda: {word["id"] for word in told[1]} >= ended.keys(), services.process)
    states = {word["id"]: word["state"] for word in told[1]}
    assert {run: states[run] for run in ended} == ended
    assert "No sign of life" in services.state(off)["message"]


def test_nothing_to_do_is_told(services: Services) -> None:
    run = services.run("polyglot/full", target="pretrain")
    state = services.ended(run)
    assert (state["type"], state["name"]) == ("COMPLETED", "Cached")
    assert state["message"] == "Everything is up to date."


def test_a_gate_that_fails_is_a_state_with_a_sentence_and_is_not_tried_again(
    services: Services,
) -> None:
    overrides = ["gates.documents.min_documents=1000000"]
    run = services.run("polyglot/data", overrides=overrides)
    state = services.ended(run)
    assert (state["type"], state["name"]) == ("FAILED", "GateFailed")
    assert state["message"].startswith("gate@documents: ")
    assert services.tasks(run)["gate@documents"] == "GateFailed"
    body = {"artifacts": {"flow_run_id": {"any_": [run]}}}
    keys = {artifact["key"] for artifact in services.api.post("artifacts/filter", json=body).json()}
    assert {"stages", "gate-documents"} <= keys


def test_retraining_without_a_champion_does_nothing_and_says_so(services: Services) -> None:
    run = services.run("polyglot/retrain")
    state = services.ended(run)
    assert (state["type"], state["name"]) == ("COMPLETED", "NothingNew")
    assert "has no champion to continue from" in state["message"]


def test_who_has_no_password_is_turned_away(services: Services) -> None:
    for port, path in (
        (services.prefect_port, "/api/flow_runs/count"),
        (services.mlflow_port, "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default"),
    ):
        url = f"http://127.0.0.1:{port}{path}"
        ask = httpx.post if "count" in path else httpx.get
        assert ask(url).status_code == 401
        assert ask(url, auth=("operator", "wrong")).status_code == 401


def test_secrets_are_nowhere(services: Services, told: tuple[str, list[dict[str, str]]]) -> None:
    hidden = (services.password, told[0].rpartition("/")[2])
    for process in services.processes(""):
        assert not any(secret in " ".join(process.cmdline()) for secret in hidden)
    for path in services.workspace.folder.rglob("*"):
        if path.is_file() and path.name != ".env" and ".dvc" not in path.parts:
            with suppress(FileNotFoundError):  # a database's journal, gone again
                content = path.read_bytes()
                assert not any(secret.encode() in content for secret in hidden), path
