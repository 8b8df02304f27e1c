"""The services of a workspace, started by ``polyglot up`` on free ports, with passwords."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.conftest import heed_ctrl_c
from tests.integration.conftest import Workspace

STARTING = 300.0
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PATIENCE = 240.0  # seconds for what should happen within two minutes


class Patient(httpx.Client):
    """Asks again while the server says 503: sqlite was busy, or it has just started."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        answer = super().send(request, **options)
        for _ in range(50):
            if answer.status_code != 503:
                break
            time.sleep(0.2)
            answer = super().send(request, **options)
        return answer


class Services:
    """``polyglot up`` in a workspace, and its Prefect server asked as any client would."""

    def __init__(self, workspace: Workspace, **environment: str) -> None:
        self.workspace = workspace
        self.mlflow_port, self.prefect_port = free_port(), free_port()
        self.password = secrets.token_hex(12)
        self.environment = {
            "POLYGLOT_MLFLOW_PORT": str(self.mlflow_port),
            "POLYGLOT_PREFECT_PORT": str(self.prefect_port),
            "MLFLOW_TRACKING_USERNAME": "reviewer",
            "MLFLOW_TRACKING_PASSWORD": self.password,
            "PREFECT_API_AUTH_STRING": f"operator:{self.password}",
            **environment,
        }
        lines = [f"{name}={value}\n" for name, value in self.environment.items()]
        (workspace.folder / ".env").write_text("".join(lines))
        self.api = Patient(
            base_url=f"http://127.0.0.1:{self.prefect_port}/api/",
            auth=("operator", self.password),
            timeout=30.0,
        )

    def start(self, *words: str) -> None:
        """Start them and wait until all of them work."""
        self.log = (self.workspace.folder / "up.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "up", *words],
            cwd=self.workspace.folder,
            env={**os.environ, "PYTHONPATH": str(self.workspace.folder)},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            preexec_fn=heed_ctrl_c,
        )
        try:
            eventually(lambda: "Ctrl-C stops all" in self.said(), self.process, STARTING)
        except BaseException:
            self.process.kill()
            print(self.said())
            raise

    def said(self) -> str:
        """What ``polyglot up`` has printed."""
        self.log.seek(0)
        return self.log.read()

    def stop(self) -> None:
        """As with Ctrl-C."""
        self.process.send_signal(2)
        self.process.wait(PATIENCE)

    def run(self, deployment: str, **parameters: Any) -> str:
        """Let a worker run a deployment; the run's id."""
        flow, name = deployment.split("/")
        found = self.api.get(f"deployments/name/{flow}/{name}").raise_for_status().json()
        body = {"state": {"type": "SCHEDULED"}, "parameters": parameters}
        made = self.api.post(f"deployments/{found['id']}/create_flow_run", json=body)
        return made.raise_for_status().json()["id"]

    def state(self, run: str) -> dict[str, Any]:
        """State of a flow run: type, name, message."""
        return self.api.get(f"flow_runs/{run}").raise_for_status().json()["state"]

    def ended(self, run: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Its state when it has ended."""
        eventually(lambda: self.state(run)["type"] in ENDED, self.process, patience)
        return self.state(run)

    def tasks(self, run: str) -> dict[str, str]:
        """Names of the states of a run's tasks, by stage."""
        body = {"flow_runs": {"id": {"any_": [run]}}}
        found = self.api.post("task_runs/filter", json=body).raise_for_status().json()
        return {task["name"]: task["state"]["name"] for task in found}

    def logs(self, run: str) -> list[str]:
        """Lines of a run's log."""
        body = {"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200}
        return [line["message"] for line in self.api.post("logs/filter", json=body).json()]

    def processes(self, *of: str) -> list[psutil.Process]:
        """Processes of the workspace whose command line holds one of the words."""
        found = []
        for process in psutil.process_iter():
            try:
                inside = process.cwd() == str(self.workspace.folder)
                line = " ".join(process.cmdline())
                if inside and process.status() != psutil.STATUS_ZOMBIE:
                    found += [process] if any(word in line for word in of) else []
            except psutil.Error:
                continue
        return found


def eventually(
    holds: Callable[[], Any], process: subprocess.Popen, patience: float = PATIENCE
) -> None:
    """Wait until it holds, while the process lives; asked ever less often, as asking is work."""
    begun = time.monotonic()
    while not holds():
        waited = time.monotonic() - begun
        assert process.poll() is None, f"{process.args} ended with code {process.returncode}"
        assert waited < patience, "it did not happen in time"
        time.sleep(min(0.3 + waited / 50, 2.0))


@contextmanager
def started(workspace: Workspace, *words: str, **environment: str) -> Iterator[Services]:
    """The services for a block, none of whose processes is left after it."""
    services = Services(workspace, **environment)
    services.start(*words)
    try:
        yield services
    finally:
        services.stop()
        left = services.processes("prefect", "mlflow", "stages.", "uvicorn")
        for process in left:
            process.kill()
        assert left == []


def mlflow_server(folder: Path, port: int) -> subprocess.Popen:
    """A real MLflow server alone, in a process group of its own, on a database in ``folder``."""
    words = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "1"]
    words += ["--artifacts-destination", str(folder / "artifacts"), "--port", str(port)]
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *words],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    answering(f"http://127.0.0.1:{port}/health", server)
    return server


def answering(url: str, server: subprocess.Popen) -> None:
    """Wait until a server answers."""

    def answers() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(url, timeout=2).is_success
        return False

    eventually(answers, server)


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
