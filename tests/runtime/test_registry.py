"""Models by their names in MLflow's registry."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from runtime import registry
from runtime.errors import PolyglotError


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    """A registry with the model ``korean``, whose version 1 is the champion."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    client.create_registered_model("korean")
    version = client.create_model_version("korean", (tmp_path / "model").as_uri())
    client.set_registered_model_alias("korean", "champion", version.version)
    return client


@pytest.mark.parametrize("name", ["models:/korean@champion", "models:/korean/1"])
def test_a_registered_model_is_fetched(client: MlflowClient, name: str) -> None:
    assert (Path(registry.local(name)) / "config.json").read_text() == "{}"


def test_other_names_are_left_as_they_are() -> None:
    assert registry.local("EleutherAI/polyglot-ko-1.3b") == "EleutherAI/polyglot-ko-1.3b"
    assert registry.local("data/model") == "data/model"


def test_where_nothing_was_recorded_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(PolyglotError, match="there is nothing at sqlite:///"):
        registry.local("models:/korean@champion")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_not_registered_is_one_sentence(client: MlflowClient) -> None:
    with pytest.raises(PolyglotError, match="models:/korean@nobody cannot be fetched: "):
        registry.local("models:/korean@nobody")
