"""Containers and units, as far as they can be looked at without an engine and without systemd."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.services import NAMES
from tests.conftest import ROOT

COMPOSE = ROOT / "infra/compose.yaml"
DOCKERFILE = ROOT / "infra/Dockerfile"
SECRET = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|AUTH_STRING")


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


def test_no_secret_is_written_down(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name) or "@" in str(value):
                assert re.search(r"\$\{[A-Z_]+:\?\}", value), name
    for line in (ROOT / "infra/env.example").read_text().splitlines():
        if SECRET.search(line) and "=" in line and "://" not in line:
            assert line.endswith("="), line
    assert SECRET.search(DOCKERFILE.read_text()) is None
    assert ".env" in (ROOT / ".dockerignore").read_text().splitlines()
    assert "/.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_images_are_pinned_and_nobody_is_root(services: dict[str, dict[str, Any]]) -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.M)
    theirs = [s["image"] for s in services.values() if s["image"] != "polyglot-ko"]
    for image in [*bases, *theirs]:
        assert re.search(r":\d+\.\d+", image), image
    assert re.findall(r"^USER (\S+)", DOCKERFILE.read_text(), re.M) == ["polyglot"]
    for service in services.values():
        assert service["image"] == "polyglot-ko" or service["user"] not in ("root", "0")


def test_what_runs_on_is_asked_for_its_health_and_published_on_loopback_only(
    services: dict[str, dict[str, Any]],
) -> None:
    for name in ("postgres", "store", "mlflow", "prefect"):
        assert "healthcheck" in services[name]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published and all(port.startswith("127.0.0.1:") for port in published)
    assert {f"serve {name}" for name in NAMES} <= {
        s.get("command") for s in services.values() if isinstance(s.get("command"), str)
    }


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    program = tmp_path / "polyglot-ko/.venv/bin/polyglot"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = (ROOT / "infra/systemd/polyglot@.service").read_text().replace("%h", str(tmp_path))
    (tmp_path / "polyglot@.service").write_text(unit)
    shutil.copy(ROOT / "infra/systemd/polyglot.target", tmp_path)
    words = ["systemd-analyze", "verify", str(tmp_path / "polyglot@.service")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in NAMES:
        assert f"polyglot@{name}.service" in (tmp_path / "polyglot.target").read_text()
