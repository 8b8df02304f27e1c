"""The model under evaluation, as lm-eval calls it."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
import transformers
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from runtime.errors import PolyglotError
from stages.evaluate.likelihood import Branches, score

Answer = tuple[float, bool]  # log-likelihood, whether greedy decoding would give it


class KobestLM(HFLM):
    """lm-eval's Hugging Face model, reading prompts as the harness of the published tables did.

    Context and continuation are encoded apart, without special tokens; what does not fit into the
    model's window is cut from the left. GPT-NeoX models read a context once for all its answers.
    """

    truncated: set[str]  # contexts of the last call of which tokens were cut
    on_scored: Callable[[int], None] = staticmethod(lambda answers: None)  # called between batches

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[Answer]:
        pairs = [request.args for request in requests]
        ids = self._encode({text for pair in pairs for text in pair})
        window = self.max_length + 1  # the last token is predicted, not read
        self.truncated = set()
        for context, answer in pairs:
            if len(ids[answer]) >= window:
                raise PolyglotError(
                    f"An answer of {len(ids[answer])} tokens does not fit into the model's window "
                    f"of {self.max_length} tokens: leave its task out of evaluate.tasks."
                )
            if len(ids[context]) + len(ids[answer]) > window:
                self.truncated.add(context)
        encoded = [(pair, ids[pair[0]], ids[pair[1]]) for pair in pairs]
        return self._loglikelihood_tokens(encoded, disable_tqdm=True)

    def _encode(self, texts: Iterable[str]) -> dict[str, list[int]]:
        unique = sorted(texts)
        ids = self.tokenizer(unique, add_special_tokens=False, verbose=False)["input_ids"]
        return dict(zip(unique, ids, strict=True))

    def _loglikelihood_tokens(
        self,
        requests: list[tuple[tuple[str, str], list[int], list[int]]],
        disable_tqdm: bool = False,
        override_bs: int | None = None,
    ) -> list[Answer]:
        if self.config.model_type != "gpt_neox":
            return super()._loglikelihood_tokens(requests, disable_tqdm, override_bs)

        places: dict[tuple[int, ...], list[int]] = {}  # requests that share a context, once cut
        for place, (_, context, continuation) in enumerate(requests):
            room = self.max_length + 1 - len(continuation)
            places.setdefault(tuple(context[-room:]), []).append(place)
        prompts = [
            (Branches(context, [tuple(requests[place][2]) for place in group]), group)
            for context, group in places.items()
        ]
        # Longest first: a batch holds prompts of like length, and memory runs out at once or never.
        prompts.sort(key=lambda prompt: len(prompt[0]), reverse=True)

        answers: list[Answer] = [(0.0, False)] * len(requests)
        done = 0
        for start in range(0, len(prompts), self.batch_size):
            batch = prompts[start : start + self.batch_size]
            scored = score(self.model, [branches for branches, _ in batch])
            for (_, group), results in zip(batch, scored, strict=True):
                for place, answer in zip(group, results, strict=True):
                    answers[place] = answer
                done += len(group)
            self.on_scored(done)
        return answers


def load(model: str, batch_size: int, dtype: str) -> KobestLM:
    """The model and tokenizer of a folder or a hub id, on a GPU if there is one.

    Raises:
        PolyglotError: it cannot be found or read, or the tokenizer does not belong to it.
    """
    logging.getLogger("lm_eval").setLevel(logging.ERROR)  # hints about options it was not given
    transformers.utils.logging.disable_progress_bar()
    try:
        lm = KobestLM(
            model,
            backend="causal",
            device="cuda" if torch.cuda.is_available() else "cpu",
            dtype=dtype,
            batch_size=batch_size,
        )
    except Exception as error:  # readers of configs, weights and tokenizers raise all kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(" .:")
        if Path(model).is_dir():
            raise PolyglotError(f"The model in {model} cannot be loaded: {reason}.") from None
        raise PolyglotError(
            f"The model {model} cannot be loaded: there is no such folder, and the hub did not "
            f"give it ({reason})."
        ) from None
    if len(lm.tokenizer) > lm.config.vocab_size:
        raise PolyglotError(
            f"The tokenizer of {model} has {len(lm.tokenizer)} entries, but the model embeds only "
            f"{lm.config.vocab_size}: they do not belong together."
        )
    return lm
