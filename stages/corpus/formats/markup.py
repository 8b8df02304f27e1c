"""Sources that ship XML."""

from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as etree

from stages.corpus.formats.files import Place, archive, dump, save
from stages.corpus.formats.objects import dictionary_entry
from stages.corpus.records import Record


def _xml(root: etree.Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def patents(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """Patents as KIPRIS names their parts: XML in a zip."""
    root = etree.Element("patents")
    for number, record in enumerate(records):
        title, abstract, rest = [*record.text.split("\n", 2), "", ""][:3]
        description, mark, claims = rest.partition("\n【청구항")
        patent = etree.SubElement(root, "patent")
        etree.SubElement(patent, "applicationNumber").text = f"10202100{number:05}"
        etree.SubElement(patent, "inventionTitle").text = title
        etree.SubElement(patent, "abstract").text = abstract
        etree.SubElement(patent, "description").text = description
        if claims:
            etree.SubElement(patent, "claims").text = f"{mark[1:]}{claims}"
    return archive(folder, "patents.xml.zip", "patents.xml", _xml(root), len(records))


def films(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """OPUS OpenSubtitles, untokenised: an XML file a film, gz."""
    places = []
    for number, record in enumerate(records):
        root = etree.Element("document", id=str(3_000_000 + number))
        for index, line in enumerate(record.text.split("\n"), 1):
            spoken = etree.SubElement(root, "s", id=str(index))
            start = f"00:{index // 20:02}:{index % 20 * 3:02},000"
            time = etree.SubElement(spoken, "time", id=f"T{index}S", value=start)
            time.tail = line
        name = f"raw/ko/{record.date[:4] or 2015}/{100_000 + number}/{3_000_000 + number}.xml.gz"
        places += save(folder, name, _xml(root), 1)
    return places


def dictionary(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """The Standard Korean dictionary's downloads: half as JSON and half as XML, zipped."""
    half = len(records) // 2
    items = [dictionary_entry(number, record) for number, record in enumerate(records)]
    whole = dump({"channel": {"total": half, "item": items[:half]}}).encode()
    channel = etree.Element("channel")
    for item in items[half:]:
        _element(channel, "item", item)
    name = "표준국어대사전_{}.zip"
    return [
        *archive(folder, name.format("JSON"), "1_표본.json", whole, half),
        *archive(folder, name.format("XML"), "2_표본.xml", _xml(channel), len(records) - half),
    ]


def _element(parent: etree.Element, tag: str, value: Any) -> None:
    """``value`` as JSON has it below ``parent``: a list repeats its element."""
    for each in value if isinstance(value, list) else [value]:
        element = etree.SubElement(parent, tag)
        if isinstance(each, dict):
            for name, part in each.items():
                _element(element, name, part)
        else:
            element.text = str(each)
