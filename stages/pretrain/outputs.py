"""What the trained model leaves behind, in data/pretrain."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from runtime import files
from stages.pretrain import curve, throughput
from stages.pretrain.data import Order
from stages.pretrain.model import positions
from stages.pretrain.record import BAD_STEPS, CURVE, SAMPLES
from stages.pretrain.trainer import Trainer

PROMPTS, PROMPT_TOKENS = 4, 64  # the reference: few enough to keep, enough to tell a wrong model
WINDOWS = 64  # of the validation loss: minutes for a 1.3B model on a processor


def write(trainer: Trainer, folder: Path) -> dict[str, Any]:
    """Publish weights, reference logits, curve, params and metrics; returns the metrics."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    model = trainer.model.eval()
    weights = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
    save_file(weights, partial / "model.safetensors", metadata={"format": "pt"})
    save_file(_reference(trainer), partial / "reference.safetensors")
    _write_config(trainer, partial / "config.json")
    shutil.copyfile(trainer.folder / CURVE, partial / CURVE)
    shutil.copyfile(trainer.folder / SAMPLES, partial / SAMPLES)
    _write_bad_steps(trainer, partial / BAD_STEPS)
    files.write_json(partial / "params.json", asdict(trainer.params))
    metrics = _metrics(trainer)
    files.write_json(partial / "metrics.json", metrics)
    files.publish(partial, folder)
    return metrics


def _reference(trainer: Trainer) -> dict[str, torch.Tensor]:
    """What the engine itself makes of held-out windows, and a reloaded model must as well.

    ``input_ids`` int64 ``[prompts, tokens]`` with ``logits`` fp32 ``[prompts, tokens, padded
    vocabulary]``, equal bit by bit in the engine's dtype; ``windows`` int64 ``[windows, context +
    1]`` of the validation loss, with ``losses`` fp64 ``[windows]`` in nats per token. Where
    attention stays within documents, ``position_ids`` ``[windows, context]`` say where they begin.
    """
    params, device = trainer.params, trainer.world.device
    order = Order(len(trainer.held_out), params.seed)
    count = min(WINDOWS, params.eval_sequences, len(trainer.held_out))
    windows = torch.from_numpy(trainer.held_out.batch(order.windows(np.arange(count))))
    input_ids = windows[:PROMPTS, : min(PROMPT_TOKENS, params.model.context)].contiguous()
    objective = trainer.objective.eval()
    with torch.no_grad():
        logits = trainer.model(input_ids=input_ids.to(device)).logits
        losses = [objective(window[None].to(device)).double().cpu() for window in windows]
    kept = {"input_ids": input_ids, "logits": logits.float().cpu(), "windows": windows}
    if objective.eod_id is not None:
        kept["position_ids"] = positions(windows[:, :-1], objective.eod_id)
    return kept | {"losses": torch.stack(losses)}


def _write_config(trainer: Trainer, path: Path) -> None:
    config = trainer.config
    config.architectures = ["GPTNeoXForCausalLM"]
    config.dtype = getattr(torch, trainer.params.dtype)
    files.write_text(path, config.to_json_string(use_diff=False))


def _write_bad_steps(trainer: Trainer, path: Path) -> None:
    """Those of steps that were gone back behind, and then those of the curve."""
    lines = [{**line, "skipped": True} for skip in trainer.skips for line in skip.because]
    lines += curve.read(trainer.folder / BAD_STEPS)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def _metrics(trainer: Trainer) -> dict[str, Any]:
    lines = curve.read(trainer.folder / CURVE)
    losses = [line["loss"] for line in lines if "loss" in line]
    held_out = [line["validation_loss"] for line in lines if "validation_loss" in line]
    state, params, device = trainer.state, trainer.params, trainer.world.device
    tokens = state.step * params.global_batch * params.model.context
    return {
        "parameters": trainer.parameters,
        "steps": state.step,
        "tokens": tokens,
        "train_loss": losses[-1],
        "validation_loss": held_out[-1],
        "initial_loss": held_out[0],
        "tokens_per_second": tokens / state.seconds,
        "seconds": state.seconds,
        "world_size": trainer.world.size,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "peak_memory_gb": throughput.peak_memory(device) / 1e9,
        "resumed_at": state.resumed_at,
        "bad_steps": state.bad_steps,
        "skipped_batches": sum(len(skip.batches) for skip in trainer.skips),
    }
