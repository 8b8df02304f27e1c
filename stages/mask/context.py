"""What the words around a number say about it: the nearest one counts."""

import re

from stages.mask.banks import names, short_names

BEFORE, AFTER = 24, 14  # characters looked at on either side, within the line
_LONGEST = 12  # characters of a word, so that none is cut in two

_WORDS = re.compile(
    rf"(?P<account>계좌|입금|송금|이체|무통장|통장|예금주|후원금|{names()})"
    r"|(?P<phone>전화|연락|핸드폰|휴대폰|휴대전화|폰번|문의|문자|팩스|상담|(?i:tel|phone|fax|hp|h\.p))"
    r"|(?P<person>(?:주민|외국인)(?:등록)?(?:번호)?|생년월일)"
    # These speak of the next number only.
    r"|(?:(?P<company>(?:법인|사업자)(?:등록)?(?:번호)?)"
    r"|(?P<other>주문|운송장|송장|등기|등록번호|접수|특허|출원|사건|바코드|우편번호|일련|시리얼"
    r"|문서|모델|품번|제품|상품|버전|학번|군번|수험|카드|승인|논문|도서|(?i:isbn|issn|doi|no\.|id)))"
    r"(?!.*[0-9]{4})"
)
_BANK_BEFORE = re.compile(rf"(?:{short_names()})(?:은행)?[ :)\]>/,.-]{{0,3}}$")
_BANK_AFTER = re.compile(rf"[ (\[/,]{{0,3}}(?:{short_names()})(?:은행|[)\]\s]|$)")
_AMOUNT = re.compile(r"원| 원(?![가-힣])|만 ?원|억|달러|엔|개|명")


def word_before(text: str, start: int) -> str | None:
    """What the nearest word before a number speaks of.

    One of account, phone, person, company and other (orders, patents, books); None: no such word.
    """
    line = text.rfind("\n", 0, start) + 1
    words = list(_WORDS.finditer(text, max(line, start - BEFORE - _LONGEST), start))
    return words[-1].lastgroup if words and words[-1].end() > start - BEFORE else None


def account_near(text: str, start: int, end: int) -> bool:
    """Whether a word for an account or a bank stands before the number, or right after it."""
    word = word_before(text, start)
    if _BANK_BEFORE.search(text, max(0, start - _LONGEST), start) or word == "account":
        return True
    if word is not None:
        return False
    after = text[end : end + AFTER].partition("\n")[0]
    later = _WORDS.search(after)
    return bool(_BANK_AFTER.match(after)) or (later is not None and later.lastgroup == "account")


def amount_of(text: str, end: int) -> bool:
    """Whether a currency or a counter follows the number."""
    return _AMOUNT.match(text, end) is not None
