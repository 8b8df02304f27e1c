"""A KOBEST task for lm-eval whose requests are those of the harness of the published tables."""

import random
from collections.abc import Callable
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.metrics import mean
from lm_eval.api.task import Task

from stages.evaluate.documents import Documents
from stages.evaluate.prompts import PROMPTS, Document
from stages.evaluate.scores import answer_lengths, choice, confusion, macro_f1

SEED = 42  # of the old harness, for the order of the documents and for the examples


class KobestTask(Task):
    """``name`` asked about ``documents.test``, each after ``shots`` examples of its own.

    One generator shuffles the test documents and then draws the examples, document by document:
    the examples of a document therefore depend on its place, and a limit changes no prompt.
    """

    VERSION = "polyglot"
    OUTPUT_TYPE = "loglikelihood"

    def __init__(self, name: str, documents: Documents, shots: int) -> None:
        super().__init__()
        self.set_config("task", name)
        self.set_config("num_fewshot", shots)
        self._prompt = PROMPTS[name]
        self._shots = shots
        self._generator = random.Random(SEED)
        self._train = documents.train
        self.order = list(range(len(documents.test)))
        self._generator.shuffle(self.order)
        self._test = [documents.test[index] for index in self.order]

    def download(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the documents are given."""

    def has_training_docs(self) -> bool:
        return True

    def has_validation_docs(self) -> bool:
        return False

    def has_test_docs(self) -> bool:
        return True

    def test_docs(self) -> list[Document]:
        """The documents to ask about, in the order they are asked."""
        return self._test

    def doc_to_text(self, doc: Document) -> str:
        return self._prompt.context_of(doc)

    def doc_to_target(self, doc: Document) -> str:
        return self._prompt.answers_of(doc)[doc["label"]]

    def build_all_requests(self, *, limit: int | None = None, **kwargs: Any) -> None:
        """One request for each answer of each document; called once, for it draws the examples."""
        self._instances = [
            request
            for number, document in enumerate(self._test[:limit])
            for request in self.construct_requests(document, self._context(document), number)
        ]

    def _context(self, document: Document) -> str:
        examples = self._generator.sample(self._train, self._shots)
        solved = [self._prompt.solved(example) for example in examples]
        return "\n\n".join([*solved, self._prompt.context_of(document)])

    def construct_requests(
        self, doc: Document, ctx: str, number: int = 0, **kwargs: Any
    ) -> list[Instance]:
        return [
            Instance(
                request_type="loglikelihood",
                doc=doc,
                arguments=(ctx, answer),
                idx=index,
                metadata=(self.config.task, number, 1),
            )
            for index, answer in enumerate(self._prompt.answers_of(doc))
        ]

    def process_results(self, doc: Document, results: list[tuple[float, bool]]) -> dict[str, Any]:
        """The chosen and the true answer, once more by length where the task asks for it."""
        likelihoods = [likelihood for likelihood, _ in results]
        metrics = self._metrics(doc, choice(likelihoods), "")
        if self._prompt.normalised:
            lengths = answer_lengths(self._prompt.answers_of(doc))
            metrics |= self._metrics(doc, choice(likelihoods, lengths), "_norm")
        return metrics

    @staticmethod
    def _metrics(doc: Document, predicted: int, suffix: str) -> dict[str, Any]:
        return {
            f"macro_f1{suffix}": (doc["label"], predicted),
            f"accuracy{suffix}": float(predicted == doc["label"]),
        }

    def aggregation(self) -> dict[str, Callable]:
        def macro_f1_of(pairs: list[tuple[int, int]]) -> float:
            return macro_f1(confusion(pairs, len(self._prompt.answers)))

        plain: dict[str, Callable] = {"macro_f1": macro_f1_of, "accuracy": mean}
        return plain | {f"{name}_norm": function for name, function in plain.items()}

    def higher_is_better(self) -> dict[str, bool]:
        return dict.fromkeys(self.aggregation(), True)
