"""Let a model write: one prompt, or a conversation of prompts."""

import sys
from collections.abc import Iterable
from typing import Any

from runtime import registry
from runtime.errors import PolyglotError


def prompts(given: str | None) -> Iterable[str]:
    """The prompt given, or every line of standard input."""
    if given is not None:
        yield given
        return
    if sys.stdin.isatty():
        print("A prompt a line; Ctrl-D ends.", file=sys.stderr)
    for line in sys.stdin:
        if line.strip():
            yield line.rstrip("\n")


def write(
    name: str, prompt: str | None, tokens: int, temperature: float, top_p: float, seed: int
) -> None:
    """Print every prompt and how ``name`` goes on, token by token.

    A temperature of 0 takes the likeliest token every time.

    Raises:
        PolyglotError: the model cannot be loaded, or the prompt fills its window.
    """
    import torch
    from transformers import TextStreamer

    model, tokenizer = load(name)
    streamer = TextStreamer(tokenizer, clean_up_tokenization_spaces=False)
    how: dict[str, Any] = {"do_sample": False}
    if temperature > 0:
        how = {"do_sample": True, "temperature": temperature, "top_p": top_p}
    window = model.config.max_position_embeddings
    for text in prompts(prompt):
        torch.manual_seed(seed)
        ids = tokenizer(text, return_tensors="pt", return_token_type_ids=False).to(model.device)
        room = window - ids["input_ids"].shape[1]
        if room < 1:
            raise PolyglotError(f"The prompt fills the model's window of {window} tokens.")
        if not ids["input_ids"].numel():
            raise PolyglotError("The prompt is empty.")
        model.generate(
            **ids,
            max_new_tokens=min(tokens, room),
            streamer=streamer,
            pad_token_id=tokenizer.eos_token_id,
            **how,
        )
        sys.stdout.flush()


def load(name: str) -> tuple[Any, Any]:
    """Model and tokenizer of a folder, a hub id or ``models:/name@alias``.

    Raises:
        PolyglotError: it cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    folder = registry.local(name)
    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise PolyglotError(f"The model {name} cannot be loaded: {reason}.") from None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return model.eval().to(device), tokenizer
