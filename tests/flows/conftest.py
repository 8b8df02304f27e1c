"""A small DVC project for the runner and the flow, and a Prefect server for flows."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dvc.repo import Repo
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from stages.tokenizer import bpe
from tests.integration.services import answering, free_port

PARAMS = """
profile: smoke
registry: {champion: scores}
evaluate:
  {data: null, tasks: [copa], shots: [0], limit: 1, prompts: polyglot, batch_tokens: null,
  dtype: float32}
"""

GRAPH = """
stages:
  first:
    cmd: cat in.txt > first.txt
    deps: [in.txt]
    outs: [first.txt]
  report:
    cmd: {command}
    deps: [first.txt]
    outs: [report.txt]
  aside:
    cmd: "false"
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A DVC project of two stages, without git."""
    monkeypatch.chdir(tmp_path)
    Repo.init(no_scm=True).close()
    (tmp_path / "infra/launch").mkdir(parents=True)
    (tmp_path / "infra/launch/local.yaml").write_text(
        "{workers: 1, processes: 1, grace: 5, patience: 60}"
    )
    (tmp_path / "in.txt").write_text("1")
    write_graph(tmp_path, "cat first.txt > report.txt")
    return tmp_path


def write_graph(project: Path, command: str) -> None:
    """The graph, with ``command`` as what its last stage does."""
    (project / "dvc.yaml").write_text(GRAPH.format(command=command))


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server on loopback: the environment of its clients."""
    port = free_port()
    environment = {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answering(f"{environment['PREFECT_API_URL']}/health", server)
        yield environment
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def model(tmp_path: Path) -> str:
    """The folder of a random model of bytes, which reads 512 of them."""
    folder = tmp_path / "model"
    folder.mkdir()
    alphabet = ["<|endoftext|>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    bpe.save(tokenizer, folder)
    config = GPTNeoXConfig(
        vocab_size=len(alphabet),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
        eos_token_id=0,
    )
    GPTNeoXForCausalLM(config).save_pretrained(folder)
    return str(folder)
