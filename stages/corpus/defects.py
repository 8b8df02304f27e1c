"""What is wrong with real text, planted one defect a record."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from random import Random

from stages.corpus import lexicon
from stages.corpus.grammar import Grammar
from stages.corpus.records import Record

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
INVISIBLE = ("\u200b", "\ufeff", "\u00ad", "\u200e", "\x7f")  # XML can hold them, too


def spoil(grammar: Grammar, record: Record, defect: str) -> Record:
    """``record`` with the ``defect`` in its text.

    Must come before numbers are planted: it does not keep their places.
    """
    return replace(record, text=TEXT[defect](grammar, record.text), defect=defect)


def _empty(grammar: Grammar, text: str) -> str:
    return grammar.rng.choice(["", " ", "   "])


def _short(grammar: Grammar, text: str) -> str:
    return grammar.rng.choice(lexicon.load("flaws")["short"])


def _html(grammar: Grammar, text: str) -> str:
    """Entities for some of the spaces, and tags or entities around every line."""
    rng = grammar.rng
    spaced = re.sub(" ", lambda _: rng.choice([" "] * 9 + ["&nbsp;"]), text)
    return "\n".join(rng.choice(HTML).format(line) for line in spaced.split("\n"))


def _spaces(grammar: Grammar, text: str) -> str:
    rng = grammar.rng
    runs = re.sub(" ", lambda _: " " * (rng.randint(5, 30) if rng.random() < 0.3 else 1), text)
    return runs + " " * rng.randint(8, 40)


def _repeats(grammar: Grammar, text: str) -> str:
    """A run of 6 to 40 signs glued to the end of every sentence that gets one, at least one."""
    rng = grammar.rng
    sentences = re.split(r"(?<=[.!?]) ", text)
    spoiled = {rng.randrange(len(sentences)) for _ in range(2)}
    for index in spoiled:
        sentences[index] += rng.choice(RUNS) * rng.randint(6, 40)
    return " ".join(sentences)


def _foreign(grammar: Grammar, text: str) -> str:
    return _flaw(grammar, "foreign")


def _symbols(grammar: Grammar, text: str) -> str:
    """A word or two in ornaments."""
    rng = grammar.rng
    signs = rng.choices(lexicon.load("flaws")["signs"], k=rng.randint(4, 8))
    ornament = "".join(sign * rng.randint(2, 5) for sign in signs)
    return f"{ornament} {text.split()[0]} {ornament[::-1]}"


def _spaced_out(grammar: Grammar, text: str) -> str:
    """E v e r y letter by itself."""
    return "\n".join(" ".join(line.replace(" ", "")) for line in text.split("\n"))


def _mojibake(grammar: Grammar, text: str) -> str:
    """UTF-8 or EUC-KR read as a western encoding."""
    raw = text.encode(grammar.rng.choice(["utf-8", "euc-kr"]), "replace")
    return "".join(_western(byte) for byte in raw)


def _western(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:  # five bytes have no character there; browsers take Latin-1's
        return chr(byte)


def _control(grammar: Grammar, text: str) -> str:
    """Invisible characters behind some of the letters."""
    rng = grammar.rng
    hidden = [letter + rng.choice(INVISIBLE) * (rng.random() < 0.1) for letter in text]
    return "".join(hidden) + INVISIBLE[0]


def _decomposed(grammar: Grammar, text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _repeated_phrase(grammar: Grammar, text: str) -> str:
    """The first words over and over, as spam has it."""
    phrase = " ".join(text.split()[:4])
    return " ".join([text, *[phrase] * grammar.rng.randint(15, 30)])


def _boilerplate(grammar: Grammar, text: str) -> str:
    """Lines of the site's own below the text."""
    count = grammar.rng.randint(1, 3)
    return "\n".join([text, *(_flaw(grammar, "boilerplate") for _ in range(count))])


def _code(grammar: Grammar, text: str) -> str:
    """Lines of scripts and style sheets amid the text."""
    lines = text.split("\n")
    for _ in range(grammar.rng.randint(2, 4)):
        lines.insert(grammar.rng.randint(1, len(lines)), _flaw(grammar, "code"))
    return "\n".join(lines)


def _bullets(grammar: Grammar, text: str) -> str:
    """Nothing but a list: a sentence an item."""
    bullet = grammar.rng.choice(lexicon.load("flaws")["bullets"])
    sentences = re.split(r"(?<=[.!?])\s+|\n+", text)
    return "\n".join(f"{bullet}{sentence}" for sentence in sentences)


def _repeated_line(grammar: Grammar, text: str) -> str:
    lines = text.split("\n")
    at = grammar.rng.randrange(len(lines))
    return "\n".join([*lines[:at], *[lines[at]] * grammar.rng.randint(8, 20), *lines[at:]])


def _repeated_paragraphs(grammar: Grammar, text: str) -> str:
    return "\n\n".join([text] * grammar.rng.randint(3, 5))


def _flaw(grammar: Grammar, kind: str) -> str:
    """A line of flaws.yaml with its slots filled; braces of code stay."""
    line = grammar.rng.choice(lexicon.load("flaws")[kind])
    for slot, pool in (("company", grammar.names.companies), ("person", grammar.names.people)):
        line = line.replace(f"{{{slot}}}", grammar.rng.choice(pool))
    return line.replace("{number}", str(grammar.rng.randint(2, 998)))


Spoil = Callable[[Grammar, str], str]
GARBLED: dict[str, Spoil] = {  # little or nothing of the text can be saved
    "empty": _empty,
    "short": _short,
    "foreign": _foreign,
    "symbols": _symbols,
    "spaced_out": _spaced_out,
    "mojibake": _mojibake,
    "repeated_phrase": _repeated_phrase,
}
UNTIDY: dict[str, Spoil] = {  # the text is all there
    "html": _html,
    "spaces": _spaces,
    "repeats": _repeats,
    "control": _control,
    "decomposed": _decomposed,
}
OF_LINES: dict[str, Spoil] = {  # that only texts of many lines can have
    "boilerplate": _boilerplate,
    "code": _code,
    "bullets": _bullets,
    "repeated_line": _repeated_line,
    "repeated_paragraphs": _repeated_paragraphs,
}
TEXT = GARBLED | UNTIDY | OF_LINES
BYTES = ("broken_utf8", "broken_json")


def near_duplicate(rng: Random, record: Record) -> Record:
    """``record`` with a word or two put into a few of its sentences."""
    sentences = re.split(r"(?<=[.”]) ", record.text)
    for at in rng.sample(range(len(sentences)), max(1, len(sentences) // 6)):
        sentences[at] = f"{rng.choice(lexicon.load('flaws')['asides'])} {sentences[at]}"
    return replace(record, text=" ".join(sentences), defect="near_duplicate")


def contaminated(record: Record, task: str, item: str) -> Record:
    """``record`` with an evaluation item at its end."""
    return replace(record.insert(len(record.text), f" {item}"), task=task)


def broken_utf8(rng: Random, line: bytes) -> bytes:
    """``line`` with one Hangul syllable cut short, or with a byte that UTF-8 never has."""
    syllables = [match.start() for match in re.finditer(rb"[\xea-\xed][\x80-\xbf]{2}", line)]
    at = rng.choice(syllables) + 2
    return line[:at] + rng.choice([b"", b"\xff"]) + line[at + 1 :]


def broken_json(rng: Random, line: bytes) -> bytes:
    """``line`` ending early, as after a full disk; still valid UTF-8."""
    text = line.decode()
    return text[: rng.randint(len(text) // 3, len(text) - 2)].encode()
