"""What a gate has found: a small JSON file, and on failure one sentence."""

from dataclasses import asdict, dataclass
from pathlib import Path

from runtime import files, paths

GATES = ("documents", "masked", "tokens", "model", "evaluation")  # in the pipeline's order


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation, in words; no text of any document is in it."""

    expectation: str  # its class in Great Expectations
    about: str
    expected: str
    seen: str
    passed: bool


@dataclass(frozen=True)
class GateResult:
    """All expectations of a gate, and what to tell the user if one of them failed."""

    gate: str
    passed: bool
    expectations: list[ExpectationResult]
    sentence: str | None


def path(gate: str, folder: Path = paths.GATES) -> Path:
    """The result file of a gate."""
    return folder / f"{gate}.json"


def write(result: GateResult, folder: Path = paths.GATES) -> None:
    """Write the result file; equal findings give equal bytes."""
    files.write_json(path(result.gate, folder), asdict(result))


def results(folder: Path = paths.GATES) -> list[GateResult]:
    """The last result of every gate that has run, in the pipeline's order."""
    found = [files.read_json(path(gate, folder)) for gate in GATES if path(gate, folder).exists()]
    return [
        GateResult(
            **{**value, "expectations": [ExpectationResult(**e) for e in value["expectations"]]}
        )
        for value in found
    ]
