"""The services of the project: MLflow, Prefect's server, and a worker that runs the flows.

What they need comes from the environment, to which ``.env`` belongs (``infra/env.example`` shows
all of it), under the names that MLflow, Prefect and boto3 give it themselves. They listen on
loopback; any other address is refused until passwords are set.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from runtime import files, paths
from runtime.errors import PolyglotError

POOL = "polyglot"  # the work pool of Prefect
HEARTBEAT = 30  # seconds between two signs of life of a flow run, Prefect's least
NAMES = ("mlflow", "prefect", "worker")
OPEN_WITH = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "PREFECT_API_AUTH_STRING")
BEHIND = 5  # niceness of the servers: training on their machine goes first
LEAST_PASSWORD = 12  # characters
KNOWN = 60  # seconds that MLflow knows a password again, whose check takes a third of a second


@dataclass(frozen=True)
class Service:
    """How one of them is started, and how one knows that it works."""

    name: str
    command: list[str]
    environment: dict[str, str]
    health: str  # an address that answers 200 when it does
    nice: int = 0  # how far it stands back where others want the processor


@dataclass(frozen=True)
class Settings:
    """Where the services listen, and the environment that they and their clients share."""

    host: str
    mlflow_port: int
    prefect_port: int
    environment: dict[str, str]

    @property
    def mlflow_url(self) -> str:
        return f"http://{_reachable(self.host)}:{self.mlflow_port}"

    @property
    def prefect_url(self) -> str:
        return f"http://{_reachable(self.host)}:{self.prefect_port}"

    @property
    def locked(self) -> bool:
        """Whether the services ask for passwords."""
        return all(self.environment.get(name) for name in OPEN_WITH)


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force.

    Raises:
        PolyglotError: a port is none, a password is short, or one is missing where the address is
            not loopback or the other is given.
    """
    found = Settings(
        environment.get("POLYGLOT_HOST") or "127.0.0.1",
        _port(environment, "POLYGLOT_MLFLOW_PORT", 5000),
        _port(environment, "POLYGLOT_PREFECT_PORT", 4200),
        dict(environment),
    )
    _check_passwords(found)
    clients = {
        "MLFLOW_TRACKING_URI": found.mlflow_url,
        "PREFECT_API_URL": f"{found.prefect_url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    return Settings(
        found.host, found.mlflow_port, found.prefect_port, {**clients, **found.environment}
    )


def service(name: str, of: Settings) -> Service:
    """What starts the service ``name``. No word of a command holds a secret: all see those."""
    return {"mlflow": _mlflow, "prefect": _prefect, "worker": _worker}[name](of)


def _mlflow(of: Settings) -> Service:
    store = paths.MLFLOW.resolve()
    environment = {
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{store / 'mlflow.db'}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # eight processes for what we do not use
    }
    words = [sys.executable, "-m", "mlflow", "server", "--workers", "2"]
    words += ["--host", of.host, "--port", str(of.mlflow_port)]
    if of.environment.get("MLFLOW_ARTIFACTS_DESTINATION") or not _is_loopback(of.host):
        environment["MLFLOW_ARTIFACTS_DESTINATION"] = (store / "artifacts").as_uri()
    else:  # as `polyglot run` writes them without a server
        words += ["--no-serve-artifacts"]
        environment["MLFLOW_DEFAULT_ARTIFACT_ROOT"] = (store / "artifacts").as_uri()
    if of.locked:
        words += ["--app-name", "basic-auth"]
        environment |= {
            "MLFLOW_AUTH_ADMIN_USERNAME": of.environment["MLFLOW_TRACKING_USERNAME"],
            "MLFLOW_AUTH_ADMIN_PASSWORD": of.environment["MLFLOW_TRACKING_PASSWORD"],
            "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(32),
            "MLFLOW_AUTH_CONFIG_PATH": str(_auth_config(store)),
        }
    store.mkdir(parents=True, exist_ok=True)
    health = f"{of.mlflow_url}/health"
    return Service("mlflow", words, {**environment, **of.environment}, health, BEHIND)


def _prefect(of: Settings) -> Service:
    environment = {"PREFECT_HOME": _home("prefect")}
    if of.locked:
        environment["PREFECT_SERVER_API_AUTH_STRING"] = of.environment["PREFECT_API_AUTH_STRING"]
    words = [sys.executable, "-m", "prefect", "server", "start"]
    words += ["--host", of.host, "--port", str(of.prefect_port)]
    health = f"{of.prefect_url}/api/health"
    return Service("prefect", words, {**environment, **of.environment}, health, BEHIND)


def _worker(of: Settings) -> Service:
    environment = {
        "PREFECT_HOME": _home("worker"),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT),
        "PREFECT_WORKER_ENABLE_CANCELLATION": "true",
        "PREFECT_WORKER_QUERY_SECONDS": "3",
        "PREFECT_WORKER_CANCELLATION_POLL_SECONDS": "10",
    }
    words = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL]
    health = f"{of.environment['PREFECT_API_URL']}/work_pools/{POOL}"
    return Service("worker", words, {**environment, **of.environment}, health)


def _home(name: str) -> str:
    """Where Prefect keeps what it keeps: apart from what the user's own Prefect has."""
    home = (paths.STATE / name).resolve()
    home.mkdir(parents=True, exist_ok=True)
    return str(home)


def _auth_config(store: Path) -> Path:
    """Who may do what in MLflow; the password is not in it."""
    path = store / "auth.ini"
    lines = [
        "[mlflow]",
        "default_permission = READ",
        f"database_uri = sqlite:///{store}/auth.db",
        f"auth_cache_ttl_seconds = {KNOWN}",
    ]
    files.write_text(path, "\n".join([*lines, ""]))
    return path


def _check_passwords(found: Settings) -> None:
    given = {name: found.environment.get(name, "") for name in OPEN_WITH}
    if not any(given.values()) and _is_loopback(found.host):
        return
    for name, value in given.items():
        if not value:
            raise PolyglotError(
                f"{name} is not set: the services listen on {found.host} only with passwords of "
                "MLflow and of Prefect (see infra/env.example)."
            )
    user, _, word = given["PREFECT_API_AUTH_STRING"].partition(":")
    if not user or min(len(word), len(given["MLFLOW_TRACKING_PASSWORD"])) < LEAST_PASSWORD:
        raise PolyglotError(
            "PREFECT_API_AUTH_STRING is user:password, and this password and "
            f"MLFLOW_TRACKING_PASSWORD have at least {LEAST_PASSWORD} characters."
        )


def _port(values: Mapping[str, str], name: str, usual: int) -> int:
    text = values.get(name) or str(usual)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise PolyglotError(f"{name} is {text!r}, but must be a number from 1 to 65535.")
    return int(text)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reachable(host: str) -> str:
    """Where clients of this machine find what listens on ``host``."""
    with suppress(ValueError):  # a name
        host = "127.0.0.1" if ip_address(host).is_unspecified else host
    return f"[{host}]" if ":" in host else host
