"""Write requirements.lock: every package that pyproject.toml needs, at one version each.

Versions already in the lock are kept while they fit; delete a line to let it move. Versions carry
no local tag, so that torch comes as the CPU or the CUDA build that the machine is offered.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LOCK = Path("requirements.lock")
HEADER = "# Compiled from pyproject.toml by `make lock`.\n"


def resolve(constraints: list[str]) -> dict[str, str]:
    """Name and version of everything the project and its tools need, by pip's own resolver."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--no-build-isolation", "--report", "-", *constraints]
    done = subprocess.run([*command, ".[dev]"], check=True, stdout=subprocess.PIPE, text=True)
    packages = (item["metadata"] for item in json.loads(done.stdout)["install"])
    return {package["name"]: package["version"].split("+")[0] for package in packages}


def main() -> None:
    """Resolve within the versions in force and write the lock."""
    versions = resolve(["--constraint", str(LOCK)] if LOCK.exists() else [])
    versions.pop("polyglot-ko")
    lines = sorted(f"{name}=={version}" for name, version in versions.items())
    lines.sort(key=lambda line: re.sub(r"[-_.]+", "-", line.lower()))
    LOCK.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
