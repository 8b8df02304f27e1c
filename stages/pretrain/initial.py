"""Weights to go on from, in place of random ones: continued training."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM

from runtime import files, registry
from runtime.errors import PolyglotError
from stages.pretrain.model import configuration
from stages.pretrain.params import PretrainParams

SHAPE = (
    *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads"),
    *("intermediate_size", "max_position_embeddings", "rope_parameters", "use_parallel_residual"),
    "tie_word_embeddings",
)


@dataclass(frozen=True)
class Initial:
    """A Hugging Face folder with weights, and what its weights are."""

    folder: Path
    sha256: str  # of all weight files, in the order of their names

    def load_into(self, model: GPTNeoXForCausalLM) -> None:
        """Put the weights in place of the model's own."""
        weights = AutoModelForCausalLM.from_pretrained(self.folder, dtype=torch.float32)
        model.load_state_dict(weights.state_dict())


def resolve(name: str, params: PretrainParams, manifest: dict[str, Any]) -> Initial:
    """The weights that ``name``, of ``params.init_from``, stands for.

    Raises:
        PolyglotError: they cannot be had, or belong to another shape or another tokenizer.
    """
    folder = Path(registry.local(name))
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise PolyglotError(f"pretrain.init_from {name}: {folder} has no weights (*.safetensors).")
    tokenizer = folder / "tokenizer.json"
    if not tokenizer.is_file():
        raise PolyglotError(f"pretrain.init_from {name}: {tokenizer} is missing.")
    if files.sha256(tokenizer) != manifest["tokenizer_fingerprint"]:
        raise PolyglotError(
            f"pretrain.init_from {name} was trained with another tokenizer than data/tokens: its "
            "embeddings would stand for other tokens."
        )
    _check_shape(name, AutoConfig.from_pretrained(folder), params, manifest)
    digest = hashlib.sha256("".join(map(files.sha256, weights)).encode()).hexdigest()
    return Initial(folder, digest)


def _check_shape(name: str, theirs: Any, params: PretrainParams, manifest: dict[str, Any]) -> None:
    if not isinstance(theirs, GPTNeoXConfig):
        raise PolyglotError(f"pretrain.init_from {name} is no GPT-NeoX, but {theirs.model_type}.")
    ours = configuration(params.model, manifest["vocab_size"], manifest["eod_id"])
    for key in SHAPE:
        want, have = getattr(ours, key), getattr(theirs, key)
        if want != have:
            raise PolyglotError(
                f"pretrain.init_from {name} has another shape: {key} {have}, where pretrain.model "
                f"gives {want}."
            )
