"""The Hugging Face folder: weights, configuration, tokenizer, generation defaults."""

import shutil
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import load_file

from runtime import files
from runtime.errors import PolyglotError
from stages.export.params import ExportParams

# transformers 4 and the published checkpoints call it so; transformers 5 reads both names.
PUBLISHED_NAMES = {"lm_head.weight": "embed_out.weight"}
DTYPES = ("bfloat16", "float16", "float32")


def export(
    params: ExportParams, pretrain: Path, tokenizer: Path, tokenizer_card: Path, model: Path
) -> str:
    """Write the folder ``model``; returns one line about it.

    Raises:
        PolyglotError: an unknown dtype, no room in a shard, a tokenizer larger than the model's
            vocabulary, a weight that ``params.dtype`` cannot hold, a missing input.
    """
    if params.dtype not in DTYPES:
        raise PolyglotError(
            f"Parameter export.dtype must be {', '.join(DTYPES)}, not {params.dtype}."
        )
    if params.max_shard_gb <= 0:
        raise PolyglotError(
            f"Parameter export.max_shard_gb must be above 0, not {params.max_shard_gb}."
        )
    config = files.read_json(pretrain / "config.json")
    vocabulary = files.read_json(tokenizer_card)
    if vocabulary["vocab_size"] > config["vocab_size"]:
        raise PolyglotError(
            f"The tokenizer has {vocabulary['vocab_size']:,} entries and the model only "
            f"{config['vocab_size']:,}: run the stages tokenize and pretrain again."
        )
    weights = cast(_read(pretrain / "model.safetensors"), getattr(torch, params.dtype))

    partial = model.with_name(model.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(tokenizer, partial)
    save_torch_state_dict(
        weights,
        partial,
        max_shard_size=int(params.max_shard_gb * 1e9),
        metadata={"format": "pt"},
    )
    files.write_json(partial / "config.json", readable_by_all(config, params.dtype))
    files.write_json(
        partial / "generation_config.json", generation_config(config, vocabulary["vocab_size"])
    )
    files.publish(partial, model)
    parameters = sum(weight.numel() for weight in weights.values())
    return f"{parameters:,} parameters in {params.dtype}"


def cast(weights: dict[str, torch.Tensor], dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """The weights in ``dtype``, under their published names.

    Raises:
        PolyglotError: one of them is not finite, before or because of the cast.
    """
    converted = {PUBLISHED_NAMES.get(name, name): w.to(dtype) for name, w in weights.items()}
    for name, tensor in converted.items():
        if not tensor.isfinite().all():
            raise PolyglotError(f"The weights {name} are not finite in {dtype}: nothing exported.")
    return converted


def readable_by_all(config: dict[str, Any], dtype: str) -> dict[str, Any]:
    """The configuration with the names of transformers 4 beside those of transformers 5.

    Without ``rotary_pct`` transformers 4 silently takes its default of 0.25.
    """
    rope = config["rope_parameters"]
    return config | {
        "dtype": dtype,
        "torch_dtype": dtype,
        "rotary_pct": rope["partial_rotary_factor"],
        "rotary_emb_base": rope["rope_theta"],
    }


def generation_config(config: dict[str, Any], vocab_size: int) -> dict[str, Any]:
    """Defaults of ``generate``: end at the end of the document, never a padded id."""
    defaults = {
        "bos_token_id": config["bos_token_id"],
        "eos_token_id": config["eos_token_id"],
        "pad_token_id": config["eos_token_id"],
    }
    if unused := list(range(vocab_size, config["vocab_size"])):
        defaults["suppress_tokens"] = unused
    return defaults


def _read(path: Path) -> dict[str, torch.Tensor]:
    if not path.is_file():
        raise PolyglotError(f"{path} is missing: run the stage pretrain first.")
    return load_file(path)
