"""What cannot be trained on is refused in one sentence, before any process starts."""

from dataclasses import replace

import pytest
from pretrain_project import Project

from runtime import files, params
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.pretrain.inputs import check, fingerprint, identity
from stages.pretrain.params import PretrainParams


def load(project: Project) -> PretrainParams:
    return params.load("pretrain", PretrainParams, project.folder / "params.yaml")


def refusal(project: Project) -> str:
    with pytest.raises(PolyglotError) as caught:
        check(load(project), project.tokens, project.tokenizer_card, Progress(None))
    return str(caught.value)


def test_good_tokens_pass(project: Project) -> None:
    manifest = check(load(project), project.tokens, project.tokenizer_card, Progress(None))
    assert manifest["vocab_size"] == 300


def test_tokens_of_another_tokenizer(project: Project) -> None:
    files.write_json(project.tokenizer_card, {"vocab_size": 300, "fingerprint": "0" * 64})
    assert "run the stage tokenize again" in refusal(project)


def test_a_vocabulary_beyond_16_bits(project: Project) -> None:
    manifest = files.read_json(project.tokens / "manifest.json")
    files.write_json(project.tokens / "manifest.json", manifest | {"vocab_size": 65_536})
    assert "65,536" in refusal(project)


def test_a_missing_manifest(project: Project) -> None:
    (project.tokens / "manifest.json").unlink()
    assert "manifest.json is missing" in refusal(project)


def test_a_missing_shard(project: Project) -> None:
    (project.tokens / "train/00002.ds").unlink()
    assert "00002.ds is missing" in refusal(project)


def test_a_shortened_shard(project: Project) -> None:
    shard = project.tokens / "train/00000.ds"
    shard.write_bytes(shard.read_bytes()[:-1])
    assert "18,001 bytes in place of 18,002" in refusal(project)


def test_a_changed_shard(project: Project) -> None:
    shard = project.tokens / "train/00000.ds"
    shard.write_bytes(b"\0\0" + shard.read_bytes()[2:])
    assert "SHA-256 differs" in refusal(project)


def test_too_few_tokens(project: Project) -> None:
    project.params(global_batch=512)
    assert "437 sequences of 32; training needs 512" in refusal(project)


def test_only_what_decides_the_weights_or_the_curve_is_fingerprinted(project: Project) -> None:
    what, manifest = load(project), files.read_json(project.tokens / "manifest.json")
    own = fingerprint(identity(what, manifest))
    assert own == fingerprint(identity(replace(what, keep=9, save_every=1), manifest))
    assert own != fingerprint(identity(replace(what, lr=1.0), manifest))
    assert own != fingerprint(identity(what, manifest | {"seed": 1}))
