"""``polyglot up``: all services on this machine, started in order, watched, and stopped whole.

A service that ends is started again, after a pause that grows; if this process is killed, its
services end as well (``runtime.ownership``).
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import httpx
import psutil
from rich.console import Console

from flows.services import Service, Settings, service
from runtime import launch, paths
from runtime.errors import PolyglotError

STARTING = 180.0  # seconds that a service has until it works; a new database takes some
POLL = 0.5
PAUSES = (1, 5, 30, 60)  # seconds before another start; a service that ran an hour begins anew
STABLE = 3600.0
GRACE = 30.0  # seconds that a server has to stop


class Running:
    """A service's process, started again whenever it has ended."""

    def __init__(self, what: Service) -> None:
        self.what = what
        self._ends = 0
        self._start()

    def _start(self) -> None:
        paths.LOGS.mkdir(exist_ok=True)
        self._began = time.monotonic()
        self._again: float | None = None
        with (paths.LOGS / f"{self.what.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "runtime.ownership", *self.what.command],
                env=self.what.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
                preexec_fn=partial(os.nice, self.what.nice),
            )

    def watch(self, console: Console) -> None:
        """Start it again if it has ended, not before its pause is over."""
        if self.process.poll() is None:
            return
        if self._again is None:
            self._ends = 0 if time.monotonic() - self._began > STABLE else self._ends
            pause = PAUSES[min(self._ends, len(PAUSES) - 1)]
            self._ends += 1
            self._again = time.monotonic() + pause
            console.print(
                f"{self.what.name} ended with code {self.process.returncode} (see "
                f"logs/{self.what.name}.log); it starts again in {pause} s."
            )
        elif time.monotonic() >= self._again:
            self._start()

    def wait_until_healthy(self) -> None:
        """Return when it works.

        Raises:
            PolyglotError: it ended, or does not answer in time.
        """
        name = self.what.name
        deadline = time.monotonic() + STARTING
        while not healthy(self.what):
            if self.process.poll() is not None:
                told = f"ended with code {self.process.returncode}"
                raise PolyglotError(f"{name} {told}: logs/{name}.log has what it printed.")
            if time.monotonic() > deadline:
                raise PolyglotError(f"{name} does not answer: logs/{name}.log may tell why.")
            time.sleep(POLL)

    def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL to what is left of it and its children after ``grace`` seconds."""
        try:
            own = psutil.Process(self.process.pid)
            members = [own, *own.children(recursive=True)]
        except psutil.NoSuchProcess:
            members = []
        self.process.terminate()
        _, alive = psutil.wait_procs(members, timeout=grace)
        for member in alive:
            member.kill()
        self.process.wait()


def healthy(what: Service) -> bool:
    """Whether a service answers as it should."""
    auth = what.environment.get("PREFECT_API_AUTH_STRING", "")
    credentials = httpx.BasicAuth(*auth.split(":", 1)) if auth and what.name != "mlflow" else None
    try:
        answer = httpx.get(what.health, auth=credentials, timeout=5.0)
    except httpx.HTTPError:
        return False
    if what.name == "worker":  # its pool is ready when a worker asks it for work
        return answer.status_code == 200 and answer.json()["status"] == "READY"
    return answer.status_code == 200


def up(settings: Settings, names: Sequence[str], console: Console) -> None:
    """Start the services ``names`` and watch them until this process is asked to end.

    Raises:
        PolyglotError: something listens where one of them should, or one does not start.
    """
    for name in names:
        if name != "worker" and healthy(service(name, settings)):
            raise PolyglotError(
                f"Something answers at {service(name, settings).health} already: stop it, or give "
                f"another port (POLYGLOT_{name.upper()}_PORT)."
            )
    running: list[Running] = []
    try:
        for name in names:
            if name == "worker":
                deploy(settings)
            running.append(Running(service(name, settings)))
            running[-1].wait_until_healthy()
            console.print(f"{name} is up.", highlight=False)
        console.print(
            f"MLflow {settings.mlflow_url} · Prefect {settings.prefect_url} · Ctrl-C stops all.\n"
            f"export PREFECT_API_URL={settings.environment['PREFECT_API_URL']} "
            f"MLFLOW_TRACKING_URI={settings.environment['MLFLOW_TRACKING_URI']}",
            highlight=False,
            soft_wrap=True,
        )
        while True:
            time.sleep(POLL)
            for one in running:
                one.watch(console)
    finally:
        for one in reversed(running):  # the worker first: its runs tell the servers how they end
            grace = launch.load().grace if one.what.name == "worker" else 0.0
            one.stop(grace + GRACE)


def serve(settings: Settings, name: str) -> None:
    """Become the service ``name``: what a supervisor such as systemd starts."""
    what = service(name, settings)
    if name == "worker":
        _wait_for(f"{settings.environment['PREFECT_API_URL']}/health", settings)
        deploy(settings)
    os.nice(what.nice)
    os.execvpe(what.command[0], what.command, what.environment)


def deploy(settings: Settings) -> None:
    """Tell Prefect's server the work pool, the deployments and the automations of this project.

    Raises:
        PolyglotError: it does not take them.
    """
    told = subprocess.run(
        [sys.executable, "-m", "flows.deployments"],
        env=service("worker", settings).environment | {"PWD": os.getcwd()},  # prefect.yaml asks it
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if told.returncode:
        raise PolyglotError((told.stderr.strip().splitlines() or ["Prefect took nothing."])[-1])


def _wait_for(health: str, settings: Settings) -> None:
    """Prefect's server may be on another machine: the worker knows its address from clients."""
    server = replace(service("prefect", settings), health=health)
    deadline = time.monotonic() + STARTING
    while not healthy(server):
        if time.monotonic() > deadline:
            raise PolyglotError(f"Prefect's server at {health} does not answer.")
        time.sleep(POLL)
