"""The prompts of the published Polyglot-Ko tables, as data.

They are those of ``lm_eval/tasks/kobest.py`` on the ``polyglot`` branch of EleutherAI's evaluation
harness. The tasks that today's harness ships under the same names differ from them: there COPA has
two spaces before its connector, and no answer begins with a space.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Prompt:
    """One task: a template for what the model reads, and one for each answer it may give.

    An answer begins with its space; the label of a document is the index of its true answer.
    """

    fields: tuple[str, ...]
    context: str
    answers: tuple[str, ...]
    connectors: Mapping[str, str] = field(default_factory=dict)  # what stands for `question`
    normalised: bool = False  # also choose by log-likelihood per character of the answer

    def context_of(self, document: Document) -> str:
        """The question as the model reads it, up to where the answer begins."""
        if not self.connectors:
            return self.context.format_map(document)
        # The real training set writes some questions with a space at their end.
        connector = self.connectors[document["question"].strip()]
        return self.context.format_map(document | {"question": connector})

    def answers_of(self, document: Document) -> list[str]:
        """Every answer to choose from, each with the space before it."""
        return [answer.format_map(document) for answer in self.answers]

    def solved(self, document: Document) -> str:
        """The question with its true answer: an example of a few-shot prompt."""
        return self.context_of(document) + self.answers_of(document)[document["label"]]


PROMPTS: dict[str, Prompt] = {
    "copa": Prompt(
        fields=("premise", "question", "alternative_1", "alternative_2"),
        context="{premise} {question}",
        answers=(" {alternative_1}", " {alternative_2}"),
        connectors={"원인": "왜냐하면", "결과": "그래서"},
    ),
    "hellaswag": Prompt(
        fields=("context", "ending_1", "ending_2", "ending_3", "ending_4"),
        context="문장: {context}",
        answers=(" {ending_1}", " {ending_2}", " {ending_3}", " {ending_4}"),
        normalised=True,
    ),
    "boolq": Prompt(
        fields=("paragraph", "question"),
        context="{paragraph} 질문: {question} 답변: ",  # with this space and the answer's own: two
        answers=(" 아니오", " 예"),
    ),
    "sentineg": Prompt(
        fields=("sentence",),
        context="문장: {sentence} 긍부정:",
        answers=(" 부정", " 긍정"),
    ),
    "wic": Prompt(
        fields=("word", "context_1", "context_2"),
        context="문장1: {context_1} 문장2: {context_2} 두 문장에서 {word}가 같은 뜻으로 쓰였나?",
        answers=(" 아니오", " 예"),
    ),
}


def prompts_hash(tasks: Iterable[str]) -> str:
    """Fingerprint of the prompts of ``tasks``, 64 hexadecimal digits: equal if all are equal."""
    text = json.dumps({task: asdict(PROMPTS[task]) for task in tasks}, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
