"""What one clone has computed, another pulls and does not compute again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.integration.conftest import SMALL, Workspace
from tests.integration.services import free_port

pytestmark = [pytest.mark.slow, pytest.mark.service]

TARGET = "gate@documents"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository whose data stages have run, dvc.lock committed."""
    workspace = Workspace(tmp_path_factory.mktemp("remotes") / "origin")
    (workspace.folder / ".dvc/config.local").unlink()
    call(workspace.folder, "git", "init", "--quiet")
    code, printed = workspace.run("run", "--profile", "smoke", "--target", TARGET, *SMALL)
    assert code == 0, printed
    call(workspace.folder, "git", "add", ".")
    author = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    call(workspace.folder, "git", *author, "commit", "--quiet", "--message", "Data")
    return workspace.folder


def call(folder: Path, *words: str) -> str:
    """What a command prints; the project's own Python environment comes first in PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def comes_back(origin: Path, tmp_path: Path, *remote: tuple[str, str]) -> None:
    """Push from the origin, pull in a fresh clone, and find nothing to do there."""
    url = next(value for name, value in remote if name == "url")
    clone = tmp_path / "elsewhere"
    call(tmp_path, "git", "clone", "--quiet", str(origin), str(clone))
    for folder in (origin, clone):
        call(folder, "dvc", "remote", "add", "--local", "--force", "--default", "there", url)
        for name, value in remote:
            call(folder, "dvc", "remote", "modify", "--local", "there", name, value)
    call(origin, "dvc", "push", TARGET, "--with-deps")
    call(clone, "dvc", "pull", TARGET, "--with-deps")
    printed = call(clone, "dvc", "repro", TARGET)
    assert "Running stage" not in printed
    assert "didn't change, skipping" in printed
    ledger = "data/dedup/ledger.json"
    assert (clone / ledger).read_bytes() == (origin / ledger).read_bytes()


def test_a_folder(origin: Path, tmp_path: Path) -> None:
    comes_back(origin, tmp_path, ("url", str(tmp_path / "remote")))


def test_s3(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    endpoint = f"http://127.0.0.1:{free_port()}"
    server = ThreadedMotoServer("127.0.0.1", int(endpoint.rpartition(":")[2]), verbose=False)
    server.start()
    try:
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="dvc")
        comes_back(origin, tmp_path, ("url", "s3://dvc/polyglot"), ("endpointurl", endpoint))
    finally:
        server.stop()


def test_ssh(origin: Path, tmp_path: Path) -> None:
    with ssh(tmp_path) as (port, key):
        url = f"ssh://root@127.0.0.1:{port}{tmp_path}/remote"
        comes_back(origin, tmp_path, ("url", url), ("keyfile", str(key)))


@contextmanager
def ssh(folder: Path) -> Iterator[tuple[int, Path]]:
    """A daemon on loopback that lets one key of its own in: its port, and the key."""
    daemon = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(daemon).exists() or os.getuid() != 0:
        pytest.skip("sshd is not installed, or we are not root: apt-get install openssh-server")
    port = free_port()
    for name in ("host", "client"):
        call(folder, *("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"))
    Path("/run/sshd").mkdir(exist_ok=True)  # Debian's sshd gives its privileges up there
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "client.pub",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "StrictModes": "no",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    (folder / "sshd").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    process = subprocess.Popen([daemon, "-D", "-e", "-f", str(folder / "sshd")])
    try:
        yield port, folder / "client"
    finally:
        process.terminate()
        process.wait()
