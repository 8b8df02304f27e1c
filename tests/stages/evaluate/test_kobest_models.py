"""Any causal language model, on several devices, by the harness's own prompts."""

import shutil
from pathlib import Path

import pytest
import torch
import transformers
from lm_eval import evaluator
from lm_eval.models.huggingface import HFLM

from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.evaluate import EvaluateParams, evaluate, stock
from stages.evaluate.documents import load
from stages.evaluate.model import KobestLM
from stages.evaluate.model import load as load_model
from stages.evaluate.prompts import PROMPTS
from stages.evaluate.task import KobestTask

SMALL = {"vocab_size": 340, "initializer_range": 0.4}
WIDE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
ARCHITECTURES = {  # those of the published tables, and what people train today
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 256},
    "GPTJ": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 256, "rotary_dim": 8},
    "XGLM": {"d_model": 32, "num_layers": 2, "attention_heads": 2, "ffn_dim": 64},
    "Llama": WIDE | {"intermediate_size": 64, "max_position_embeddings": 256},
    "Gemma2": WIDE | {"num_key_value_heads": 1, "head_dim": 16, "intermediate_size": 64},
    "Bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 2},
}


def requests(kobest: Path, task: str, shots: int):
    asked = KobestTask(task, load(str(kobest), task), shots)
    asked.build_all_requests()
    return asked.instances


@pytest.fixture
def folder_of(model, tmp_path):
    """Writes a random model of an architecture, with the tokenizer of the tests."""

    def make(name: str) -> str:
        folder = tmp_path / name
        shutil.copytree(
            model, folder, ignore=shutil.ignore_patterns("*.safetensors", "config.json")
        )
        torch.manual_seed(3)
        config = getattr(transformers, f"{name}Config")(**SMALL, **ARCHITECTURES[name])
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        return str(folder)

    return make


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_any_architecture_gives_the_answers_of_the_harness(name, folder_of, kobest):
    lm = load_model(folder_of(name), batch_tokens=700, dtype="float32")
    asked = requests(kobest, "hellaswag", shots=2)
    encoded = [
        (request.args, *(lm.tokenizer(text)["input_ids"] for text in request.args))
        for request in asked
    ]
    expected = HFLM._loglikelihood_tokens(lm, encoded, disable_tqdm=True)
    found = lm.loglikelihood(asked)
    assert [x for x, _ in found] == pytest.approx([x for x, _ in expected], rel=1e-4)
    assert [greedy for _, greedy in found] == [greedy for _, greedy in expected]


def test_an_architecture_that_takes_no_branches_is_known(folder_of):
    assert load_model(folder_of("Llama"), None, "float32").branches
    assert not load_model(folder_of("Bloom"), None, "float32").branches


def test_several_devices_give_the_very_answers_of_one(model, kobest):
    asked = requests(kobest, "hellaswag", shots=2)
    answers = []
    for devices in (["cpu"], ["cpu"] * 3):
        lm = KobestLM(model, devices, dtype="float32")
        lm.batch_tokens = 500
        answers.append(lm.loglikelihood(asked))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("shots", [0, 2])
def test_stock_prompts_are_scored_as_lm_eval_does(shots, model, kobest, tmp_path):
    params = EvaluateParams(
        data=str(kobest),
        tasks=list(PROMPTS),
        shots=[shots],
        limit=None,
        prompts="stock",
        batch_tokens=None,
        dtype="float32",
    )
    found = evaluate(model, params, tmp_path / "out.json", None, Progress(None))

    plain = HFLM(model, backend="causal", device="cpu", dtype="float32", batch_size=4)
    tasks = {task: stock.task(task, load(str(kobest), task), shots) for task in PROMPTS}
    outcome = evaluator.evaluate(plain, tasks, bootstrap_iters=0)["results"]
    for record in found.results:
        assert record["accuracy"] == pytest.approx(outcome[record["task"]]["acc,none"])
    assert found.prompts == "stock"


def test_stock_prompts_differ_from_the_published_ones(kobest):
    documents = load(str(kobest), "copa")
    asked = stock.task("copa", documents, 0)
    asked.build_all_requests(limit=1)
    assert "비가 왔다.  " in asked.instances[0].args[0]  # two spaces before the connector
    assert len(stock.prompts_hash(["copa"])) == 64
    assert stock.prompts_hash(["copa"]) != stock.prompts_hash(["wic"])


def test_a_model_without_a_tokenizer(folder_of):
    folder = Path(folder_of("GPT2"))
    for path in folder.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(PolyglotError, match=r"has no tokenizer: its tokenizer\.json is missing"):
        load_model(str(folder), None, "float32")


def test_a_prompt_too_large_for_memory_is_split_and_then_named(model, kobest, monkeypatch):
    lm = load_model(model, batch_tokens=5000, dtype="float32")
    asked = requests(kobest, "copa", shots=1)
    expected = lm.loglikelihood(asked)
    sizes = []

    def scarce(model, prompts):
        sizes.append(len(prompts))
        if len(prompts) > most:
            raise torch.OutOfMemoryError
        return score(model, prompts)

    from stages.evaluate.model import score

    most = 4
    monkeypatch.setattr("stages.evaluate.model.score", scarce)
    found = lm.loglikelihood(asked)
    assert [x for x, _ in found] == pytest.approx([x for x, _ in expected], abs=1e-4)
    assert max(sizes) > 4
    most = 0
    with pytest.raises(PolyglotError, match="does not fit into the memory of cpu"):
        lm.loglikelihood(asked)
