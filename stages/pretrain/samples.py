"""What the model writes while it learns: a look that no loss gives."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import GPTNeoXForCausalLM

from stages.pretrain.params import SampleParams

TEMPERATURE, TOP_P = 0.8, 0.95


def generate(
    model: GPTNeoXForCausalLM,
    tokenizer: Tokenizer,
    vocab_size: int,
    params: SampleParams,
    seed: int,
) -> list[dict[str, str]]:
    """A continuation of every prompt, as ``{"prompt", "text"}``.

    The same weights and ``seed`` write the same; the generators of the training are left as they
    were. The padded rows of the vocabulary are never chosen.
    """
    writer: Any = model  # transformers' types do not know that it can generate
    device = next(model.parameters()).device
    padding = list(range(vocab_size, model.config.vocab_size)) or None
    written = []
    with torch.random.fork_rng(), torch.compiler.set_stance("force_eager"):
        for prompt in params.prompts:
            torch.manual_seed(seed)
            ids = torch.tensor([tokenizer.encode(prompt).ids], device=device)
            output = writer.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=min(
                    params.tokens, model.config.max_position_embeddings - len(ids[0])
                ),
                do_sample=True,
                temperature=TEMPERATURE,
                top_p=TOP_P,
                suppress_tokens=padding,
                pad_token_id=model.config.eos_token_id,
            )
            text = tokenizer.decode(output[0, ids.shape[1] :].tolist(), skip_special_tokens=False)
            written.append({"prompt": prompt, "text": text})
    return written


def load(folder: Path) -> Tokenizer:
    """The tokenizer of the stage tokenizer."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))
