"""One pass over a context and all its answers gives what separate passes give."""

import pytest
import torch
from lm_eval.models.huggingface import HFLM

from runtime.errors import PolyglotError
from stages.evaluate.documents import load
from stages.evaluate.model import load as load_model
from stages.evaluate.prompts import PROMPTS
from stages.evaluate.task import KobestTask

WINDOWS = {"everything fits": 2048, "most contexts are cut": 100}


def instances(kobest, task, shots):
    asked = KobestTask(task, load(str(kobest), task), shots)
    asked.build_all_requests()
    return asked.instances


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("task", PROMPTS)
def test_likelihoods_are_those_of_separate_passes(task, window, make_model, kobest):
    lm = load_model(make_model(window), batch_tokens=700, dtype="float32")
    requests = instances(kobest, task, shots=3)
    tokens = {
        text: lm.tokenizer(text)["input_ids"] for request in requests for text in request.args
    }

    expected = []
    for request in requests:
        context, answer = (tokens[text] for text in request.args)
        ids = torch.tensor([(context + answer)[-(window + 1) :]])
        with torch.inference_mode():
            logits = lm.model(ids[:, :-1]).logits[0, -len(answer) :].log_softmax(-1)
        expected.append(float(logits.gather(1, ids[0, -len(answer) :, None]).sum()))

    likelihoods = [likelihood for likelihood, _ in lm.loglikelihood(requests)]
    assert likelihoods == pytest.approx(expected, abs=1e-4)
    assert len(set(likelihoods)) > len(requests) // 2  # the prompts do differ for this model
    assert bool(lm.truncated) == (window == 100)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_answers_are_those_of_the_stock_harness_given_the_same_tokens(window, make_model, kobest):
    lm = load_model(make_model(window), batch_tokens=400, dtype="float32")
    requests = instances(kobest, "hellaswag", shots=2)
    encoded = [
        (request.args, *(lm.tokenizer(text)["input_ids"] for text in request.args))
        for request in requests
    ]

    stock = HFLM._loglikelihood_tokens(lm, encoded, disable_tqdm=True)
    own = lm.loglikelihood(requests)

    assert [x for x, _ in own] == pytest.approx([x for x, _ in stock], abs=1e-4)
    assert [greedy for _, greedy in own] == [greedy for _, greedy in stock]


@pytest.mark.parametrize("batch_tokens", [1, 300, 9000])
def test_batch_size_changes_no_likelihood(batch_tokens, model, kobest):
    requests = instances(kobest, "copa", shots=2)
    expected = load_model(model, batch_tokens=900, dtype="float32").loglikelihood(requests)
    answers = load_model(model, batch_tokens, dtype="float32").loglikelihood(requests)

    assert [x for x, _ in answers] == pytest.approx([x for x, _ in expected], abs=1e-4)


def test_an_answer_longer_than_the_window_is_refused(make_model, kobest):
    lm = load_model(make_model(8), batch_tokens=900, dtype="float32")
    with pytest.raises(PolyglotError, match=r"does not fit into the model's window of 8 tokens"):
        lm.loglikelihood(instances(kobest, "hellaswag", shots=0))
