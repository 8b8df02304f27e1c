import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from runtime import documents, files, paths
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.mask.kinds import KINDS
from stages.tokenizer import TokenizerParams, build
from stages.tokenizer.sample import drawn
from stages.tokenizer.special import FIRST, LAST, masked

PARAMS = TokenizerParams(330, [], morphemes=True, sample_bytes=10**6, min_frequency=2)


def made(project: Path, params: TokenizerParams = PARAMS) -> Tokenizer:
    """Run the stage in ``project``; the tokenizer that it wrote."""
    folders = (paths.MASK, paths.TOKENIZER, paths.TOKENIZER_CARD)
    build(params, Progress(None), Tracker(None), *(project / folder for folder in folders))
    return Tokenizer.from_file(str(project / paths.TOKENIZER / "tokenizer.json"))


def fullest(project: Path, params: TokenizerParams) -> Tokenizer:
    """The largest tokenizer that the text can fill, by the sentence that refuses a larger one."""
    with pytest.raises(PolyglotError) as refused:
        made(project, replace(params, vocab_size=9_000))
    found = re.search(r"fills a vocabulary of (\d+) entries, not of 9,000", str(refused.value))
    assert found
    return made(project, replace(params, vocab_size=int(found[1])))


@pytest.fixture(scope="module")
def tokenizer(masked: Path) -> Tokenizer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLYGLOT_WORKERS", "1")
        return made(masked)


def test_special_tokens_have_the_ids_of_polyglot_ko(tokenizer: Tokenizer) -> None:
    assert tokenizer.get_vocab_size() == 330
    assert [tokenizer.token_to_id(token) for token in FIRST] == [0, 1, 2, 3]
    assert [tokenizer.token_to_id(token) for token in LAST] == [327, 328, 329]
    assert FIRST[2] == "<|endoftext|>"
    assert LAST == ("<|acc|>", "<|tell|>", "<|rrn|>")


@settings(deadline=None)
@given(st.lists(st.text() | st.sampled_from([*FIRST, *LAST, "한국", " ", "\u1112\u1161\u11ab"])))
def test_every_text_comes_back(tokenizer: Tokenizer, parts: list[str]) -> None:
    text = "".join(parts)
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


@pytest.mark.parametrize("text", ["{}으로", "전화{}", "1{}2", "({}),", "{}{}", " {} ", "\n{}\0"])
@pytest.mark.parametrize("token", LAST)
def test_pii_token_is_one_id_wherever_it_stands(
    tokenizer: Tokenizer, token: str, text: str
) -> None:
    filled = text.replace("{}", token)
    ids = tokenizer.encode(filled).ids
    assert ids.count(tokenizer.token_to_id(token)) == text.count("{}")
    assert tokenizer.decode(ids) == filled


def test_autotokenizer_gives_the_same_ids(tokenizer: Tokenizer, masked: Path) -> None:
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(masked / paths.TOKENIZER)
    for text in [" 영화를  봤다 , 정말 !\n", "<|tell|>으로 ", "한 don 't😀", "끝<|endoftext|>"]:
        assert loaded(text)["input_ids"] == tokenizer.encode(text).ids
        assert loaded.decode(loaded(text)["input_ids"]) == text
    assert loaded.eos_token_id == loaded.pad_token_id == 2
    assert loaded.bos_token is None
    assert set(loaded("영화")) == {"input_ids", "attention_mask"}


def test_same_bytes_whatever_the_number_of_workers(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for workers in "12":
        monkeypatch.setenv("POLYGLOT_WORKERS", workers)
        made(project)
        found = [*sorted((project / paths.TOKENIZER).iterdir()), project / paths.TOKENIZER_CARD]
        written.append({file.name: file.read_bytes() for file in found})
    assert written[0] == written[1]
    assert set(written[0]) == {"tokenizer.json", "tokenizer_config.json", "tokenizer_card.json"}


def test_tracker_gets_the_files_of_the_tokenizer(project: Path, tmp_path: Path) -> None:
    folders = (paths.MASK, paths.TOKENIZER, paths.TOKENIZER_CARD)
    build(PARAMS, Progress(None), Tracker(tmp_path), *(project / folder for folder in folders))
    kept = tmp_path / "artifacts"
    assert (kept / "tokenizer" / "tokenizer.json").is_file()
    assert (kept / "tokenizer_card.json").is_file()


def test_tokens_of_extra_kinds_come_last_and_change_no_other_id(
    tokenizer: Tokenizer, project: Path
) -> None:
    assert {masked([kind])[-1] for kind in KINDS} >= {
        kind.token for kind in KINDS.values() if kind.optional
    }
    larger = made(project, replace(PARAMS, extra_kinds=["plate", "email"]))
    ids = {token: id_ for token, id_ in larger.get_vocab().items() if id_ < 330}
    assert ids == tokenizer.get_vocab()
    assert [larger.token_to_id(token) for token in ("<|plate|>", "<|email|>")] == [330, 331]
    assert larger.get_vocab_size() == 332
    assert 331 in larger.encode("메일<|email|>으로").ids
    assert 331 not in larger.encode("메일<| email |>으로").ids
    special = files.read_json(project / paths.TOKENIZER_CARD)["special_tokens"]
    assert special["<|rrn|>"] == 329
    assert special["<|plate|>"] == 330


def test_vocabulary_that_the_text_cannot_fill(project: Path) -> None:
    assert 330 < len(fullest(project, PARAMS).get_vocab()) < 9_000


def test_merges_stay_within_morphemes_if_asked_to(project: Path) -> None:
    assert len(fullest(project, replace(PARAMS, morphemes=False)).encode(" 영화를").ids) == 1
    assert len(fullest(project, PARAMS).encode(" 영화를").ids) == 2


def test_card_tells_what_the_corpus_shows(project: Path) -> None:
    tokenizer = made(project)
    texts = [document.text for document in documents.read(project / paths.MASK / "documents")]
    ids = [id_ for text in texts for id_ in tokenizer.encode(text).ids]
    size = sum(len(text.encode()) for text in texts)
    card = files.read_json(project / paths.TOKENIZER_CARD)
    assert card["fingerprint"] == files.sha256(project / paths.TOKENIZER / "tokenizer.json")
    assert card["special_tokens"]["<|rrn|>"] == card["vocab_size"] - 1 == 329
    assert (card["sample_documents"], card["sample_bytes"]) == (len(texts), size)
    assert card["bytes_per_token"] == size / len(ids)
    assert card["tokens_per_eojeol"] == len(ids) / len(" ".join(texts).split())
    assert card["unused_entries"] == 330 - len(set(ids))


def test_sample_is_a_like_share_of_every_source(project: Path) -> None:
    made(project, replace(PARAMS, vocab_size=300, sample_bytes=10_000))
    assert 8_000 < files.read_json(project / paths.TOKENIZER_CARD)["sample_bytes"] < 12_000
    for source in ("news", "books"):
        ids = [f"{source}/a#{number}" for number in range(10_000)]
        small, large = ({i for i in ids if drawn(i, share)} for share in (0.1, 0.3))
        assert 900 < len(small) < 1_100
        assert small < large


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"vocab_size": 65_536}, "vocab_size is 65,536: .* and 65,535"),
        ({"vocab_size": 262}, "vocab_size is 262: .* between 263"),
        ({"sample_bytes": 0}, "sample_bytes is 0"),
        ({"sample_bytes": 10**11}, "sample_bytes is 100,000,000,000"),
    ],
)
def test_impossible_parameters(project: Path, change: dict[str, int], sentence: str) -> None:
    with pytest.raises(PolyglotError, match=sentence):
        made(project, replace(PARAMS, **change))


def test_no_documents(tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match="holds no documents"):
        made(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_card_counts_by_source_and_shows_pieces(tokenizer: Tokenizer, masked: Path) -> None:
    card = files.read_json(masked / paths.TOKENIZER_CARD)
    sources = card["sources"].values()
    for figure, of_all in (("documents", "sample_documents"), ("bytes", "sample_bytes")):
        assert sum(source[figure] for source in sources) == card[of_all]
    assert card["crossing_share"] < 0.05  # merges of one morpheme can fit over the end of another
    assert len(card["longest"]) == 20
    for sentence in card["pieces"]:
        assert len(tokenizer.encode("".join(sentence)).ids) >= len(sentence)
    assert any("<|tell|>" in sentence for sentence in card["pieces"])


def test_the_tokenizer_of_a_model_is_taken_byte_for_byte(project: Path, tmp_path: Path) -> None:
    made(project)
    model = (project / paths.TOKENIZER).rename(tmp_path / "model")
    made(project, replace(PARAMS, min_frequency=50, reuse=str(model)))
    file = paths.TOKENIZER / "tokenizer.json"
    assert (project / file).read_bytes() == (model / "tokenizer.json").read_bytes()
    card = files.read_json(project / paths.TOKENIZER_CARD)
    assert card["fingerprint"] == files.sha256(model / "tokenizer.json")
    with pytest.raises(PolyglotError, match=r"has 330 entries, .* asks for 340"):
        made(project, replace(PARAMS, vocab_size=340, reuse=str(model)))
