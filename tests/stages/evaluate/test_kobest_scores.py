"""Scores against scikit-learn, and against the cells of the published table that say nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lm_eval import evaluator
from lm_eval.api.model import LM
from sklearn.metrics import accuracy_score, f1_score

from stages.evaluate.documents import load
from stages.evaluate.scores import (
    RESAMPLES,
    accuracies,
    accuracy,
    confusion,
    interval,
    is_constant,
    macro_f1,
    macro_f1s,
    resampled,
)
from stages.evaluate.task import KobestTask


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_macro_f1_and_accuracy_are_those_of_scikit_learn(pairs):
    true, predicted = zip(*pairs, strict=True)
    matrix = confusion(pairs, 4)

    assert macro_f1(matrix) == pytest.approx(f1_score(true, predicted, average="macro"))
    assert accuracy(matrix) == pytest.approx(accuracy_score(true, predicted))


def test_answers_that_never_change_are_noticed():
    assert is_constant(confusion([(0, 1), (1, 1), (1, 1)], 2))
    assert not is_constant(confusion([(0, 1), (1, 0)], 2))


def test_intervals_are_those_of_drawing_documents_one_by_one():
    random = np.random.default_rng(7)
    true = random.integers(0, 4, 150)
    predicted = np.where(random.random(150) < 0.4, true, random.integers(0, 4, 150))
    matrix = confusion(zip(true, predicted, strict=True), 4)

    slow: list[list[float]] = [[], []]
    for _ in range(2000):
        drawn = random.integers(0, 150, 150)
        slow[0].append(f1_score(true[drawn], predicted[drawn], average="macro"))
        slow[1].append(accuracy_score(true[drawn], predicted[drawn]))
    for score, scores in zip((macro_f1s, accuracies), slow, strict=True):
        assert interval(matrix, score) == pytest.approx(
            np.percentile(scores, [2.5, 97.5]), abs=0.01
        )


def test_resampled_matrices_hold_as_many_documents():
    matrices = resampled([[3, 1], [0, 6]])
    assert matrices.shape == (RESAMPLES, 2, 2)
    assert (matrices.sum((1, 2)) == 10).all()
    assert (matrices[:, 1, 0] == 0).all()


def test_a_certain_score_has_no_width():
    assert interval([[5, 0], [0, 5]], macro_f1s) == [1.0, 1.0]


class AlwaysAnswers(LM):
    """Finds one answer likely, whatever it is asked."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    def loglikelihood(self, requests):
        return [(0.0 if request.args[1] == self.answer else -1.0, False) for request in requests]

    def loglikelihood_rolling(self, requests):
        raise NotImplementedError

    def generate_until(self, requests):
        raise NotImplementedError


@pytest.mark.data
@pytest.mark.parametrize(
    ("task", "answer", "f1"), [("boolq", " 아니오", 0.3324), ("wic", " 예", 0.3280)]
)
def test_constant_answers_give_the_known_cells_of_the_published_table(task, answer, f1, real_data):
    documents = load(str(real_data / "kobest_v1"), task)
    outcome = evaluator.evaluate(
        AlwaysAnswers(answer), {task: KobestTask(task, documents, 5)}, bootstrap_iters=0
    )

    assert outcome["results"][task]["macro_f1,none"] == pytest.approx(f1, abs=5e-5)
