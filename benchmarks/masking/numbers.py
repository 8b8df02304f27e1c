"""Invented numbers in the forms of public specifications, apart from any rule of masking.

Sources: 전기통신번호관리세칙 (phones); 주민등록법 시행규칙 제2조, 출입국관리법 시행규칙 (residents,
foreigners); 금융결제원, CMS 참가기관별 계좌번호체계 (accounts); ISO/IEC 7812-1 (cards); ICAO 9303
and 여권법 시행규칙 (passports); 도로교통법 시행규칙 (licences); 국세청 (companies); RFC 791, 4291
(IP); 자동차 등록번호판 등의 기준에 관한 고시 (plates). For ``lookalikes``: ISO 2108 (ISBN); GS1
general specifications (bar codes); 특허법 시행규칙 (patents); 사건번호 부여 예규 (court cases).
"""

from collections.abc import Callable
from random import Random

WIDE = str.maketrans("0123456789-()+.", "０１２３４５６７８９－（）＋．")
AREAS = ["02", *(f"0{a}{b}" for a, n in ((3, 3), (4, 4), (5, 5), (6, 4)) for b in range(1, n + 1))]
PHONE_GAPS = (
    ["-"] * 12 + [" "] * 4 + ["."] * 3 + ["–", "—", "/", "·", " - ", " – ", ". ", "  ", "－"]
)


def digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def shaped(rng: Random, layout: str) -> str:
    """A digit for every N of a layout."""
    return "".join(rng.choice("0123456789") if sign == "N" else sign for sign in layout)


def _exchange(rng: Random, count: int) -> str:
    return rng.choice("23456789") + digits(rng, count - 1)


def _joined(rng: Random, code: str, groups: list[str]) -> str:
    """A code and groups, parted in one of the ways that people part them, or not at all."""
    form = rng.random()
    if form < 0.12:
        return code + "".join(groups)
    if form < 0.24:
        opened = rng.choice([f"({code})", f"({code}) ", f"{code})", f"{code}) "])
        return opened + rng.choice(["-", " ", "–"]).join(groups)
    gap = rng.choice(PHONE_GAPS)
    mixed = rng.choice(["-", " ", "."]) if rng.random() < 0.1 else gap
    return code + gap + mixed.join(groups)


def mobile(rng: Random) -> str:
    code = rng.choice(["010"] * 8 + ["011", "016", "017", "018", "019"])
    length = 4 if code == "010" else rng.choice([3, 4])
    return _wide(rng, _joined(rng, code, [_exchange(rng, length), digits(rng, 4)]))


def landline(rng: Random) -> str:
    code = rng.choice(AREAS + ["02"] * 8 + ["070"] * 3 + ["080", "0502", "0505", "0507", "0508"])
    length = 4 if code in ("070",) else rng.choice([3, 4])
    return _wide(rng, _joined(rng, code, [_exchange(rng, length), digits(rng, 4)]))


def abroad(rng: Random) -> str:
    country = rng.choice(["+82", "+82", "+82 ", "82-", "0082-", "(+82)", "+82-"])
    code = rng.choice(["10", "10", "10", "2", "31", "51", "70", "(0)10", "0505"])
    gap = rng.choice(["-", "-", " ", "."])
    first = "" if country[-1] in "- )" else gap
    if country == "+82" and code == "10" and rng.random() < 0.3:
        return f"+8210{digits(rng, 8)}"
    return f"{country}{first}{code}{gap}{_exchange(rng, 4)}{gap}{digits(rng, 4)}"


def words(rng: Random, number: str) -> str:
    """Digits read aloud, one by one."""
    readings = dict(zip("123456789", "일이삼사오육칠팔구", strict=True)) | {"0": rng.choice("공영")}
    return "".join(readings.get(sign, sign) for sign in number)


def spelled(rng: Random) -> str:
    """A mobile number of which all digits, a group, or some are words."""
    code = rng.choice(["010"] * 8 + ["011", "016", "017", "018", "019"])
    groups = [code, _exchange(rng, 4 if code == "010" else rng.choice([3, 4])), digits(rng, 4)]
    form = rng.random()
    if form < 0.6:
        groups = [words(rng, group) for group in groups]
    elif form < 0.8:
        place = rng.randrange(3)
        groups[place] = words(rng, groups[place])
    else:
        groups[2] = words(rng, groups[2][:2]) + groups[2][2:]
    return rng.choice(["", " ", " ", "-", "."]).join(groups)


def _wide(rng: Random, number: str) -> str:
    return number.translate(WIDE) if rng.random() < 0.04 else number


def birth(rng: Random) -> tuple[str, int]:
    """Year, month and day in six digits, and the year."""
    year, month = rng.randint(1930, 2023), rng.randint(1, 12)
    return f"{year % 100:02}{month:02}{rng.randint(1, 28):02}", year


def _sex(rng: Random, year: int) -> str:
    foreign = rng.random() < 0.15
    return str(rng.choice([1, 2]) + (2 if year >= 2000 else 0) + (4 if foreign else 0))


def resident(rng: Random) -> str:
    born, year = birth(rng)
    gap = rng.choice(["-"] * 10 + [" - ", "–", "－", " ", "- "])
    if rng.random() < 0.02:
        return f"{born[:2]}{born[2:]}-{rng.choice('90')}{digits(rng, 6)}"
    number = f"{born}{gap}{_sex(rng, year)}{digits(rng, 6)}"
    return _wide(rng, number)


def bare_resident(rng: Random) -> str:
    born, year = birth(rng)
    return f"{born}{_sex(rng, year)}{digits(rng, 6)}"


def starred_resident(rng: Random) -> str:
    born, year = birth(rng)
    star = rng.choice("*****●○xX")
    shown = rng.choice([0, 0, 0, 0, 1, 2])
    return f"{born}-{_sex(rng, year)}{digits(rng, shown)}{star * (6 - shown)}"


# Bank: how people call it, layouts that are written with hyphens.
BANKS: dict[str, tuple[list[str], list[str]]] = {
    "KB": (["국민은행", "KB국민은행", "국민", "KB국민"], ["NNNNNN-NN-NNNNNN", "NNN-NN-NNNN-NNN"]),
    "Shinhan": (["신한은행", "신한"], ["110-NNN-NNNNNN", "140-NNN-NNNNNN", "NNN-NN-NNNNNN"]),
    "Woori": (["우리은행", "우리"], ["1002-NNN-NNNNNN", "1005-NNN-NNNNNN", "NNN-NNNNNN-NN-NNN"]),
    "Hana": (["하나은행", "KEB하나은행", "하나"], ["NNN-NNNNNN-NNNNN", "NNN-NN-NNNNN-N"]),
    "NH": (
        ["농협", "NH농협", "농협은행"],
        ["301-NNNN-NNNN-NN", "302-NNNN-NNNN-NN", "NNN-NN-NNNNNN"],
    ),
    "NH local": (["지역농협", "단위농협"], ["351-NNNN-NNNN-NN", "NNNNNN-NN-NNNNNN"]),
    "IBK": (["기업은행", "IBK기업은행", "기업"], ["NNN-NNNNNN-NN-NNN", "NNN-NN-NNNNNN-N"]),
    "KDB": (["산업은행", "KDB산업은행"], ["NNN-NN-NNNNN-N", "020-NNNNNNNN-NNN"]),
    "Suhyup": (["수협", "수협은행"], ["NNN-NN-NNNNN-N", "1010-NNNN-NNNN"]),
    "SC": (["SC제일은행", "제일은행"], ["NNN-NN-NNNNNN", "NNN-NN-NNNNNNNNN"]),
    "Citi": (["씨티은행", "한국씨티은행"], ["NNN-NNNNN-NNN-NN", "NNN-NNNNNN-NNN"]),
    "iM": (["iM뱅크", "대구은행"], ["508-NN-NNNNNN-N", "NNN-NN-NNNNNN-NNN"]),
    "Busan": (["부산은행", "BNK부산은행"], ["101-NNNN-NNNN-NN", "NNN-NN-NNNNNN-N"]),
    "Kyongnam": (["경남은행"], ["207-NNNN-NNNN-NN", "NNN-NN-NNNNNNN"]),
    "Gwangju": (["광주은행"], ["NNN-107-NNNNNN", "1107-NNN-NNNNNN"]),
    "Jeonbuk": (["전북은행"], ["1013-NN-NNNNNNN", "NNN-13-NNNNNNN"]),
    "Jeju": (["제주은행"], ["700-NNNNNN-NNN", "NN-01-NNNNNN"]),
    "MG": (["새마을금고", "MG새마을금고"], ["9002-NNNN-NNNN-N", "NNNN-09-NNNNNN-N"]),
    "Shinhyup": (["신협"], ["131-NNN-NNNNNN", "132-NNN-NNNNNN"]),
    "post": (["우체국"], ["NNNNNN-02-NNNNNN"]),
    "K bank": (["케이뱅크", "K뱅크"], ["100-1NN-NNNNNN", "100-2NN-NNNNNN"]),
    "Kakao": (["카카오뱅크", "카뱅"], ["3333-NN-NNNNNNN", "7979-NN-NNNNNNN", "3355-NN-NNNNNNN"]),
    "Toss": (["토스뱅크"], ["1000-NNNN-NNNN", "1001-NNNN-NNNN"]),
}
# These have no peculiar form: a word beside them must say what they are.
UNCLEAR = ("1010-NNNN-NNNN", "NN-01-NNNNNN")


def account(rng: Random) -> tuple[str, str, bool]:
    """A name of a bank, an account of it, and whether it is clear without a word beside it."""
    names, layouts = BANKS[rng.choice(list(BANKS))]
    layout = rng.choice(layouts)
    number = shaped(rng, layout)
    while number.startswith("01") and layout.startswith("N"):  # a phone to any reader
        number = shaped(rng, layout)
    form = rng.random()
    if form < 0.3:
        return rng.choice(names), number.replace("-", ""), False
    if form < 0.36:
        return rng.choice(names), number.replace("-", rng.choice([" ", "."])), False
    if form < 0.42:
        number = number.replace("-", rng.choice([" - ", "–", "－"]))
    return rng.choice(names), _wide(rng, number), layout not in UNCLEAR


def _luhn(body: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def card(rng: Random) -> str:
    if rng.random() < 0.1:
        number = _luhn(rng.choice(["34", "37"]) + digits(rng, 12))
        return "-".join([number[:4], number[4:10], number[10:]])
    body = rng.choice(["4", "51", "55", "2223", "3530", "62", "9490", "5409"])
    number = _luhn(body + digits(rng, 15 - len(body)))
    gap = rng.choice(["-", "-", " ", ""])
    return gap.join(number[place : place + 4] for place in range(0, 16, 4))


def email(rng: Random) -> str:
    name = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 9)))
    name += rng.choice(["", digits(rng, 2), "." + name[:3], "_" + digits(rng, 4)])
    host = rng.choice(
        ["naver.com", "gmail.com", "hanmail.net", "snu.ac.kr", "corp.co.kr", "kakao.com"]
    )
    return f"{name}@{host}"


def passport(rng: Random) -> str:
    letter = rng.choice("MMMMSRGD")
    return letter + rng.choice(
        [digits(rng, 8), digits(rng, 3) + rng.choice("ABCDEFGH") + digits(rng, 4)]
    )


def licence(rng: Random) -> str:
    if rng.random() < 0.15:
        return rng.choice(["서울", "경기", "부산"]) + shaped(rng, " NN-NNNNNN-NN")
    return f"{rng.randint(11, 28)}-" + shaped(rng, "NN-NNNNNN-NN")


def company(rng: Random) -> str:
    body = f"{rng.randint(101, 999)}{rng.randint(1, 99):02}{digits(rng, 4)}"
    total = sum(int(d) * w for d, w in zip(body, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
    number = body + str((10 - (total + int(body[8]) * 5 // 10) % 10) % 10)
    return f"{number[:3]}-{number[3:5]}-{number[5:]}"


def ip(rng: Random) -> str:
    if rng.random() < 0.15:
        return ":".join(f"{rng.randrange(65536):x}" for _ in range(8))
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))


def plate(rng: Random) -> str:
    syllable = rng.choice("가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주허하호")
    region = rng.choice(["", "", "", "서울 ", "경기 "])
    front = (
        digits(rng, 2)
        if region
        else rng.choice([digits(rng, 2), rng.choice("123456") + digits(rng, 2)])
    )
    return (
        f"{region}{front}{syllable}{rng.choice(['', ' '])}{rng.choice('123456789')}{digits(rng, 3)}"
    )


EXTRA: dict[str, Callable[[Random], str]] = {
    "email": email,
    "card": card,
    "passport": passport,
    "licence": licence,
    "company": company,
    "ip": ip,
    "plate": plate,
}
