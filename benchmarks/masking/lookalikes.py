"""Numbers that are none of a person's: a character of one masked is a false positive.

Every form is a sentence or a fragment of one, since it is the words around that make it certain.
"""

from collections.abc import Callable
from random import Random

from benchmarks.masking.numbers import digits, words


def _check_ean(body: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def _day(rng: Random) -> tuple[int, int, int]:
    return rng.randint(1950, 2030), rng.randint(1, 12), rng.randint(1, 28)


def date(rng: Random) -> str:
    y, m, d = _day(rng)
    return rng.choice(
        [
            f"{y}-{m:02}-{d:02}",
            f"{y}.{m:02}.{d:02}",
            f"{y}. {m}. {d}.",
            f"{y}/{m:02}/{d:02}",
            f"{y}년 {m}월 {d}일",
            f"{y}{m:02}{d:02}",
            f"{y % 100:02}.{m:02}.{d:02}",
            f"{y}-{m:02}-{d:02} ~ {y}-{m:02}-{d:02}",
            f"{y}.{m:02}.{d:02}~{y + 1}.{m:02}.{d:02}",
            f"{y}-{m:02}-{d:02}T{rng.randrange(24):02}:{rng.randrange(60):02}:00Z",
        ]
    ) + rng.choice(["에 있었던 일이다", " 발표", "까지 접수합니다", " 작성"])


def time(rng: Random) -> str:
    h, m, s = rng.randrange(24), rng.randrange(60), rng.randrange(60)
    return rng.choice(
        [
            f"{h:02}:{m:02}:{s:02}에 시작",
            f"오전 {h}시 {m}분 {s}초",
            f"{h:02}:{m:02}-{(h + 1) % 24:02}:{m:02} 운영",
            f"20230115{h:02}{m:02}{s:02} 기록",
            f"{h:02}:{m:02}:{s:02}.{digits(rng, 3)} --> {h:02}:{m:02}:{s:02}.{digits(rng, 3)}",
        ]
    )


def price(rng: Random) -> str:
    amount = rng.randint(1, 10 ** rng.randint(4, 13)) * 10
    return rng.choice(
        [
            f"{amount:,}원을 냈다",
            f"{amount}원입니다",
            f"총 {amount:,} 원",
            f"₩{amount:,}",
            f"${amount / 100:,.2f}",
            f"입금액 {amount:,}원",
            f"계좌에 {amount}원이 들어왔다",
            f"{amount:,}달러 규모",
        ]
    )


def book(rng: Random) -> str:
    body = _check_ean(rng.choice(["97889", "97911"]) + digits(rng, 7))
    groups = [body[:3], body[3:5], body[5:9], body[9:12], body[12]]
    return rng.choice(["ISBN ", "ISBN: ", "도서번호 ISBN "]) + rng.choice(["-".join(groups), body])


def patent(rng: Random) -> str:
    year = rng.randint(1998, 2024)
    return rng.choice(
        [
            f"특허출원 10-{year}-{digits(rng, 7)}",
            f"10-{year}-{digits(rng, 7)}호",
            f"출원번호 20-{year}-{digits(rng, 7)}",
            f"특허 제10-{digits(rng, 7)}호",
            f"PCT/KR{year}/{digits(rng, 6)}",
            f"공개특허 제10-{year}-{digits(rng, 7)}호",
            f"상표등록 제40-{digits(rng, 7)}호",
        ]
    )


def case(rng: Random) -> str:
    court = rng.choice(["가합", "나", "다", "도", "고단", "구합", "헌마", "카합"])
    return (
        f"{rng.choice(['대법원', '서울중앙지법', '사건번호'])} "
        f"{rng.randint(1990, 2024)}{court}{digits(rng, 6)}" + rng.choice([" 판결", " 결정"])
    )


def version(rng: Random) -> str:
    parts = ".".join(str(rng.randint(0, 30)) for _ in range(rng.randint(3, 4)))
    return rng.choice(
        [
            f"v{parts} 출시",
            f"버전 {parts}",
            f"윈도우 10.0.{digits(rng, 5)}.{digits(rng, 3)}",
            f"크롬 {rng.randint(50, 130)}.0.{digits(rng, 4)}.{digits(rng, 2)}",
        ]
    )


def address_ip(rng: Random) -> str:
    number = ".".join(str(rng.randint(1, 254)) for _ in range(4))
    return f"서버 {number}:{rng.randint(1000, 65000)} 접속"


def score(rng: Random) -> str:
    a, b = rng.randint(0, 120), rng.randint(0, 120)
    sets = ", ".join(f"{rng.randint(0, 25)}-{rng.randint(0, 25)}" for _ in range(4))
    return rng.choice(
        [
            f"{a}-{b}로 이겼다",
            f"{a}:{b} 승리",
            f"세트 점수 3-1({sets})",
            f"{a}-{b}-{rng.randint(0, 20)} 전적",
        ]
    )


def url(rng: Random) -> str:
    number = rng.choice(
        ["010" + digits(rng, 8), digits(rng, 13), "9001011" + digits(rng, 6), digits(rng, 11)]
    )
    host = rng.choice(["news.naver.com", "www.example.co.kr", "blog.daum.net", "youtu.be"])
    return rng.choice(
        [
            f"https://{host}/article/{number}",
            f"http://{host}/view?id={number}&no=010-1234-5678",
            f"www.{host}/p/{number}",
            f"https://{host}/2023/01/15/{number}.html",
            f"{host}/goods/{number}",
            f"https://{host}/010-{digits(rng, 4)}-{digits(rng, 4)}",
        ]
    )


def order(rng: Random) -> str:
    y, m, d = rng.randint(2010, 2024), rng.randint(1, 12), rng.randint(1, 28)
    number = rng.choice(
        [
            f"{y}{m:02}{d:02}-{digits(rng, 7)}",
            f"{y}{m:02}{d:02}{digits(rng, 6)}",
            digits(rng, 12),
            f"{digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}",
            f"{y}-{m:02}{d:02}-{digits(rng, 6)}",
        ]
    )
    return rng.choice(
        [
            "주문번호 {}",
            "주문번호: {}",
            "운송장번호 {}",
            "송장 {}",
            "접수번호는 {}입니다",
            "예약번호 {}",
            "주문번호는 {}이에요",
        ]
    ).format(number)


def bar_code(rng: Random) -> str:
    return rng.choice(["바코드 {}", "상품 바코드: {}", "{} (바코드)"]).format(
        _check_ean("880" + digits(rng, 9))
    )


def decimal(rng: Random) -> str:
    return rng.choice(
        [
            f"3.{digits(rng, 12)}",
            f"{rng.randint(33, 38)}.{digits(rng, 7)}, {rng.randint(125, 131)}.{digits(rng, 7)}",
            f"0.{digits(rng, 10)} 값",
            f"{digits(rng, 2)}.{digits(rng, 8)}%",
            f"-0.010{digits(rng, 8)}",
        ]
    )


def place(rng: Random) -> str:
    return rng.choice(
        [
            f"서울시 강남구 테헤란로 {rng.randint(1, 500)}-{rng.randint(1, 20)}",
            f"부산시 해운대구 우동 {rng.randint(100, 2000)}-{rng.randint(1, 99)}번지",
            f"{rng.randint(101, 130)}동 {rng.randint(101, 2501)}호",
            f"(우){digits(rng, 5)} 경기도 성남시",
            f"우편번호 {digits(rng, 3)}-{digits(rng, 3)}",
            f"지번 산 {rng.randint(1, 99)}-{rng.randint(1, 99)} 외 {rng.randint(2, 9)}필지",
        ]
    )


def run_of_one(rng: Random) -> str:
    return rng.choice(
        [
            rng.choice("0123456789") * rng.randint(8, 40),
            "10" * rng.randint(5, 20),
            "1234567890" * rng.randint(1, 3),
            "ㅋ" * 5 + "7" * 12,
        ]
    )


def company_number(rng: Random) -> str:
    return rng.choice(
        [
            f"사업자등록번호 {digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 5)}",
            f"사업자번호: {digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 5)}",
            f"법인등록번호 110111-{rng.randint(1, 8)}{digits(rng, 6)}",
            f"통신판매업신고 제{rng.randint(2005, 2024)}-서울강남-{digits(rng, 5)}호",
        ]
    )


def business_phone(rng: Random) -> str:
    code = rng.choice(
        ["1588", "1544", "1577", "1599", "1600", "1644", "1661", "1670", "1800", "1833", "1899"]
    )
    return rng.choice(
        [
            f"대표번호 {code}-{digits(rng, 4)}",
            f"고객센터 {code}-{digits(rng, 4)}으로",
            f"☎ {code}-{digits(rng, 4)}",
        ]
    )


def statistics(rng: Random) -> str:
    row = [str(rng.randint(1, 99999)) for _ in range(rng.randint(4, 9))]
    first = rng.randint(1960, 2015)
    years = [str(year) for year in range(first, first + 6)]
    return rng.choice(
        [
            "\t".join(row),
            " ".join(years),
            "-".join(years[:4]),
            " / ".join(years[:4]),
            "인구 " + f"{rng.randint(10**6, 10**8):,}명",
            ", ".join(f"{rng.randint(1000, 9999999):,}" for _ in range(5)),
        ]
    )


def code(rng: Random) -> str:
    return rng.choice(
        [
            "-".join(
                [digits(rng, 8), digits(rng, 4), "4a10", "a" + digits(rng, 3), digits(rng, 12)]
            ),
            f"sha1 {''.join(rng.choice('0123456789abcdef') for _ in range(40))}",
            f"모델명 SM-G{digits(rng, 3)}N-{digits(rng, 8)}",
            f"품번 AB{digits(rng, 10)}C",
            f"시리얼 번호 {digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}",
            f"0x{digits(rng, 8)}{digits(rng, 4)}",
            f"doi:10.{digits(rng, 4)}/{digits(rng, 3)}.{rng.randint(1990, 2023)}.{digits(rng, 5)}",
            f"ISSN {digits(rng, 4)}-{digits(rng, 4)}",
            f"user_{digits(rng, 11)}",
            f"IMG_{rng.randint(2010, 2023)}0115_{digits(rng, 6)}.jpg",
        ]
    )


def other(rng: Random) -> str:
    lottery = ", ".join(str(rng.randint(1, 45)) for _ in range(6))
    return rng.choice(
        [
            f"로또 당첨번호 {lottery}",
            f"{rng.randint(1500, 1590)}-{rng.randint(1591, 1650)}년의 전쟁",
            f"{rng.randint(100, 7999)}번 버스와 {rng.randint(1, 9)}호선",
            f"수험번호 {digits(rng, 8)}",
            f"학번 {rng.randint(2000, 2024)}{digits(rng, 6)}",
            f"pp. {rng.randint(100, 400)}-{rng.randint(401, 900)}",
            f"제{rng.randint(1, 300)}조 제{rng.randint(1, 9)}항",
            f"체력 {digits(rng, 5)}/{digits(rng, 5)} 공격력 {digits(rng, 4)}",
            f"쿠폰 {digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}",
            f"군번 {rng.randint(10, 24)}-{digits(rng, 8)}",
            "국번 없이 112, 119, 1330",
            ", ".join(f"{rng.randint(1, 12)}/{rng.randint(1, 28)}" for _ in range(4)) + " 상영",
            f"문서번호 총무-{rng.randint(2010, 2024)}-{digits(rng, 4)}",
            f"{rng.randint(2, 99)}×{rng.randint(2, 99)}×{rng.randint(2, 99)}mm",
            f"조회수 {digits(rng, 8)}회",
        ]
    )


def spelled(rng: Random) -> str:
    """Syllables that are digits as well, and digits that are read aloud, but no phone."""
    some = "".join(rng.choice("공영일이삼사오육칠팔구") for _ in range(rng.randint(3, 6)))
    bits = "".join(rng.choice("영일") for _ in range(rng.choice([4, 8, 16])))
    y, m, d = _day(rng)
    return rng.choice(
        [
            f"이진수로 {bits}입니다",
            f"{words(rng, digits(rng, 3))}호실에서 {words(rng, digits(rng, 4))}호로",
            f"비밀번호는 {words(rng, digits(rng, rng.choice([4, 6, 8])))}예요",
            f"우편번호 {words(rng, digits(rng, 5))}",
            f"원주율은 삼점일사일오구이육오삼오{words(rng, digits(rng, rng.randint(2, 12)))}",
            f"{words(rng, str(y))}년 {m}월 {d}일",
            f"주문번호 {words(rng, digits(rng, rng.randint(8, 12)))}",
            f"{some} 같은 말장난",
            "일 이 삼 사 오 육 칠 팔 구 십",
            "공일이삼사오육칠팔구 순서대로 눌러 보세요",
            "영 일 이 삼 사 오 육 칠 팔 구 십까지 세요",
            f"영일만에서 {words(rng, digits(rng, 4))}부대로",
            f"이일 저일 이사 오구 {words(rng, digits(rng, 4))}번",
            f"공영 일일 드라마 {rng.randint(1, 200)}회",
            f"공일팔 {words(rng, digits(rng, 3))} 부품",
            f"버스 {words(rng, digits(rng, 4))}번과 {words(rng, digits(rng, 4))}번",
        ]
    )


LOOKALIKES: dict[str, Callable[[Random], str]] = {
    "date": date,
    "time": time,
    "price": price,
    "ISBN": book,
    "patent": patent,
    "court case": case,
    "version": version,
    "IP address": address_ip,
    "score": score,
    "URL": url,
    "order or parcel": order,
    "bar code": bar_code,
    "decimal": decimal,
    "street address": place,
    "run of digits": run_of_one,
    "company": company_number,
    "business phone": business_phone,
    "table": statistics,
    "code": code,
    "other": other,
}
