"""Cases: texts with the numbers in them that are to be masked, and their places."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.masking import lookalikes, numbers
from benchmarks.masking.lookalikes import LOOKALIKES

USUAL = ("phone", "rrn", "account")


@dataclass(frozen=True)
class Span:
    kind: str
    start: int  # characters
    end: int


@dataclass(frozen=True)
class Case:
    text: str
    spans: tuple[Span, ...]  # empty: nothing is to be masked
    form: str  # what was planted


# {n} is the number, {b} a bank, {p} a person; {x} some prose.
NEUTRAL = [
    "{x} {n} {x}",
    "{n}입니다.",
    "{x} {n}으로 해 주세요.",
    "{n}로 {x}",
    "[{n}]",
    "{p} {n}",
    "{p}({n}) 씨가 {x}",
    "<td>{n}</td><td>{p}</td>",
    '{{"name": "{p}", "value": "{n}"}}',
    "{p}\t{n}\t서울",
    "- 이름: {p}\n- 번호: {n}\n- {x}",
    "{x}\n{n}\n{x}",
    "{x} ({n})",
    "“{n}” 이라고 적혀 있었다.",
    "{n}, {x}",
    "{x}:{n}",
    "*{n}*",
    "{n}은 제 번호가 아니에요.",
    "{x}|{n}|{p}",
]
SAID = {
    "phone": [
        "연락처는 {n}입니다.",
        "전화:{n}",
        "문의 {n}로 주세요",
        "☎{n}",
        "Tel. {n} / {x}",
        "휴대폰 번호 {n}으로 문자 주세요",
        "급처합니다 {n} 연락주세요",
        "{p}님연락처{n}이에요",
        "HP : {n}",
        "T.{n}",
        "<p>전화번호: {n}</p>",
        "팩스 {n}, {x}",
        "예약은{n}으로",
        "[문의] {n} ({p})",
    ],
    "rrn": [
        "주민등록번호 {n}",
        "주민번호는 {n}이에요.",
        "주민번호:{n}",
        "{p} (주민등록번호 {n})",
        "성명 {p} 주민등록번호 {n} 주소 서울",
        "외국인등록번호 {n}번",
        "생년월일/주민번호\n{n}",
        "민증 번호 {n}으로 인증",
    ],
    "account": [
        "{b} {n}",
        "{b} {n} {p}",
        "{b} {n} 예금주 {p}",
        "{b}:{n}({p})",
        "계좌번호는 {b} {n}입니다.",
        "계좌: {b} {n}",
        "{b} {n}으로 입금해 주세요.",
        "{n} ({b})",
        "{n} {b} {p}",
        "입금 계좌 {n}",
        "송금은 {n}로 부탁드려요",
        "후원계좌 : {b} {n} (예금주: {p})",
        "[{b}] {n}",
        "{b}은행계좌 {n}이에요",
        "회비는{b} {n}으로보내주세요",
        "무통장입금 {b} / {n} / {p}",
    ],
}
EXTRA_SAID = {
    "email": [
        "메일은 {n}입니다.",
        "{n}으로 보내 주세요",
        "E-mail: {n}",
        "<{n}>",
        "{p} {n} {x}",
        "이메일:{n}",
    ],
    "card": [
        "카드번호 {n}",
        "{n} 카드로 결제",
        "신용카드 {n}입니다",
        "체크카드:{n}",
        "결제 카드 {n} ({p})",
    ],
    "passport": ["여권번호 {n}", "여권번호: {n} ({p})", "여권 {n}으로 출국", "Passport No. {n}"],
    "licence": ["운전면허번호 {n}", "면허번호: {n}", "{p} 운전면허 {n}", "면허증 {n}번"],
    "company": [
        "사업자등록번호 {n}",
        "사업자번호: {n}",
        "상호 가나상사 사업자등록번호 {n} 대표 {p}",
        "사업자등록번호 : {n}",
    ],
    "ip": [
        "접속 IP {n}",
        "아이피 {n}에서 로그인",
        "IP주소: {n}",
        "서버 주소는 {n}입니다",
        "ip {n} 차단",
    ],
    "plate": [
        "차량번호 {n}",
        "{n} 차주분",
        "차번호는 {n}입니다",
        "번호판 {n} 차량을 찾습니다",
        "주차된 {n} 차량",
    ],
}
PROSE = [
    "오늘은 비가 왔다",
    "어제 산 책을 읽는다",
    "감사합니다",
    "자세한 내용은 아래와 같습니다",
    "회의는 3시에 시작한다",
    "2023년 1월 15일",
    "참가비는 30,000원",
    "정말 재미있었어요 ㅋㅋ",
    "서울시 강남구 테헤란로 152-3",
    "많은 참여 바랍니다",
    "1학년 3반",
    "준비물을 챙겨 오세요",
]
PEOPLE = ["홍길동", "김영희", "이철수", "박민수", "최지우", "정하나", "강우리", "조국민"]


def positives(rng: Random, kind: str, count: int) -> Iterator[Case]:
    """Texts with one to three numbers of a usual kind."""
    for _ in range(count):
        parts = [_planted(rng, kind) for _ in range(rng.choice([1, 1, 1, 1, 2, 3]))]
        yield _joined(parts, rng.choice(["\n", " ", "\n\n", ". "]))


def extra_positives(rng: Random, kind: str, count: int) -> Iterator[Case]:
    """Texts with one number of a kind that is masked by choice."""
    for _ in range(count):
        number = numbers.EXTRA[kind](rng)
        yield _filled(rng, rng.choice(EXTRA_SAID[kind]), kind, number, "", kind)


def spelled(rng: Random, count: int) -> Iterator[Case]:
    """Texts with a phone number in words, and as many with words that only look like one."""
    for _ in range(count):
        template = rng.choice(SAID["phone"] + NEUTRAL)
        yield _filled(rng, template, "phone", numbers.spelled(rng), "", "spelled phone")
        text = rng.choice(["{}", "{x} {}", "{} {x}", "({})"]).replace("{x}", rng.choice(PROSE))
        yield Case(text.replace("{}", lookalikes.spelled(rng)), (), "spelled lookalike")


def negatives(rng: Random, count: int, without: tuple[str, ...] = ()) -> Iterator[Case]:
    """Texts without any number of a person, category after category."""
    names = [name for name in LOOKALIKES if name not in without]
    for place in range(count):
        name = names[place % len(names)]
        text = rng.choice(["{}", "{x} {}", "{} {x}", "{x}\n{}", "({})", "{}, {x}", "- {}"])
        text = text.replace("{}", LOOKALIKES[name](rng)).replace("{x}", rng.choice(PROSE))
        yield Case(text, (), name)


def _planted(rng: Random, kind: str) -> Case:
    if kind == "phone":
        make = rng.choice([numbers.mobile] * 5 + [numbers.landline] * 4 + [numbers.abroad])
        number = make(rng)
        templates = NEUTRAL if rng.random() < 0.5 else SAID["phone"]
        if number[0] not in "(（" and ")" in number.replace("）", ")"):  # whose brackets were they?
            templates = [template for template in templates if "({n}" not in template]
        return _filled(rng, rng.choice(templates), kind, number, "", make.__name__)
    if kind == "rrn":
        make = rng.choice(
            [numbers.resident] * 6 + [numbers.bare_resident] * 2 + [numbers.starred_resident] * 2
        )
        number = make(rng)
        templates = NEUTRAL if rng.random() < 0.5 else SAID["rrn"]
        if "*" in number:
            templates = [template for template in templates if "*{n}" not in template]
        return _filled(rng, rng.choice(templates), kind, number, "", make.__name__)
    bank, number, clear = numbers.account(rng)
    template = rng.choice(NEUTRAL if clear and rng.random() < 0.4 else SAID["account"])
    hyphens = "with hyphens" if "-" in number else "without hyphens"
    return _filled(rng, template, kind, number, bank, f"account {hyphens}")


def _filled(rng: Random, template: str, kind: str, number: str, bank: str, form: str) -> Case:
    before, after = (
        part.replace("{x}", rng.choice(PROSE))
        .replace("{p}", rng.choice(PEOPLE))
        .replace("{b}은행", bank if bank.endswith("은행") else f"{bank}은행")
        .replace("{b}", bank)
        .replace("{{", "{")
        .replace("}}", "}")
        for part in template.split("{n}")
    )
    return Case(
        f"{before}{number}{after}", (Span(kind, len(before), len(before) + len(number)),), form
    )


def _joined(parts: list[Case], by: str) -> Case:
    text, spans = "", []
    for part in parts:
        text += by if text else ""
        spans += [Span(s.kind, s.start + len(text), s.end + len(text)) for s in part.spans]
        text += part.text
    return Case(text, tuple(spans), parts[0].form)
