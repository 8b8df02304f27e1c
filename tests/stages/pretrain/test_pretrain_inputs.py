"""What cannot be trained on is refused in one sentence, before any process starts."""

import shutil
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omegaconf import OmegaConf
from pretrain_project import ROOT, Project

from runtime import files, launch, params
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.pretrain.__main__ import main
from stages.pretrain.inputs import check, checkpoints, code, fingerprint, identity, others
from stages.pretrain.params import PretrainParams


def load(project: Project) -> PretrainParams:
    return params.load("pretrain", PretrainParams, project.folder / "params.yaml")


def refusal(project: Project) -> str:
    with pytest.raises(PolyglotError) as caught:
        check(load(project), project.tokens, project.tokenizer_card, Progress(None))
    return str(caught.value)


@pytest.fixture
def started(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes the stage started, on a machine with 8 GPUs."""
    monkeypatch.chdir(project.folder)
    for name in ("POLYGLOT_PROCESSES", "POLYGLOT_LAUNCH"):
        monkeypatch.delenv(name, raising=False)
    counts: list[int] = []
    monkeypatch.setattr(launch, "_gpus", lambda: 8)
    monkeypatch.setattr(
        launch, "ranks", lambda module, args, most: counts.append(launch.processes(most))
    )
    return counts


def run() -> None:
    main(SimpleNamespace(name="pretrain", progress=Progress(None)))


def test_a_small_batch_leaves_gpus_unused(started: list[int]) -> None:
    run()
    assert started == [4]  # a global batch of 8 in micro-batches of 2


def test_a_batch_that_the_processes_cannot_share_is_refused_before_they_start(
    started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGLOT_PROCESSES", "3")
    with pytest.raises(PolyglotError, match=r"micro_batch 2 times 3 processes; try 12"):
        run()
    assert not started


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


def test_only_what_decides_the_weights_is_fingerprinted(project: Project) -> None:
    what, manifest = load(project), files.read_json(project.tokens / "manifest.json")
    own = fingerprint(identity(what, manifest, None))
    same = replace(what, micro_batch=1, eval_every=7)
    same.checkpoints.every = same.anomalies.in_row = 9
    assert own == fingerprint(identity(same, manifest, None))
    assert own != fingerprint(identity(replace(what, lr=1.0), manifest, None))
    assert own != fingerprint(identity(what, manifest | {"seed": 1}, None))
    assert own != fingerprint(identity(what, manifest, "0" * 64))


def test_a_changed_trainer_begins_afresh(project: Project, tmp_path: Path) -> None:
    copy = tmp_path / "trainer"
    shutil.copytree(ROOT / "stages/pretrain", copy)
    own = mine(project)["code"]
    (copy / "outputs.py").write_text("")
    assert code(copy) == own
    (copy / "model.py").write_text("")
    assert code(copy) != own


def mine(project: Project) -> dict[str, Any]:
    manifest = files.read_json(project.tokens / "manifest.json")
    return identity(load(project), manifest, None)


@pytest.mark.parametrize(
    "changed, difference",
    [
        ({"params": {"lr": 0.5}}, "pretrain.lr was 0.5 and is 0.003"),
        ({"params": {"model": {"layers": 9}}}, "pretrain.model.layers was 9 and is 2"),
        ({"tokens": {"seed": 9}}, "data/tokens has changed"),
        ({"tokens": {"tokenizer_fingerprint": "0"}}, "the tokenizer is another"),
        ({"code": {"sha256": "0"}}, "the trainer's code has changed"),
        ({"code": {"torch": "1.0"}}, f"torch was 1.0 and is {version('torch')}"),
    ],
)
def test_what_differs_from_other_checkpoints_is_told(
    project: Project, tmp_path: Path, changed: dict[str, Any], difference: str
) -> None:
    ours = mine(project)
    theirs = OmegaConf.to_container(OmegaConf.merge(ours, changed))
    other = tmp_path / "checkpoints/theirs"
    files.write_json(other / "identity.json", theirs)
    (other / "weights").write_bytes(bytes(20_000_000))
    (told,) = others(tmp_path / "checkpoints/ours", ours)
    assert f"in {other} (0.02 GB)" in told and difference in told
    assert ("POLYGLOT_RESUME=theirs" in told) == ("code" in changed)


def test_a_changed_trainer_goes_on_where_it_is_told_to(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = mine(project)
    assert checkpoints(tmp_path, ours) == tmp_path / fingerprint(ours)
    monkeypatch.setenv("POLYGLOT_RESUME", "theirs")
    theirs = tmp_path / "theirs/identity.json"
    files.write_json(theirs, ours | {"code": ours["code"] | {"torch": "1.0"}})
    assert checkpoints(tmp_path, ours) == tmp_path / "theirs"
    files.write_json(theirs, ours | {"params": ours["params"] | {"lr": 0.5}})
    with pytest.raises(PolyglotError, match=r"cannot be resumed, because pretrain.lr was 0.5"):
        checkpoints(tmp_path, ours)
