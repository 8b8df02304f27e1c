"""Invented personal numbers, numbers that only look personal, and sentences that carry them."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from stages.corpus import lexicon
from stages.corpus.grammar import Grammar
from stages.corpus.korean import fill
from stages.corpus.records import Record, Span

AREA_CODES = ("02", "031", "032", "033", "041", "042", "043", "051", "052", "053", "062", "063")
RRN_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)  # 주민등록법 시행규칙 제2조

# how banks group the digits of an account; a letter-free part is printed as it is
ACCOUNTS = {
    "국민은행": "######-04-######",
    "신한은행": "110-###-######",
    "우리은행": "1002-###-######",
    "하나은행": "###-######-#####",
    "농협은행": "301-####-####-##",
    "기업은행": "###-######-01-###",
    "카카오뱅크": "3333-##-#######",
    "토스뱅크": "1000-####-####",
    "새마을금고": "9002-####-####-#",
}


def digits(rng: Random, pattern: str) -> str:
    """``pattern`` with a random digit for every ``#``."""
    return "".join(str(rng.randrange(10)) if sign == "#" else sign for sign in pattern)


def phone(rng: Random) -> str:
    """A mobile or landline number in one of the forms people write."""
    mobile = rng.choice(
        [
            "010-#-####",
            "010-#-####",
            "010#####",
            "010 # ####",
            "010.#.####",
            "010/#/####",
            "010 - # - ####",
            "+82-10-#-####",
            "+82 10-#-####",
        ]
    )
    if rng.random() < 0.75:
        first = str(rng.randint(2, 9)) + digits(rng, "###")
        return digits(rng, mobile.replace("#", first, 1))
    exchange = digits(rng, rng.choice(["###", "####"]))
    area, first = rng.choice(AREA_CODES), str(rng.randint(2, 9))
    form = rng.choice(["{}-{}-{}", "{}-{}-{}", "({}){}-{}", "{}) {}-{}", "{} {} {}"])
    return form.format(area, first + exchange[1:], digits(rng, "####"))


def rrn(rng: Random) -> str:
    """A resident registration number of a real date and a wrong check digit: nobody's.

    Most have a hyphen.
    """
    year, gender = rng.randint(1940, 2009), rng.randint(1, 2)
    century = gender if year < 2000 else gender + 2
    born = f"{year % 100:02}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = f"{born}{century}{digits(rng, '#####')}"
    check = (11 - sum(w * int(d) for w, d in zip(RRN_WEIGHTS, body, strict=True)) % 11) % 10
    joint = rng.choice(["-", "-", "-", "-", "-", " - ", " ", ""])
    return f"{born}{joint}{body[6:]}{(check + rng.randint(1, 9)) % 10}"


def account(rng: Random, bank: str) -> str:
    """An account number as ``bank`` groups it; one in five without hyphens."""
    number = digits(rng, ACCOUNTS[bank])
    return number.replace("-", "") if rng.random() < 0.2 else number


def _date(rng: Random) -> str:
    year, month, day = rng.randint(1998, 2024), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice(
        [f"{year}-{month:02}-{day:02}", f"{year}.{month:02}.{day:02}", f"{year}{month:02}{day:02}"]
    )


def _price(rng: Random) -> str:
    amount = rng.randint(10, 999_999) * 100
    return rng.choice([f"{amount:,}", str(amount)])


def _version(rng: Random) -> str:
    return ".".join(str(rng.randint(0, 30)) for _ in range(rng.randint(3, 4)))


def _order(rng: Random) -> str:
    """Shop and parcel numbers, among them one that ends like a resident registration number."""
    day = _date(rng).replace("-", "").replace(".", "")
    return rng.choice([f"{day}-{digits(rng, '#######')}", digits(rng, "5##########")])


LOOKALIKES: dict[str, Callable[[Random], str]] = {
    "date": _date,
    "price": _price,
    "version": _version,
    "order": _order,
}


def plant(grammar: Grammar, record: Record, personal: bool) -> Record:
    """``record`` with one or two sentences that carry a number, at the start or end of a line."""
    for _ in range(grammar.rng.randint(1, 2)):
        record = _plant_one(grammar, record, personal)
    return record


def _plant_one(grammar: Grammar, record: Record, personal: bool) -> Record:
    rng = grammar.rng
    templates = lexicon.load("numbers")["personal" if personal else "lookalike"]
    kind = rng.choice(list(templates))
    bank = rng.choice(list(ACCOUNTS))
    makers = LOOKALIKES | {"phone": phone, "rrn": rrn, "account": lambda rng: account(rng, bank)}
    number = makers[kind](rng)
    values = {"number": number, "bank": bank, "person": rng.choice(grammar.names.people)}
    sentence = fill(rng.choice(templates[kind]), values)

    lines = record.text.split("\n")
    line = rng.choice([index for index, text in enumerate(lines) if text.strip()])
    start = sum(len(text) + 1 for text in lines[:line])
    if rng.random() < 0.5:
        at, addition = start, sentence + " "
    else:
        at, addition = start + len(lines[line]), " " + sentence
    number_at = at + addition.index(number)
    span = Span(kind, number, number_at, number_at + len(number))
    record = record.insert(at, addition)
    if personal:
        return replace(record, personal=[*record.personal, span])
    return replace(record, lookalikes=[*record.lookalikes, span])
