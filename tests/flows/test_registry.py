"""Champions and challengers, on a real registry."""

from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from flows import profile, registry
from runtime import delivery, files, paths
from runtime.errors import PolyglotError
from runtime.tracking import PIPELINE, Tracker

NAME = "polyglot-ko-smoke"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")


def register(right: int, run: str, **asked: Any) -> None:
    """A run whose model answers ``right`` of 500 COPA documents rightly, recorded and sent."""
    half = right // 2
    matrix = [[half, 250 - half], [250 - half, half]]
    result = {"task": "copa", "shots": 5, "predictions": matrix}
    results = {"prompts_hash": "a", "data_hash": "b", "limit": None, "results": [result]}
    files.write_json(paths.RELEASE / "kobest.json", results | asked)
    files.write_text(paths.RELEASE / "README.md", f"# The model of {run}\n")
    (paths.RELEASE / "model.safetensors").write_bytes(run.encode())
    tracker = Tracker(paths.SPOOL / run / PIPELINE)
    tracker.start(run)
    tracker.model(paths.RELEASE, NAME, {"run": run, "profile": "smoke"})
    tracker.end("FINISHED")
    delivery.deliver()


def champion(client: MlflowClient) -> str:
    return str(client.get_model_version_by_alias(NAME, "champion").version)


def test_a_run_becomes_a_version_with_card_tags_and_weights(client: MlflowClient) -> None:
    register(300, "one")
    version = client.get_model_version_by_alias(NAME, "challenger")
    assert version.tags["run"] == "one"
    assert version.description == "# The model of one\n"
    assert client.get_run(version.run_id).info.run_name == "one"
    folder = Path(version.source.removeprefix("file://"))
    assert {path.name for path in folder.iterdir()} == {
        *("kobest.json", "README.md", "model.safetensors"),
    }


def test_sent_twice_it_is_registered_once(client: MlflowClient) -> None:
    register(300, "one")
    run = client.get_model_version_by_alias(NAME, "challenger").run_id
    sender = delivery._Client(delivery.tracking_uri())
    sender._register(run, paths.RELEASE, NAME, {})
    assert len(client.search_model_versions(f"name = '{NAME}'")) == 1


def test_the_first_is_champion_and_a_surely_better_one_takes_its_place(
    client: MlflowClient,
) -> None:
    register(300, "one")
    assert registry.settle(NAME) == f"{NAME} version 1 is champion: there was none."
    assert registry.settle(NAME) is None  # it was compared before
    register(310, "two")
    said = registry.settle(NAME)
    assert said and "version 2 is no champion: +0.0200 [" in said
    assert champion(client) == "1"
    register(380, "three")
    said = registry.settle(NAME)
    assert said and "version 3 is champion: +0.1600 [" in said
    assert champion(client) == "3"


def test_scores_of_other_prompts_prove_nothing(client: MlflowClient) -> None:
    register(300, "one")
    registry.settle(NAME)
    register(400, "two", prompts_hash="other")
    said = registry.settle(NAME)
    assert said and "evaluated otherwise than version 1 (prompts_hash)" in said
    assert champion(client) == "1"


def test_a_champion_by_hand_and_back(client: MlflowClient) -> None:
    register(300, "one")
    registry.settle(NAME)
    register(290, "two")
    assert "is the champion now, in place of version 1" in registry.promote(NAME, "2")
    assert "already" in registry.promote(NAME, "2")
    assert champion(client) == "2"
    assert registry.rollback(NAME) == f"{NAME} version 1 is the champion again."
    assert champion(client) == "1"
    with pytest.raises(PolyglotError, match="had no champion before"):
        registry.rollback(NAME)


def test_what_is_not_registered_is_one_sentence(client: MlflowClient) -> None:
    with pytest.raises(PolyglotError, match=f"{NAME} version 7: MLflow .* says: "):
        registry.promote(NAME, "7")
    assert registry.settle(NAME) is None


def test_an_unknown_policy_is_refused_when_a_profile_is_put_in_force() -> None:
    with pytest.raises(PolyglotError, match=r"registry\.champion is 'luck': choose scores or hand"):
        profile.composed("smoke", ["registry.champion=luck"])


def test_the_interval_of_a_difference_holds_it(client: MlflowClient) -> None:
    def results(right: int) -> list[dict]:
        matrix = [[right, 500 - right], [500 - right, right]]
        return [{"task": "copa", "shots": 0, "predictions": matrix}]

    low, mean, high = registry.difference(results(300), results(280))
    assert mean == pytest.approx(0.04)
    # The standard error of a difference of two shares of 1,000 near 0.6 is 0.022.
    assert (low, high) == pytest.approx((0.04 - 0.043, 0.04 + 0.043), abs=0.004)
    with pytest.raises(PolyglotError, match="no score in common"):
        registry.difference(results(300), [])
