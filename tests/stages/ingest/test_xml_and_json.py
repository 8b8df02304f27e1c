"""Nested formats: JSON and XML of any shape and size, subtitles, Wikipedia's dump."""

import bz2
import json

import pytest

from stages.ingest.mediawiki import plain_text

ITEMS = [{"id": i, "text": f"문장 {i} " + "가나다" * (i % 50)} for i in range(20_000)]


def test_json_of_any_shape(ingested, registered) -> None:
    registered('{files: ["*.json"], text: [a.b, c], id: id, records: x.y}')
    shapes = [
        {"x": {"y": [{"a": {"b": "하나"}, "c": "둘", "id": 7}]}, "z": [1, {"y": 2}]},
        [{"z": None, "x": [{"y": {"a": [{"b": "하나"}, {"b": "둘"}]}}, {"y": []}]}],
    ]
    found = ingested("own", {f"{i}.json": json.dumps(s).encode() for i, s in enumerate(shapes)})
    assert found.texts == ["하나\n둘"] * 2
    assert [document.metadata.get("id") for document in found] == ["7", None]


def test_a_bad_record_of_a_json_file_costs_only_itself(ingested, registered) -> None:
    registered('{files: ["*.json"], text: [t]}')
    records = [b'{"t": "a"}', b'{"t": "\xff"}', b'{"t": "\\ud800"}', b'{"t": 1}', b'{"t": "b"}']
    found = ingested("own", {"a.json": b"\xef\xbb\xbf[" + b" ,\n".join(records) + b"]"})
    assert found.texts == ["a", "b"]
    assert found.quarantined == {"broken_json": 1, "broken_utf8": 1, "text_not_string": 1}
    assert found.torn == 0


@pytest.mark.parametrize("end", [b"", b"]}", b", }", b"]} more", b', {"id": 1'])
def test_a_json_file_of_many_windows_is_read_to_its_tear(ingested, registered, end: bytes) -> None:
    registered('{files: ["*.json"], text: [text], id: id, records: data}')
    whole = json.dumps({"data": ITEMS}, ensure_ascii=False).encode()
    found = ingested("own", {"a.json": whole.removesuffix(b"]}") + end})
    assert found.texts == [item["text"] for item in ITEMS]
    assert found.quarantined == ({} if end == b"]}" else {"broken_json": 1})


def test_xml_fields_attributes_and_namespaces(ingested, registered) -> None:
    registered('{files: ["*.xml"], text: [title, body.p, "@note"], id: key, records: all.item}')
    xml = (
        '<all xmlns="urn:x"><item note="끝"><key>1</key><title> 제목 </title><body>'
        "<p>첫\n  줄<b>!</b></p>"
        "<p>둘째 &amp; 줄</p></body><item><title>안</title></item></item><item/></all>"
    )
    found = ingested("own", {"a.xml": xml.encode()})
    assert found.texts == ["제목\n첫\n줄!\n둘째 & 줄\n끝"]
    assert [document.metadata["id"] for document in found] == ["1"]
    assert found.quarantined == {"missing_text": 1}


def test_xml_with_bad_characters_is_read(ingested, registered) -> None:
    registered('{files: ["*.xml"], text: [t], records: r}')
    good = "".join(f"<r><t>글 {i}</t></r>" for i in range(9)).encode()
    found = ingested(
        "own", {"a.xml": b"<a><r><t>\xff</t></r><r><t>a\x08b</t></r>" + good + b"</a>"}
    )
    assert found.texts == ["a\x08b", *(f"글 {i}" for i in range(9))]
    assert found.quarantined == {"broken_utf8": 1}


def test_torn_xml_is_read_as_far_as_it_goes(ingested, registered) -> None:
    registered('{files: ["*.xml"], text: [t], records: r}')
    xml = "<a>" + "".join(f"<r><t>글 {i}</t></r>" for i in range(50_000))
    found = ingested("own", {"a.xml": xml.encode(), "b.xml": f"{xml}<r></a>".encode()})
    assert len(found.texts) == 100_000
    assert found.quarantined == {"broken_xml": 2}
    assert found.torn == 2


def test_xml_in_another_encoding(ingested, registered) -> None:
    registered('{files: ["*.xml"], text: [t], records: r}')
    xml = '<?xml version="1.0" encoding="euc-kr"?><a><r><t>특허</t></r></a>'.encode("euc-kr")
    assert ingested("own", {"a.xml": xml}).texts == ["특허"]


def test_entities_are_neither_fetched_nor_blown_up(ingested, registered, tmp_path) -> None:
    registered('{files: ["*.xml"], text: [t], records: r}')
    (tmp_path / "secret").write_text("secret")
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    xml = (
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{lol}<!ENTITY x SYSTEM "{tmp_path / "secret"}">]>'
        "<a><r><t>&l9;&x;</t></r><r><t>글</t></r></a>"
    )
    found = ingested("own", {"a.xml": xml.encode(), "b.xml": b"<a><r><t>b</t></r></a>"})
    assert "b" in found.texts
    assert not any("lollol" in text or "secret" in text for text in found.texts)


def test_subtitles_of_opus(ingested) -> None:
    raw = '<document id="1"><s id="1"><time/>안녕,\n 지미!</s><s id="2"> - 응.</s></document>'
    tokens = (
        '<document><s><w id="1.1">어디</w><w id="1.2">가니</w>\n<w id="1.3">?</w></s></document>'
    )
    found = ingested("opensubtitles", {"1.xml": raw.encode(), "2.xml": tokens.encode()})
    assert found.texts == ["안녕, 지미!\n- 응.", "어디 가니?"]


def test_wikipedias_dump(ingested) -> None:
    def page(title: str, number: int, ns: int, text: str, more: str = "") -> str:
        return (
            f"<page><title>{title}</title><ns>{ns}</ns><id>{number}</id>{more}<revision><id>9</id>"
            f'<text xml:space="preserve">{text}</text></revision></page>'
        )

    xml = (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="ko">'
        "<siteinfo><sitename>위키백과</sitename></siteinfo>"
        + page("카터", 5, 0, "'''카터'''는 [[미국]]의 사람이다.")
        + page("토론:카터", 6, 1, "토론")
        + page("지미", 7, 0, "#넘겨주기 [[카터]]", '<redirect title="카터" />')
        + page("조지아", 8, 0, "주이다.")
        + "</mediawiki>"
    )
    found = ingested("wikipedia", {"kowiki-1-pages-articles.xml.bz2": bz2.compress(xml.encode())})
    assert found.texts == ["카터는 미국의 사람이다.", "주이다."]
    assert [document.id.partition("#")[2] for document in found] == ["0", "3"]
    assert [document.metadata["id"] for document in found] == ["5", "8"]
    assert found.ledger["total"]["extra"] == {"pages_of_other_namespaces": 1, "redirects": 1}


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("{{정보상자|이름=[[가]]}}'''굵게''' ''기울게''", "굵게 기울게"),
        ("글<ref name=a>주석 {{책}}</ref>이다.<ref name=a />", "글이다."),
        ("== 생애 ==\n가\n=== 말년 ===\n나", "생애\n가\n말년\n나"),
        (
            "[[파일:a.jpg|섬네일|설명 [[링크]]]][[카터|그]]는 [[:분류:사람]] [[분류:사람]]",
            "그는 분류:사람",
        ),
        ("앞\n{| class=wikitable\n|-\n| 칸 || 칸\n|}\n뒤", "앞\n뒤"),
        ("* 하나\n# 둘\n: 셋<br/>넷", "하나\n둘\n셋\n넷"),
        (
            "조지아({{lang|en|Georgia}})는 &lt;주&gt;&nbsp;<!-- 왜 -->이다 __목차숨김__",
            "조지아는 <주>\xa0이다",
        ),
        (
            "[http://a.kr 누리집] http://b.kr <nowiki>[[c]]</nowiki> <math>x^2</math>",
            "누리집  [[c]]",
        ),
    ],
)
def test_wikitext(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text
