"""The data stages, each by its own entry point, on a corpus of any size, quickly made."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from runtime import files
from tests.conftest import heed_ctrl_c
from tests.integration.conftest import Workspace

STAGES = ["ingest", "clean", "dedup", "mask"]

SENTENCES = """
오늘은 날씨가 맑아서 아이들과 함께 공원까지 천천히 걸었다 저녁에는 오래된 시장에서 국수를 먹고
집으로 돌아와 지난달에 빌린 책을 마저 읽었는데 생각보다 이야기가 길어서 밤늦게까지 깨어 있었다
가격에 비해 품질이 좋고 배송도 빨라서 만족하지만 포장은 조금 아쉬웠다 연락처는 아래에 적었다
정부는 내년부터 새로운 제도를 시행한다고 밝혔으며 전문가들은 효과를 지켜봐야 한다고 말했다
"""
WORDS = SENTENCES.split()


def prepare(workspace: Workspace, documents: int, shards: int = 8) -> None:
    """Write a raw corpus of short comments and of long posts, and choose it in params.yaml."""
    raw = workspace.folder / "raw"
    for part in range(8):
        rng = random.Random(part)
        comments = [_text(rng, 12) for _ in range(documents // 10)]
        comments += rng.sample(comments, len(comments) // 20)
        posts = [{"text": _text(rng, 200), "url": f"{part}/{i}"} for i in range(documents // 100)]
        lines = [json.dumps(post, ensure_ascii=False) for post in posts]
        _write(raw / f"kcbert/{part}.txt", comments)
        _write(raw / f"blog/{part}.jsonl", [*lines, *lines[:3], "{broken"])
    sources = ["corpus.root=raw", "corpus.sources=[kcbert,blog]", f"corpus.shards={shards}"]
    code, printed = workspace.run("profile", "use", "smoke", "sample.documents=300", *sources)
    assert code == 0, printed
    run(workspace, "corpus")  # the evaluation texts that deduplication looks for


def _text(rng: random.Random, words: int) -> str:
    text = " ".join(rng.choices(WORDS, k=rng.randint(words // 2, words * 2)))
    if rng.random() < 0.1:
        text += f" 010-{rng.randrange(10_000):04}-{rng.randrange(10_000):04}"
    return text


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def start(workspace: Workspace, stage: str, **environment: str) -> subprocess.Popen:
    """Start the stage as DVC would, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"stages.{stage}"],
        cwd=workspace.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )


def run(workspace: Workspace, stage: str, **environment: str) -> None:
    """Run the stage to its end, which must be good."""
    process = start(workspace, stage, **environment)
    printed, _ = process.communicate()
    assert process.returncode == 0, f"{stage}: {printed}"


def digests(workspace: Workspace, stages: list[str]) -> dict[str, str]:
    """A hash of every file that the stages wrote."""
    return {
        str(path.relative_to(workspace.folder)): files.sha256(path)
        for stage in stages
        for path in sorted((workspace.folder / "data" / stage).rglob("*"))
        if path.is_file()
    }
