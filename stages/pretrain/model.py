"""The GPT-NeoX model: its shape, its initial weights, what it is trained for."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from runtime.errors import PolyglotError
from stages.pretrain.loss import cross_entropy
from stages.pretrain.params import ModelParams


def padded(vocab_size: int, multiple: int) -> int:
    """Rows of the embedding: ``vocab_size`` up to the next multiple, such as 30,003 to 30,080."""
    return math.ceil(vocab_size / multiple) * multiple


def configuration(params: ModelParams, vocab_size: int, eod_id: int) -> GPTNeoXConfig:
    """The configuration, with the vocabulary padded; ``eod_id`` ends and begins documents."""
    return GPTNeoXConfig(
        vocab_size=padded(vocab_size, params.vocab_multiple),
        hidden_size=params.hidden_size,
        num_hidden_layers=params.layers,
        num_attention_heads=params.heads,
        intermediate_size=params.intermediate_size,
        max_position_embeddings=params.context,
        rope_parameters={
            "rope_type": "default",
            "rope_theta": 10000.0,
            "partial_rotary_factor": params.rotary_pct,
        },
        bos_token_id=eod_id,
        eos_token_id=eod_id,
        tie_word_embeddings=False,
        use_parallel_residual=True,
    )


def build(config: GPTNeoXConfig, seed: int, kernel: str = "sdpa") -> GPTNeoXForCausalLM:
    """The model in fp32 with the initial weights that ``seed`` gives.

    Raises:
        PolyglotError: the attention ``kernel`` is not installed.
    """
    try:
        model = GPTNeoXForCausalLM._from_config(config, attn_implementation=kernel)
    except ImportError as error:
        reason = str(error).splitlines()[0]
        raise PolyglotError(f"pretrain.speed.attention {kernel} cannot be used: {reason}") from None
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            std = initial_std(name, config)
            if std:
                parameter.normal_(0.0, std, generator=generator)
            else:
                parameter.fill_(1.0 if _is_norm_weight(name) else 0.0)
    return model


def recompute(model: GPTNeoXForCausalLM, layers: int) -> None:
    """Let the first ``layers`` keep their inputs alone, and compute the rest of it again."""
    if layers:
        model.activation_checkpointing_enable({"use_reentrant": False})
    every: Any = model.gpt_neox.layers
    for number, layer in enumerate(every):
        layer.gradient_checkpointing = number < layers


def initial_std(name: str, config: GPTNeoXConfig) -> float:
    """Standard deviation of the initial weights of a parameter; 0 for biases and norms.

    As GPT-NeoX's own configurations have it (``init_method: small_init``, ``output_layer_init_
    method: wang_init``, megatron/model/init_functions.py): sqrt(2 / (5 d)) after Nguyen and
    Salazar (2019) for all, but 2 / (layers * sqrt(d)) after Wang and Komatsuzaki (2021) for what
    writes to the residual stream. The output embedding gets half of small init: with all of it
    the first logits have variance 2/5 and the first loss is ln(vocabulary) + 0.2, more than 2%
    too high for a vocabulary below 22,000; with half it is ln(vocabulary) + 0.05.
    """
    if name.endswith(".bias") or _is_norm_weight(name):
        return 0.0
    if name.endswith(("attention.dense.weight", "mlp.dense_4h_to_h.weight")):
        return 2 / (config.num_hidden_layers * math.sqrt(config.hidden_size))
    small = math.sqrt(2 / (5 * config.hidden_size))
    return small / 2 if name == "lm_head.weight" else small


class NextTokenLoss(nn.Module):
    """A model, called with windows of tokens and giving their loss: what the engine trains."""

    def __init__(
        self,
        model: GPTNeoXForCausalLM,
        vocab_size: int,
        eod_id: int | None = None,
        loss_chunk: int | None = None,
    ) -> None:
        """Args:
        vocab_size: entries of the tokenizer. The padded rows of the embedding stay outside the
            softmax: they get no gradient and can never take probability from a real token.
        eod_id: the token that ends a document, if no token is to attend to another document.
        loss_chunk: tokens whose logits are held at once, all of the windows' if None.
        """
        super().__init__()
        self.model = model
        self._vocab_size, self.eod_id, self._chunk = vocab_size, eod_id, loss_chunk

    def forward(self, windows: Tensor) -> Tensor:
        """Mean cross-entropy in nats of every window's next tokens, a scalar in fp32.

        ``windows`` are token ids, int64 ``[batch, context + 1]``.
        """
        input_ids, targets = windows[:, :-1], windows[:, 1:].reshape(-1)
        states = self._states(input_ids).flatten(0, 1)
        embedding = self.model.lm_head.weight
        return cross_entropy(states, embedding, targets, self._vocab_size, self._chunk)

    def _states(self, input_ids: Tensor) -> Tensor:
        """The last hidden states, ``[batch, context, dimensions]``."""
        neox: Any = self.model.gpt_neox
        if self.eod_id is not None:
            position_ids = positions(input_ids, self.eod_id)
            return neox(input_ids, position_ids=position_ids, use_cache=False).last_hidden_state
        if self.model.config._attn_implementation == "eager":  # which needs a mask
            return neox(input_ids, use_cache=False).last_hidden_state
        # As transformers' own loop, which on every call looks for documents in the positions: the
        # processor would wait for all that the GPU still has to do.
        states = neox.embed_in(input_ids)
        position_ids = torch.arange(input_ids.shape[1], device=input_ids.device)[None]
        rotation = neox.rotary_emb(states, position_ids=position_ids)
        for layer in neox.layers:
            states = layer(states, position_embeddings=rotation)
        return neox.final_layer_norm(states)


def positions(input_ids: Tensor, eod_id: int) -> Tensor:
    """int64 ``[batch, tokens]``: every token's place in its document, or in what of that is here.

    Where positions begin anew, transformers begins a sequence that attends to none before it
    (masking_utils.find_packed_sequence_indices).
    """
    places = torch.arange(input_ids.shape[1], device=input_ids.device).expand_as(input_ids)
    starts = torch.zeros_like(places)
    starts[:, 1:] = torch.where(input_ids[:, :-1] == eod_id, places[:, 1:], 0)
    return places - starts.cummax(dim=1).values


def decayed(name: str) -> bool:
    """Whether weight decay applies to a parameter: not to biases and norms."""
    return not (name.endswith(".bias") or _is_norm_weight(name))


def _is_norm_weight(name: str) -> bool:
    return name.endswith("norm.weight")
