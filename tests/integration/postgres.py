"""A Postgres of Debian's package, in a folder of its own, on loopback, with a password."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.services import free_port

USER = "postgres"  # of the system: the server refuses to run as root


@contextmanager
def postgres() -> Iterator[str]:
    """``USER:PASSWORD@HOST:PORT`` of a cluster with the databases mlflow and prefect."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("Postgres is not installed: apt-get install postgresql")
    if os.getuid() != 0:
        pytest.skip("only root can start Postgres as another user")
    password, port = secrets.token_hex(12), free_port()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # pytest's are closed to other users
    (folder / "password").write_text(password)
    for path in (folder, folder / "password"):
        shutil.chown(path, USER)
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]

    def call(program: str, *words: str, **environment: str) -> None:
        subprocess.run(
            [*as_user, str(programs[-1] / program), *words],
            cwd=folder,
            env={**os.environ, **environment},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    data = folder / "data"
    call("initdb", "-D", str(data), "-A", "scram-sha-256", f"--pwfile={folder}/password")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
    call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        for name in ("mlflow", "prefect"):
            call("createdb", "-h", "127.0.0.1", "-p", str(port), name, PGPASSWORD=password)
        yield f"{USER}:{password}@127.0.0.1:{port}"
    finally:
        call("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
