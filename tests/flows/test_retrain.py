from pathlib import Path

import pytest
from dvc.repo import Repo
from mlflow import MlflowClient
from omegaconf import OmegaConf

from flows import retrain
from flows.retrain import NothingNew
from runtime import delivery
from runtime.errors import PolyglotError

NAME = "polyglot-ko-smoke"
GRAPH = """
stages:
  ingest:
    cmd: cat corpus/* > documents.txt
    deps: [corpus]
    outs: [documents.txt]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus, ingested by DVC, and a registry of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    Repo.init(no_scm=True).close()
    (tmp_path / "params.yaml").write_text("{profile: smoke, corpus: {root: corpus}}")
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/a.txt").write_text("글\n")
    with Repo(".") as repo:
        repo.reproduce()
    return tmp_path


def crown(tags: dict[str, str]) -> None:
    client = MlflowClient(delivery.tracking_uri())
    client.create_registered_model(NAME)
    run = client.create_run("0").info.run_id
    version = client.create_model_version(NAME, "s3://nowhere", run, tags)
    client.set_registered_model_alias(NAME, "champion", version.version)


def test_the_hash_is_that_of_the_lock_until_the_corpus_changes(project: Path) -> None:
    lock = OmegaConf.to_container(OmegaConf.load("dvc.lock"))
    assert isinstance(lock, dict)
    before = retrain.trained_on(lock)
    assert before.endswith(".dir") and retrain.corpus_hash() == before
    (project / "corpus/b.txt").write_text("새 글\n")
    assert retrain.corpus_hash() != before


def test_new_data_continues_from_the_champion_s_version(project: Path) -> None:
    crown({"corpus": retrain.corpus_hash()})
    with pytest.raises(NothingNew, match=f"no new data: {NAME} version 1, the champion, was"):
        retrain.overrides()
    (project / "corpus/b.txt").write_text("새 글\n")
    model = f"models:/{NAME}/1"
    assert retrain.overrides() == [f"pretrain.init_from={model}", f"tokenizer.reuse={model}"]


def test_without_a_champion_there_is_nothing_to_continue(project: Path) -> None:
    with pytest.raises(NothingNew, match="has no champion to continue from"):
        retrain.overrides()


def test_a_corpus_that_is_gone_is_one_sentence(project: Path) -> None:
    crown({})
    (project / "corpus").rename(project / "away")
    with pytest.raises(PolyglotError, match="The corpus in corpus cannot be read"):
        retrain.overrides()
