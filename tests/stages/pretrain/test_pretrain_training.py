"""Real trainings: two gloo processes, a tiny model, and everything that can end them."""

import fcntl
import json
import math
import os
import shutil
import signal
from pathlib import Path

import pytest
import torch
from pretrain_project import PARAMS, VOCABULARY, Project
from safetensors.torch import load_file
from training_process import wait_for_step
from transformers import AutoModelForCausalLM

from runtime import files, params
from stages.export.export import export
from stages.export.params import ExportParams
from stages.pretrain.inputs import fingerprint, identity
from stages.pretrain.params import PretrainParams

pytestmark = pytest.mark.slow


def test_a_training_leaves_all_that_the_next_stages_read(trained: Project) -> None:
    metrics = files.read_json(trained.output / "metrics.json")
    assert metrics["steps"] == 40
    assert metrics["tokens"] == 40 * 8 * 32
    assert metrics["world_size"] == 2
    assert metrics["resumed_at"] == []
    assert metrics["bad_steps"] == {"not finite": 0, "spike": 0}
    assert metrics["initial_loss"] == pytest.approx(math.log(VOCABULARY), rel=0.02)
    assert metrics["validation_loss"] < metrics["initial_loss"] - 0.5
    weights = load_file(trained.output / "model.safetensors")
    assert sum(tensor.numel() for tensor in weights.values()) == metrics["parameters"]
    assert {tensor.dtype for tensor in weights.values()} == {torch.bfloat16}
    assert files.read_json(trained.output / "params.json") == PARAMS


def test_the_curve_has_every_point_once(trained: Project) -> None:
    curve = trained.curve()
    assert [p["step"] for p in curve if "loss" in p] == list(range(4, 41, 4))
    assert [p["step"] for p in curve if "validation_loss" in p] == [0, 20, 40]
    assert all(set(p) == {"step", "tokens", "loss", "grad_norm", "lr"} for p in curve if "lr" in p)


def test_the_exported_folder_gives_the_engines_logits(trained: Project, tmp_path: Path) -> None:
    tokenizer = tmp_path / "tokenizer"
    tokenizer.mkdir()
    files.write_json(tmp_path / "card.json", {"vocab_size": VOCABULARY})
    what = ExportParams(dtype="bfloat16", max_shard_gb=5)
    export(what, trained.output, tokenizer, tmp_path / "card.json", tmp_path / "model")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model").eval()
    reference = load_file(trained.output / "reference.safetensors")
    with torch.no_grad():
        logits = model(reference["input_ids"]).logits
    assert model.dtype == torch.bfloat16
    assert torch.equal(logits.float(), reference["logits"])


def test_the_losses_kept_for_the_gate_are_those_of_the_validation(trained: Project) -> None:
    kept = load_file(trained.output / "reference.safetensors")
    metrics = files.read_json(trained.output / "metrics.json")
    assert kept["windows"].shape == (31, 33)
    assert float(kept["losses"].mean()) == pytest.approx(metrics["validation_loss"], abs=1e-3)


def test_its_figures_wait_for_a_tracking_server_that_is_away(trained: Project) -> None:
    (events,) = trained.folder.glob(".polyglot/spool/*/pretrain/events.jsonl")
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    logged = {name for line in lines for name in line.get("metrics", {})}
    assert {
        *("loss", "validation_loss", "lr", "grad_norm", "tokens_per_second", "memory_gb"),
        *("bad_steps.not_finite", "bad_steps.spike"),
    } <= logged


def test_only_the_newest_checkpoints_are_kept(trained: Project) -> None:
    tags = sorted(path.name for path in trained.checkpoints().glob("step-*"))
    assert tags == ["step-000035", "step-000040"]
    assert (trained.checkpoints() / "latest").read_text() == "step-000040\n"


def test_stopped_then_killed_with_its_newest_checkpoint_damaged_it_ends_the_same(
    trained: Project, project: Project
) -> None:
    process = project.start()
    wait_for_step(project, 8, process)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 128 + signal.SIGTERM, output
    saved = project.newest_step()
    assert 8 <= saved < 40

    process = project.start()
    wait_for_step(project, 28, process)
    os.killpg(process.pid, signal.SIGKILL)
    output, _ = process.communicate()
    assert f"Resumed at step {saved} of 40" in output
    newest = project.newest_step()
    weights = project.checkpoints() / f"step-{newest:06d}/mp_rank_00_model_states.pt"
    weights.write_bytes(weights.read_bytes()[:-1])

    code, output = project.run()
    assert code == 0, output
    assert f"step-{newest:06d} is damaged" in output
    assert f"Resumed at step {newest - 5} of 40" in output
    assert project.curve() == trained.curve()
    assert project.weights() == trained.weights()
    resumed_at = files.read_json(project.output / "metrics.json")["resumed_at"]
    assert resumed_at == [saved, newest - 5]


def test_fresh_it_does_not_look_at_its_checkpoints(trained: Project, tmp_path: Path) -> None:
    shutil.copytree(trained.folder, tmp_path / "copy")
    copy = object.__new__(Project)
    copy.at(tmp_path / "copy")
    shutil.rmtree(copy.output)
    code, output = copy.run(POLYGLOT_FRESH="1")
    assert code == 0, output
    assert (copy.curve(), copy.weights()) == (trained.curve(), trained.weights())
    assert files.read_json(copy.output / "metrics.json")["resumed_at"] == []


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An undisturbed training in fp32."""
    project = Project(tmp_path_factory.mktemp("exact"))
    project.params(dtype="float32")
    code, output = project.run()
    assert code == 0, output
    return project


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_more_or_fewer_processes_go_on(
    exact: Project, project: Project, before: int, after: int
) -> None:
    project.params(dtype="float32")
    process = project.start(before)
    wait_for_step(project, 12, process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=300)
    saved = project.newest_step()
    code, output = project.run(after)
    assert code == 0, output
    told = f"Resumed at step {saved} of 40, which {before} processes wrote and {after} read."
    assert told in output
    tags = sorted(path.name for path in project.checkpoints().iterdir() if path.is_dir())
    assert tags == ["step-000035", "step-000040"]
    for point, undisturbed in zip(project.curve(), exact.curve(), strict=True):
        assert point == pytest.approx(undisturbed, rel=1e-4)


def test_a_second_trainer_refuses(project: Project) -> None:
    what = params.load("pretrain", PretrainParams, project.folder / "params.yaml")
    manifest = files.read_json(project.tokens / "manifest.json")
    lock = (
        project.folder / "data/checkpoints" / fingerprint(identity(what, manifest, None)) / "lock"
    )
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, output = project.run(processes=1)
    assert code == 1
    assert "Another trainer is running" in output
    assert "Traceback" not in output
