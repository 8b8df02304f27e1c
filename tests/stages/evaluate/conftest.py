"""A tiny GPT-NeoX with its tokenizer, and a KOBEST of twenty lines a file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, PreTrainedTokenizerFast

SENTENCES = [
    "비가 와서 우산을 썼다.",
    "그는 배가 고파서 밥을 먹었다.",
    "질문: 하늘은 파란가? 답변:  예",
    "문장: 이 영화는 정말 재미있다. 긍부정: 긍정",
    "두 문장에서 배가 같은 뜻으로 쓰였나? 아니오",
]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], str]:
    """Writes the folder of a random model that reads as many tokens as asked for."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)

    def make(window: int) -> str:
        folder = tmp_path_factory.mktemp("model")
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, eos_token="<|endoftext|>"
        ).save_pretrained(folder)
        torch.manual_seed(1)
        config = GPTNeoXConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=window,
            initializer_range=0.4,  # large, so that every token read changes the answers
        )
        GPTNeoXForCausalLM(config).save_pretrained(folder)
        return str(folder)

    return make


@pytest.fixture(scope="session")
def model(make_model: Callable[[int], str]) -> str:
    """A model whose window holds every prompt of the small KOBEST."""
    return make_model(2048)


@pytest.fixture
def kobest(tmp_path: Path) -> Path:
    """A folder in KOBEST's fields; all documents differ and the labels vary."""
    folder = tmp_path / "kobest"
    for split in ("train", "validation", "test"):
        for task, document in DOCUMENTS.items():
            lines = (json.dumps(document(f"{split} {i}", i), ensure_ascii=False) for i in range(20))
            path = folder / task / f"{split}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


DOCUMENTS = {
    "copa": lambda name, i: {
        "premise": f"{name} 비가 왔다.",
        "question": "결과" if i % 3 else "원인",
        "alternative_1": f"우산을 {i}번 썼다.",
        "alternative_2": f"구름이 {i % 7}개 꼈다.",
        "label": i * 7 % 5 % 2,
    },
    "hellaswag": lambda name, i: {
        "context": f"{name} 그는 배가 고팠다.",
        "ending_1": f"밥을 {i}그릇 먹었다.",
        "ending_2": "잠을 잤다.",
        "ending_3": f"하늘을 {i}번이나 오래 보았다.",
        "ending_4": f"집에 {i}시에 갔다.",
        "label": i * 3 % 4,
    },
    "boolq": lambda name, i: {
        "paragraph": f"{name} 하늘은 {i}월에 파랗다.",
        "question": f"하늘은 {i % 4}월에 파란가?",
        "label": i * 7 % 5 % 2,
    },
    "sentineg": lambda name, i: {"sentence": f"{name} 영화는 {i}점이다.", "label": i // 2 % 2},
    "wic": lambda name, i: {
        "word": "배",
        "context_1": f"{name} [배]가 고프다.",
        "context_2": f"[배]를 {i}개 먹었다.",
        "label": i // 3 % 2,
    },
}
