import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def polyglot(*words: str, cwd=ROOT, given: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        check=False,
    )


def test_mask_is_a_filter():
    done = polyglot("mask", given="연락은 010-1234-5678으로\n2023-01-15에 만나요\n")
    assert done.stdout == "연락은 <|tell|>으로\n2023-01-15에 만나요\n"
    assert done.returncode == 0


def test_mask_keeps_other_fields_and_explains_without_the_number():
    line = json.dumps({"id": 7, "body": "전화 010-1234-5678"}, ensure_ascii=False)
    done = polyglot("mask", "--jsonl", "body", "--explain", given=line + "\n")
    assert json.loads(done.stdout) == {"id": 7, "body": "전화 <|tell|>"}
    assert done.stderr == "<stdin>\t1\tphone\tmobile\t3\t16\n"


def test_mask_names_the_line_that_is_no_record():
    done = polyglot("mask", "--jsonl", "body", given='{"body": "a"}\n{"title": "b"}\n')
    assert done.returncode == 1
    assert done.stderr == "<stdin>, line 2 is no JSON object with the text field 'body'.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--profile", "moon"], "There is no profile 'moon'"),
        (["profile", "use", "smoke", "pretrain.stepz=1"], "no parameter 'pretrain.stepz'"),
        (["run", "--nothing"], "No such option"),
    ],
)
def test_wrong_words_end_with_a_sentence(words, sentence):
    before = (ROOT / "params.yaml").read_bytes()
    done = polyglot(*words)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert (ROOT / "params.yaml").read_bytes() == before


def test_profiles_are_listed():
    assert {"1.3b", "nsmc", "smoke"} <= set(polyglot("profile", "list").stdout.split())


def test_a_missing_corpus_stops_before_anything_runs(tmp_path):
    for name in ("conf", "dvc.yaml", "infra", "stages"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\nno_scm = true\n")
    done = polyglot("run", "--profile", "nsmc", "corpus.root=nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert "Stage ingest needs nowhere, which is not there." in done.stderr
    assert not (tmp_path / "data").exists()
