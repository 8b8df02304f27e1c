"""No personal number leaves the documents: no log, report, record or gate result holds one."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import documents
from tests.integration.conftest import SMALL, Workspace

pytestmark = pytest.mark.slow

# Documents before masking, which hold the numbers, and DVC's copies of them.
UNMASKED = ("data/sample", "data/ingest", "data/clean", "data/dedup", ".dvc/cache")
RULES = "stages/mask/rules/__init__.py"
WITHOUT_PHONES = ("[*RESIDENTS, *BY_LAYOUT, *PHONES, *BY_WORD]", "[*RESIDENTS, *BY_LAYOUT]")
COLUMNS = "stages/mask/columns.py"
CRASH = ("    rows = suspects(masker, texts)\n", "    raise ValueError(texts.to_pylist())\n")


def test_no_number_is_written_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path / "workspace")
    folder = workspace.folder
    for variable in ("TMPDIR", "PREFECT_HOME"):
        monkeypatch.setenv(variable, str(folder / variable))
        (folder / variable).mkdir()

    code, printed = workspace.run("run", "--profile", "smoke", *SMALL)
    assert code == 0, printed
    planted = numbers(folder)
    assert len(planted) > 100
    assert len(planted & seen(folder / "data/dedup")) == len(planted)
    assert not planted & (seen(folder) | digits(printed))

    for file, (old, new), says in (
        (RULES, WITHOUT_PHONES, "Gate masked failed"),
        (COLUMNS, CRASH, "A data worker failed with ValueError"),
    ):
        path = folder / file
        intact = path.read_text()
        assert old in intact
        path.write_text(intact.replace(old, new, 1))
        code, printed = workspace.run("run", "--profile", "smoke", *SMALL)
        assert code == 1
        assert says in printed
        masked = seen(folder / "data/mask/documents") if file == RULES else set()
        assert bool(planted & masked) is (file == RULES)  # the mutant does leave numbers
        assert not planted & (seen(folder, *UNMASKED, "data/mask/documents") | digits(printed))
        path.write_text(intact)


def numbers(folder: Path) -> set[str]:
    """The digits of the planted numbers that deduplication let pass."""
    left = "\n".join(document.text for document in documents.read(folder / "data/dedup/documents"))
    lines = (folder / "data/sample/pii.jsonl").read_text().splitlines()
    found = (json.loads(line)["number"] for line in lines)
    return {re.sub(r"\D", "", number) for number in found if number in left}


def seen(folder: Path, *without: str) -> set[str]:
    """All that could be such a number in the files below a folder."""
    found = set()
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.startswith(without or UNMASKED):
            for text in _texts(path):
                found |= digits(text)
    return found


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet":
        yield from (document.text for document in documents.read(path.parent))
    else:
        yield path.read_bytes().decode("latin-1")


def digits(text: str) -> set[str]:
    """Every 9 to 14 digits in a row, whatever parts them."""
    found = set()
    for match in re.finditer(r"[0-9](?:[-+ .()/]{0,3}[0-9]){8,}", text):
        run = re.sub(r"\D", "", match[0])
        found |= {run[i : i + n] for n in range(9, 15) for i in range(len(run) - n + 1)}
    return found
