import errno
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from runtime import stage

PARAMS = "example: {depth: 3}\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def run(project, body: str) -> subprocess.Popen:
    """Start a stage `example` whose body is the given lines."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    code = (
        "import os, subprocess, time\nfrom runtime import stage\n"
        f"from runtime.errors import PolyglotError\ndef body(s):\n{lines}\n"
        "stage.run('example', body)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "POLYGLOT_RUN": "r"}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=project, env=environment, stderr=subprocess.PIPE
    )


def events(project) -> str:
    return (project / ".polyglot/spool/r/example/events.jsonl").read_text()


def test_a_finished_stage_leaves_its_record(project):
    process = run(project, "s.progress.headline('done'); s.tracker.metrics({'loss': 1.5}, step=2)")
    process.communicate()
    assert process.returncode == 0
    assert '"depth": "3"' in events(project)
    assert '"loss": 1.5' in events(project)
    assert "FINISHED" in events(project)
    assert "done" in stage.progress_file("example").read_text()


def test_a_users_error_is_one_sentence_without_traceback(project):
    process = run(project, "raise PolyglotError('The folder x is missing.')")
    _, printed = process.communicate()
    assert process.returncode == stage.FAILED
    assert printed.decode() == "The folder x is missing.\n"
    assert stage.error_file("example").read_text() == "The folder x is missing."
    assert "FAILED" in events(project)


def test_a_full_disk_is_one_sentence(capsys):
    def body():
        raise OSError(errno.ENOSPC, "No space left on device", "data/x.parquet")

    assert stage.guard(body) == stage.FAILED
    assert "The disk is full while writing data/x.parquet" in capsys.readouterr().err


def test_sigterm_ends_the_stage_and_its_children(project):
    body = (
        "child = subprocess.Popen(['sleep', '60'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    process = run(project, body)
    child = wait_for_pid(project / "child")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == stage.TERMINATED
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert "KILLED" in events(project)


def test_a_stage_ends_when_its_owner_is_killed(project, monkeypatch):
    owner = subprocess.Popen(["sleep", "60"])
    monkeypatch.setenv("POLYGLOT_OWNER", str(owner.pid))
    process = run(project, "open('child', 'w').write(str(os.getpid()))\ntime.sleep(60)")
    wait_for_pid(project / "child")
    owner.kill()
    owner.wait()
    process.communicate(timeout=30)
    assert process.returncode != 0


def wait_for_pid(path) -> psutil.Process:
    deadline = time.monotonic() + 30
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, "the stage did not start"
        time.sleep(0.05)
    return psutil.Process(int(path.read_text()))
