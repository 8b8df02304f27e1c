"""Training that goes on from weights."""

from pathlib import Path

import mlflow
import pytest
import torch
from pretrain_project import VOCABULARY, Project
from safetensors.torch import load_file

from runtime import files, params
from runtime.errors import PolyglotError
from stages.pretrain.initial import resolve
from stages.pretrain.model import build, configuration
from stages.pretrain.params import PretrainParams


def weights(project: Project, folder: Path, **changed: int) -> Path:
    """An exported folder of random weights, with the tokenizer of the project's tokens."""
    what = params.load("pretrain", PretrainParams, project.folder / "params.yaml")
    for name, value in changed.items():
        setattr(what.model, name, value)
    build(configuration(what.model, VOCABULARY, eod_id=2), seed=9).save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}")
    manifest = files.read_json(project.tokens / "manifest.json")
    fingerprint = {"tokenizer_fingerprint": files.sha256(folder / "tokenizer.json")}
    files.write_json(project.tokens / "manifest.json", manifest | fingerprint)
    card = {"vocab_size": VOCABULARY, "fingerprint": fingerprint["tokenizer_fingerprint"]}
    files.write_json(project.tokenizer_card, card)
    return folder


def refusal(project: Project, folder: Path) -> str:
    what = params.load("pretrain", PretrainParams, project.folder / "params.yaml")
    with pytest.raises(PolyglotError) as caught:
        resolve(str(folder), what, files.read_json(project.tokens / "manifest.json"))
    return str(caught.value)


def test_another_shape_is_refused(project: Project, tmp_path: Path) -> None:
    folder = weights(project, tmp_path / "model", layers=3)
    assert "num_hidden_layers 3, where pretrain.model gives 2" in refusal(project, folder)


def test_another_tokenizer_is_refused(project: Project, tmp_path: Path) -> None:
    folder = weights(project, tmp_path / "model")
    (folder / "tokenizer.json").write_text('{"another": 1}')
    assert "trained with another tokenizer than data/tokens" in refusal(project, folder)
    (folder / "tokenizer.json").unlink()
    assert "tokenizer.json is missing" in refusal(project, folder)


def test_a_folder_without_weights_is_refused(project: Project, tmp_path: Path) -> None:
    assert "has no weights (*.safetensors)" in refusal(project, tmp_path / "nothing")


@pytest.mark.slow
def test_it_begins_with_the_weights_of_a_registered_model(project: Project, tmp_path: Path) -> None:
    folder = weights(project, tmp_path / "exported")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    client = mlflow.MlflowClient(uri)
    client.create_registered_model("korean")
    version = client.create_model_version("korean", folder.as_uri())
    client.set_registered_model_alias("korean", "champion", version.version)
    project.params(init_from="models:/korean@champion", steps=1, lr=1e-30, min_lr=1e-30)
    code, output = project.run(MLFLOW_TRACKING_URI=uri)
    assert code == 0, output
    begun = load_file(folder / "model.safetensors")
    begun["lm_head.weight"] = begun.pop("embed_out.weight")  # as the published ones are named
    ended = load_file(project.output / "model.safetensors")
    assert begun.keys() == ended.keys()
    for name in begun:  # after a step that is next to none
        torch.testing.assert_close(ended[name], begun[name].bfloat16(), rtol=0, atol=1e-20)

    project.params(init_from="models:/korean@nobody")
    code, output = project.run(MLFLOW_TRACKING_URI=uri)
    assert code == 1
    assert "The model models:/korean@nobody cannot be fetched" in output
    assert "Traceback" not in output
