"""The card of a tokenizer: the figures a reader asks for first."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from runtime import files
from stages.tokenizer.measure import Count, crossing, longest, measured, pieces
from stages.tokenizer.morphemes import Morphemes
from stages.tokenizer.params import TokenizerParams
from stages.tokenizer.special import FIRST, masked

LONGEST = 20  # entries shown
MARKED = 2_000  # texts that MeCab looks at
SENTENCES = (  # made up, of several kinds of text
    "정부는 내년부터 새로운 제도를 시행한다고 밝혔다.",
    "이 영화 진짜 재밌어요ㅋㅋㅋ 강추합니다!",
    "한국어 언어 모델을 학습시키려면 많은 데이터가 필요하다.",
    "연락처는 <|tell|>으로, 입금은 <|acc|>로 부탁드립니다.",
    "2023년 1월 15일 GPU 256개로 학습했다.",
)


def card(
    tokenizer: Tokenizer,
    folder: Path,
    texts: Iterable[tuple[str, str]],
    some: Iterable[str],
    params: TokenizerParams,
) -> dict[str, Any]:
    """The card of the tokenizer saved in ``folder``, measured on the text it was learned from.

    ``texts`` come after the names of their sources; the share of tokens that cross a morpheme
    boundary is that of ``some``, at most ``MARKED`` of them.
    """
    measure = measured(tokenizer, texts)
    total = measure.total
    special = (*FIRST, *masked(params.extra_kinds))
    marked = islice(some, MARKED)
    return {
        "vocab_size": tokenizer.get_vocab_size(),
        "fingerprint": files.sha256(folder / "tokenizer.json"),
        "special_tokens": {token: tokenizer.token_to_id(token) for token in special},
        "morphemes": params.morphemes,
        "sample_documents": total.documents,
        "sample_bytes": total.bytes,
        "bytes_per_token": total.bytes_per_token,
        "tokens_per_eojeol": total.tokens_per_eojeol,
        "crossing_share": crossing(tokenizer, marked, Morphemes(params.extra_kinds)),
        "unused_entries": int((~measure.used).sum()),
        "sources": {name: _of(count) for name, count in sorted(measure.sources.items())},
        "longest": longest(tokenizer, LONGEST),
        "pieces": [pieces(tokenizer, sentence) for sentence in SENTENCES],
    }


def _of(count: Count) -> dict[str, float]:
    return asdict(count) | {
        "bytes_per_token": count.bytes_per_token,
        "tokens_per_eojeol": count.tokens_per_eojeol,
    }
