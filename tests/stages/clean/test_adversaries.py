"""Texts made to explode: each is read in time that grows as the text does, or it never ends."""

import pytest
from datatrove.data import Document

from runtime.ledger import Ledger
from stages.clean import CleanParams, all_filters, all_repairs

N = 300_000
ADVERSARIES = {
    "open comments": "<!--" * N,
    "open scripts": "<script>" * N,
    "open tags": "<a href=" * N,
    "attributes that never end": "<a " + "=" * N,
    "declarations": "<!DOCTYPE " * N,
    "capital tags": "<A>" * N,
    "nested tags": "<" * N + "b>" * N,
    "ampersands": "&amp;" * N,
    "ampersands escaped again and again": "&" + "amp;" * N,
    "ampersands in digits": "&" + "#38;" * N,
    "laughter": "ㅋ" * N,
    "laughter of two": "하호" * N,
    "laughter and digits": "1ㅋ" * N,
    "spaces": " " * N + "끝",
    "empty lines": "\n " * N + "끝",
    "one word": "가나다라마바사" * N,
    "one word of many": "".join(chr(0xAC00 + i * i % 11_171) for i in range(N)),
    "one line": "가나다 라마바사 " * N,
    "braces": "a{b:c;" * N,
    "an open rule": "a{" + "b:c;" * N + "가",
    "selectors": "a.b " * N,
    "calls": "$(" * N,
    "mails": "a.b-c@" * N,
    "bars": "로그인 | " * N,
    "words of a menu": "로그인\n" * N,
    "mojibake": "ì\x98\x81í\x99\x94" * (N // 10),
    "latin": "é ü ñ " * N,
    "hanja": "媛쁺" * N,
    "symbols": "♥☆" * N,
    "joiners": "\u200b\u200d" * N,
    "marks": "가" + "\u0301" * 1_000,
}


@pytest.mark.parametrize("text", ADVERSARIES.values(), ids=ADVERSARIES)
def test_an_adversary_is_done_with(clean_params: CleanParams, text: str) -> None:
    document = Document(text=text, id="")
    for repair in all_repairs(clean_params, Ledger("clean")):
        document.text = repair.repair(document.text)
    verdicts = [rule.filter(document) for rule in all_filters(clean_params, Ledger("clean"), None)]
    assert len(document.text) <= len(text)
    assert len(verdicts) == 7
