"""Sources that ship JSON objects."""

import json
from pathlib import Path
from random import Random
from typing import Any

from stages.corpus.formats.files import Place, archive, dump, save
from stages.corpus.records import Record

# kind of a Modu corpus: file, zip around it (or none), list of the parts that make a text
MODU = {
    "news": ("NWRW0000000001.json", None, "paragraph"),
    "spoken": ("SDRW0000000001.json", None, "utterance"),
    "messenger": ("MDRW0000000001.json", None, "utterance"),
    "web": ("EBRW0000000001.json", "NIKL_WEB.zip", "paragraph"),
}


def modu(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """The Modu corpora of corpus.korean.go.kr: one file a kind; the web's in a zip."""
    places: dict[int, Place] = {}
    for kind, (name, zipped, parts) in MODU.items():
        chosen = [n for n, record in enumerate(records) if record.kind == kind]
        if not chosen:
            continue
        whole = _publication(name.removesuffix(".json"), [records[n] for n in chosen], parts)
        content = json.dumps(whole, ensure_ascii=False, indent=1).encode()
        if zipped:
            kept = archive(folder, zipped, name, content, len(chosen))
        else:
            kept = save(folder, name, content, len(chosen))
        places |= dict(zip(chosen, kept, strict=True))
    return [places[n] for n in range(len(records))]


def _publication(corpus: str, records: list[Record], parts: str) -> dict[str, Any]:
    documents = []
    for number, record in enumerate(records, 1):
        forms = [
            {"id": f"{corpus}.{number}.{index}", "form": form}
            | ({"speaker_id": str(index % 2 + 1)} if parts == "utterance" else {})
            for index, form in enumerate(record.text.split("\n"), 1)
        ]
        metadata = {
            "title": record.title,
            "author": "",
            "publisher": "한글일보",
            "date": record.date.replace("-", ""),
            "topic": record.topic,
        }
        documents.append({"id": f"{corpus}.{number}", "metadata": metadata, parts: forms})
    metadata = {"title": "표본 말뭉치", "creator": "polyglot-ko", "category": "표본"}
    return {"id": corpus, "metadata": metadata, "document": documents}


def dialogues(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """AI Hub's dialogue summaries: one JSON member (with a UTF-8 name) in a zip."""
    whole = {
        "numberOfItems": len(records),
        "data": [_dialogue(number, record) for number, record in enumerate(records)],
    }
    member = "일상대화요약_train.json"
    return archive(folder, "training.zip", member, dump(whole).encode(), len(records))


def _dialogue(number: int, record: Record) -> dict[str, Any]:
    turns = record.text.split("\n")
    information = {
        "numberOfParticipants": 2,
        "numberOfUtterances": len(turns),
        "numberOfTurns": len(turns),
        "type": "일상 대화",
        "topic": record.topic,
        "dialogueID": f"{number:08}",
    }
    people = [
        {"participantID": "P01", "gender": "여성", "age": "20대"},
        {"participantID": "P02", "gender": "남성", "age": "30대"},
    ]
    dialogue = [
        {
            "utteranceID": f"U{turn + 1}",
            "turnID": f"T{turn + 1}",
            "participantID": people[turn % 2]["participantID"],
            "date": record.date,
            "time": f"{9 + turn // 60:02}:{turn % 60:02}:00",
            "utterance": utterance,
        }
        for turn, utterance in enumerate(turns)
    ]
    summary = f"두 사람이 {record.topic}에 대해 이야기한다."
    return {
        "header": {"dialogueInfo": information, "participantsInfo": people},
        "body": {"dialogue": dialogue, "summary": summary},
    }


def calls(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """ClovaCall's transcripts: a list of recordings."""
    recordings = [
        {
            "wav": f"42_{n % 900:04}_748_0_{n % 89 + 1:05}_{n % 40:02}.wav",
            "text": record.text,
            "speaker_id": f"{n % 89 + 1:05}",
        }
        for n, record in enumerate(records)
    ]
    return save(folder, "train_ClovaCall.json", dump(recordings).encode(), len(records))


def dictionary_entry(number: int, record: Record) -> dict[str, Any]:
    """An item of the Standard Korean dictionary; the text's lines: word, definition, examples."""
    word, *meaning = record.text.split("\n")
    sense = {
        "definition": meaning[0] if meaning else "",
        "example_info": [{"example": example} for example in meaning[1:]],
    }
    comm = {"comm_pattern_info": [{"sense_info": [sense]}], "pos": record.topic}
    return {
        "target_code": number + 1,
        "word_info": {"word": word, "word_unit": "단어", "pos_info": [comm]},
    }
