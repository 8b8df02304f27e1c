"""The model under evaluation, as lm-eval calls it."""

import copy
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch
import transformers
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from runtime.errors import PolyglotError
from stages.evaluate import batches
from stages.evaluate.likelihood import Answer, Branches, reads_branches, score

Request = tuple[tuple[str, str], list[int], list[int]]  # both texts, and both in token ids
TOKENIZER_FILES = ("tokenizer*", "vocab*", "*.model")


class KobestLM(HFLM):
    """lm-eval's Hugging Face model, which reads a context once for all its answers.

    What does not fit into the model's window is cut from the left. Each of several devices has
    the whole model and reads batches of its own; which prompts share a batch does not depend on
    them. Architectures that cannot read several answers at once are left to lm-eval.
    """

    def __init__(self, model: str, devices: list[str], **options: Any) -> None:
        super().__init__(model, backend="causal", device=devices[0], batch_size=1, **options)
        self.on_scored: Callable[[int], None] = lambda answers: None  # called between batches
        self.truncated: set[str] = set()  # contexts of the last call of which tokens were cut
        self.encode_apart = True  # context and answer, as the harness of the published tables did
        self.branches = reads_branches(self.model)
        self._replicas = [self.model]
        if self.branches and len(devices) > 1:
            self._replicas = _replicas(self.model, devices)
        self.batch_tokens = batches.fitting(self.model)

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[Answer]:
        if not self.encode_apart:
            return super().loglikelihood(requests, disable_tqdm=True)
        pairs = [request.args for request in requests]
        ids = self._encode({text for pair in pairs for text in pair})
        return self._loglikelihood_tokens([(pair, ids[pair[0]], ids[pair[1]]) for pair in pairs])

    def _encode(self, texts: Iterable[str]) -> dict[str, list[int]]:
        unique = sorted(texts)
        ids = self.tokenizer(unique, add_special_tokens=False, verbose=False)["input_ids"]
        return dict(zip(unique, ids, strict=True))

    def _loglikelihood_tokens(
        self, requests: list[Request], disable_tqdm: bool = False, override_bs: int | None = None
    ) -> list[Answer]:
        self._note_truncated(requests)
        if not self.branches:
            longest = max(len(context) + len(answer) for _, context, answer in requests)
            self.batch_size_per_gpu = max(1, self.batch_tokens // min(longest, self.max_length))
            return super()._loglikelihood_tokens(requests, disable_tqdm=True)
        places: dict[tuple[int, ...], list[int]] = {}  # requests that share a context, once cut
        for place, (_, context, answer) in enumerate(requests):
            room = self.max_length + 1 - len(answer)
            places.setdefault(tuple(context[-room:]), []).append(place)
        prompts = [
            (Branches(context, [tuple(requests[place][2]) for place in group]), group)
            for context, group in places.items()
        ]
        return self._scored(prompts, len(requests))

    def _note_truncated(self, requests: list[Request]) -> None:
        window = self.max_length + 1  # the last token is predicted, not read
        self.truncated = set()
        for (context_text, _), context, answer in requests:
            if len(answer) >= window:
                raise PolyglotError(
                    f"An answer of {len(answer)} tokens does not fit into the model's window of "
                    f"{self.max_length} tokens: leave its task out of evaluate.tasks."
                )
            if len(context) + len(answer) > window:
                self.truncated.add(context_text)

    def _scored(self, prompts: list[tuple[Branches, list[int]]], requests: int) -> list[Answer]:
        """The answer to every request; each prompt comes with the places of its own."""
        free: SimpleQueue[Any] = SimpleQueue()
        for replica in self._replicas:
            free.put(replica)

        def read(batch: list[tuple[Branches, list[int]]]) -> list[list[Answer]]:
            replica = free.get()
            try:
                return _scored_within_memory(replica, [branches for branches, _ in batch])
            finally:
                free.put(replica)

        answers: list[Answer] = [(0.0, False)] * requests
        done = 0
        planned = list(batches.together(prompts, self.batch_tokens))
        with ThreadPoolExecutor(len(self._replicas)) as pool:
            try:
                for batch, scored in zip(planned, pool.map(read, planned), strict=True):
                    for (_, places), results in zip(batch, scored, strict=True):
                        for place, answer in zip(places, results, strict=True):
                            answers[place] = answer
                        done += len(places)
                    self.on_scored(done)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return answers


def _replicas(model: Any, devices: list[str]) -> list[Any]:
    """The model on every device, by way of the host: none holds it twice in the meantime."""
    model.to("cpu")
    others = [copy.deepcopy(model).to(device) for device in devices[1:]]
    return [model.to(devices[0]), *others]


def _scored_within_memory(model: Any, prompts: list[Branches]) -> list[list[Answer]]:
    """As ``score``, in two halves where the device has too little memory for the whole."""
    try:
        return score(model, prompts)
    except torch.OutOfMemoryError:
        if len(prompts) == 1:
            raise PolyglotError(
                f"A prompt of {len(prompts[0])} tokens does not fit into the memory of "
                f"{model.device}: free some of it, or evaluate in a narrower dtype."
            ) from None
    torch.cuda.empty_cache()
    half = len(prompts) // 2
    return [
        *_scored_within_memory(model, prompts[:half]),
        *_scored_within_memory(model, prompts[half:]),
    ]


def load(model: str, batch_tokens: int | None, dtype: str) -> KobestLM:
    """The model and tokenizer of a folder or a hub id, on every GPU, or on the CPU without one.

    ``name@revision`` is a branch, tag or commit of a hub id.

    Raises:
        PolyglotError: it cannot be found or read, or the tokenizer does not belong to it.
    """
    logging.getLogger("lm_eval").setLevel(logging.ERROR)  # hints about options it was not given
    transformers.utils.logging.disable_progress_bar()
    folder = Path(model)
    if folder.is_dir() and not any(list(folder.glob(name)) for name in TOKENIZER_FILES):
        raise PolyglotError(
            f"The model in {model} has no tokenizer: its tokenizer.json is missing."
        )
    devices = [f"cuda:{number}" for number in range(torch.cuda.device_count())] or ["cpu"]
    name, _, revision = (model, "", "") if folder.is_dir() else model.partition("@")
    try:
        lm = KobestLM(name, devices, dtype=dtype, revision=revision or "main")
    except Exception as error:  # readers of configs, weights and tokenizers raise all kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(" .:")
        if folder.is_dir():
            raise PolyglotError(f"The model in {model} cannot be loaded: {reason}.") from None
        raise PolyglotError(
            f"The model {model} cannot be loaded: there is no such folder, and the hub did not "
            f"give it ({reason})."
        ) from None
    rows = lm.model.get_input_embeddings().num_embeddings
    largest = max(lm.tokenizer.get_vocab().values())
    if largest >= rows:
        raise PolyglotError(
            f"The tokenizer of {model} has ids up to {largest}, but the model embeds only {rows}: "
            "they do not belong together."
        )
    if batch_tokens:
        lm.batch_tokens = batch_tokens
    return lm
