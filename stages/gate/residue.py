"""A second detector of personal numbers, to look for what mask has left.

It is simpler than mask and shares nothing with it, so that the two fail in different ways: it looks
at text after Unicode's compatibility composition, knows each kind in its plainest forms, and leaves
alone what stands in a web address or is said to be the number of something else. Forms from
전기통신번호관리세칙 (phones), 주민등록법 시행규칙 (residents), ISO/IEC 7812 (cards), 국세청 (check
digits of companies), and bankbooks as they are printed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# RE2 has no look-around: what must not stand beside a number is consumed with it, so ask only
# whether a pattern matches. Numbers that are glued to a code or go on in one are none of these.
BEFORE = r"(?:^|[^-0-9A-Za-z_=/#&.,]|[^0-9][-.,]|[^0-9A-Za-z_]/)"
AFTER = r"(?:$|[^-0-9A-Za-z_.,:]|[-.,:](?:$|[^0-9]))"
HYPHEN = " ?[-‐-―−] ?"
JOINT = "(?: {0,2}[-‐-―−.·\u119e・~/)] {0,2}| {1,2})"  # \u119e: what composition makes of ㆍ
AREA = "(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50[0-9]?)"
BIRTH = (
    "[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|[12][0-9]))"
)
BANK = "(?:계좌|입금|송금|예금주|은행|뱅크|농협|수협|신협|금고|우체국)[^0-9\n]{0,12}"

MANY_DIGITS = r"[0-9０-９](?:[^0-9０-９\n]{0,5}[0-9０-９]){5}"
INVISIBLE = "[\u00ad\u200b-\u200d\u2060\ufeff]"
WEB = r"(?:https?://|www\.)[^\s<>\"']+"
NAMED = (  # numbers of orders, parcels, companies, goods, books, patents
    "(?:주문|송장|접수|법인|사업자|등기|등록번호|문서|상품|제품|모델|품번|바코드|일련|시리얼|특허"
    "|예약|배송|택배|출원|사건|승인|카드|도서|논문|학번|군번|수험|우편번호|버전|(?i:isbn|issn|doi|no\\.|id))"
    "[^0-9\n]{0,20}[0-9][-‐-―−. 0-9]*"
)


@dataclass(frozen=True)
class Detector:
    kind: str
    pattern: str  # RE2 and Python, of composed text
    named: bool = False  # counts even where the text calls the number something else
    valid: Callable[[str], bool] | None = None  # of the digits of a match


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0


def _company(digits: str) -> bool:
    weighted = [int(d) * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)]
    return (sum(weighted) + weighted[-1] // 10 + int(digits[-1])) % 10 == 0


LOOKS_LIKE = {  # kind: in the words of a sentence
    "phone": "a phone number",
    "rrn": "a resident registration number",
    "account": "an account number",
    "email": "an e-mail address",
    "card": "a card number",
    "passport": "a passport number",
    "licence": "a driving licence",
    "company": "a business registration number",
    "ip": "an IP address",
    "plate": "a car plate",
}
DETECTORS = [
    Detector(
        "phone",
        f"{BEFORE}(?:010{JOINT}|01[16-9](?:{HYPHEN}|\\.))[0-9]{{3,4}}{JOINT}?[0-9]{{4}}{AFTER}",
        named=True,
    ),
    Detector("phone", f"{BEFORE}01(?:0[0-9]|[16-9][2-9])[0-9]{{6,7}}{AFTER}"),
    Detector("phone", f"{BEFORE}0{AREA}(?:{HYPHEN}| ?\\) ?)[0-9]{{3,4}}{HYPHEN}[0-9]{{4}}{AFTER}"),
    Detector("phone", f"(?:전화|팩스|연락처)[^0-9\n]{{0,8}}0{AREA}[0-9]{{7,8}}{AFTER}"),
    Detector(
        "phone",
        rf"(?:^|[^0-9])(?:\+|00)82{JOINT}?\(?0?\)?{JOINT}?(?:1[016-9]|{AREA}){JOINT}?"
        f"[0-9]{{3,4}}{JOINT}?[0-9]{{4}}{AFTER}",
        named=True,
    ),
    Detector("rrn", f"{BEFORE}{BIRTH}(?:{HYPHEN}| )[1-8](?:[0-9]{{6}}|[*●○]{{6}}){AFTER}"),
    Detector("rrn", f"주민[^0-9\n]{{0,12}}{BIRTH}[1-8][0-9]{{6}}{AFTER}"),
    Detector(
        "account",
        f"{BANK}(?:[0-9]{{3}}{HYPHEN}[0-9]{{2,3}}{HYPHEN}[0-9]{{6}}"
        f"|[0-9]{{6}}{HYPHEN}[0-9]{{2}}{HYPHEN}[0-9]{{6}}"
        f"|1[0-9]{{3}}{HYPHEN}[0-9]{{3}}{HYPHEN}[0-9]{{6}}"
        f"|[0-9]{{3}}{HYPHEN}[0-9]{{6}}{HYPHEN}[0-9]{{5}}"
        f"|3[0-9]{{2}}{HYPHEN}[0-9]{{4}}{HYPHEN}[0-9]{{4}}{HYPHEN}[0-9]{{2}}"
        f"|3333{HYPHEN}[0-9]{{2}}{HYPHEN}[0-9]{{7}}){AFTER}",
    ),
    Detector("account", "계좌[^0-9\n]{0,12}[0-9]{11,14}(?:$|[^-0-9A-Za-z_.,:원만억 ])"),
    Detector("email", r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2}"),
    Detector(
        "card",
        f"{BEFORE}[3-6][0-9]{{3}}(?:[- ][0-9]{{4}}){{3}}{AFTER}",
        named=True,
        valid=_luhn,
    ),
    Detector("passport", "여권[^0-9A-Za-z\n]{0,12}[MSRGDOP][0-9]{3}[0-9A-Z][0-9]{4}" + AFTER),
    Detector("licence", f"{BEFORE}(?:1[1-9]|2[0-8])-[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}{AFTER}"),
    Detector(
        "company",
        f"사업자[^0-9\n]{{0,12}}[1-9][0-9]{{2}}-[0-9]{{2}}-[0-9]{{5}}{AFTER}",
        named=True,
        valid=_company,
    ),
    Detector(
        "ip",
        r"(?:IP|ip|아이피)[^0-9\n]{0,8}[1-9][0-9]{0,2}(?:\.(?:1?[0-9]{1,2}|2[0-4][0-9])){3}"
        + AFTER,
        named=True,
    ),
    Detector(
        "plate",
        "(?:차량|차) ?번호[^0-9\n]{0,8}[0-9]{2,3}[가나다라마거너더러마하허호] ?[0-9]{4}" + AFTER,
    ),
]


def residues(texts: pa.StringArray, kinds: Iterable[str]) -> dict[str, np.ndarray]:
    """int64, by kind: the rows of ``texts``, none of which is null, that still hold one."""
    wanted = [detector for detector in DETECTORS if detector.kind in kinds]
    look = f"{MANY_DIGITS}|[@＠]" if "email" in kinds else MANY_DIGITS
    rows = _rows(pc.match_substring_regex(texts, look))
    suspects = texts.take(pa.array(rows)).to_pylist()  # Arrow's own composition parts Hangul
    plain = pa.array([unicodedata.normalize("NFKC", text) for text in suspects], pa.string())
    for pattern, instead in ((INVISIBLE, ""), (WEB, " ")):
        plain = pc.replace_substring_regex(plain, pattern, instead)
    unnamed = pc.replace_substring_regex(plain, NAMED, " ")
    found = {kind: np.empty(0, np.int64) for kind in kinds}
    for detector in wanted:
        left = rows[_matching(detector, plain if detector.named else unnamed)]
        found[detector.kind] = np.union1d(found[detector.kind], left)
    return found


def _matching(detector: Detector, texts: pa.StringArray) -> np.ndarray:
    rows = _rows(pc.match_substring_regex(texts, detector.pattern))
    if detector.valid is None:
        return rows
    pattern = re.compile(detector.pattern)
    suspects = zip(rows, texts.take(pa.array(rows)).to_pylist(), strict=True)
    valid = detector.valid
    return np.array(
        [
            row
            for row, text in suspects
            if any(valid(re.sub("[^0-9]", "", match[0])) for match in pattern.finditer(text))
        ],
        np.int64,
    )


def _rows(matched: pa.BooleanArray) -> np.ndarray:
    return np.flatnonzero(matched.to_numpy(zero_copy_only=False))
