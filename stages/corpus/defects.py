"""What is wrong with real text, planted one defect a record."""

import re
from dataclasses import replace
from random import Random

from stages.corpus.records import Record

TEXT_DEFECTS = ("empty", "html", "spaces", "repeats")
RUNS = ("ㅋ", "ㅎ", "ㅠ", "!", "?", "~", ".", "ㅋㅋㄹㅃㅃ", "와", "ㅜㅜ")
HTML = (
    "<p>{}</p>",
    "<br/>{}<br />",
    '<div class="content">{}</div>',
    "<b>{}</b>",
    '<a href="https://example.com/view?id=12&amp;page=3">{}</a>',
    "&lt;{}&gt;",
    "&quot;{}&quot;",
    "&nbsp;&nbsp;{}",
    "<!-- 광고 -->{}<script>var ad = 1;</script>",
)


def spoil(rng: Random, record: Record, defect: str) -> Record:
    """``record`` with the ``defect`` in its text; no line is added or removed.

    Must come before numbers are planted: it does not keep their places.
    """
    text = {"empty": _empty, "html": _html, "spaces": _spaces, "repeats": _repeats}[defect](
        rng, record.text
    )
    return replace(record, text=text, defect=defect)


def _empty(rng: Random, text: str) -> str:
    return rng.choice(["", " ", "   "])


def _html(rng: Random, text: str) -> str:
    """Entities for some of the spaces, and tags or entities around every line."""
    spaced = re.sub(" ", lambda _: rng.choice([" "] * 9 + ["&nbsp;"]), text)
    return "\n".join(rng.choice(HTML).format(line) for line in spaced.split("\n"))


def _spaces(rng: Random, text: str) -> str:
    runs = re.sub(" ", lambda _: " " * (rng.randint(5, 30) if rng.random() < 0.3 else 1), text)
    return runs + " " * rng.randint(8, 40)


def _repeats(rng: Random, text: str) -> str:
    """A run of 6 to 40 signs glued to the end of every sentence that gets one, at least one."""
    sentences = re.split(r"(?<=[.!?]) ", text)
    spoiled = {rng.randrange(len(sentences)) for _ in range(2)}
    for index in spoiled:
        sentences[index] += rng.choice(RUNS) * rng.randint(6, 40)
    return " ".join(sentences)


def broken_utf8(rng: Random, line: bytes) -> bytes:
    """``line`` with one Hangul syllable cut short, or with a byte that UTF-8 never has."""
    syllables = [match.start() for match in re.finditer(rb"[\xea-\xed][\x80-\xbf]{2}", line)]
    at = rng.choice(syllables) + 2
    return line[:at] + rng.choice([b"", b"\xff"]) + line[at + 1 :]


def broken_json(rng: Random, line: bytes) -> bytes:
    """``line`` ending early, as after a full disk; still valid UTF-8."""
    text = line.decode()
    return text[: rng.randint(len(text) // 3, len(text) - 2)].encode()
