"""What a reviewer reads of a run in MLflow."""

from flows.pipeline import Outcome, StageFailed
from flows.record import _gates, description

RAN = [Outcome("ingest", "run", 61.4, "1,500 documents"), Outcome("gate@masked", "cached", 0.1, "")]


def test_a_description_is_a_table_of_the_stages() -> None:
    told = description("FINISHED", RAN, None)
    assert told.startswith("All gates passed.\n\n| stage | state | time | figure |\n| --- |")
    assert "| ingest | run | 61 s | 1,500 documents |" in told


def test_what_stopped_it_comes_first() -> None:
    failed = StageFailed("gate@masked", "Gate masked failed: too many numbers.")
    told = description("FAILED", RAN[:1], failed)
    assert told.startswith("**Stopped at gate@masked:** Gate masked failed: too many numbers.")
    assert _gates({"ingest": "run"}, failed) == "failed: masked"


def test_an_interrupted_run_did_not_pass() -> None:
    assert description("KILLED", RAN, None).startswith("It was interrupted.")
    assert description("FAILED", [], None).startswith("It ended by an unexpected error.")
    assert _gates({"ingest": "run", "gate@masked": "cached"}, None) == "passed 1"
