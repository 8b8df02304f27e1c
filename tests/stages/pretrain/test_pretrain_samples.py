"""The model writes without disturbing the training."""

from dataclasses import replace

import torch
from byte_tokenizer import byte_tokenizer
from pretrain_project import MODEL
from tokenizers import Tokenizer
from transformers import GPTNeoXForCausalLM

from stages.pretrain.model import build, configuration
from stages.pretrain.params import ModelParams, SampleParams
from stages.pretrain.samples import generate, load

SHAPE = replace(ModelParams(**MODEL), vocab_multiple=512)


def written(model: GPTNeoXForCausalLM, tokenizer: Tokenizer, tokens: int) -> list[dict[str, str]]:
    return generate(model, tokenizer, 256, SampleParams(["가", "나다"], tokens), seed=1)


def test_the_same_weights_write_the_same_and_no_generator_is_moved(tmp_path) -> None:
    byte_tokenizer().save(str(tmp_path / "tokenizer.json"))
    tokenizer = load(tmp_path)
    model = build(configuration(SHAPE, 256, eod_id=0), seed=0).eval()
    with torch.no_grad():
        model.lm_head.weight[256:] = 100.0  # padded rows, which no text may hold
    before = torch.get_rng_state()
    texts = written(model, tokenizer, 8)
    assert torch.equal(torch.get_rng_state(), before)
    assert [text["prompt"] for text in texts] == ["가", "나다"]
    assert all(text["text"] for text in texts)
    assert texts == written(model, tokenizer, 8)


def test_no_text_is_longer_than_the_model_can_read() -> None:
    model = build(configuration(SHAPE, 256, eod_id=0), seed=0).eval()
    assert written(model, byte_tokenizer(), 1_000)
