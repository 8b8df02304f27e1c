"""What others find: run by the Python in whose environment the tool is installed.

    python -P other_tools.py TOOL < texts.jsonl > hits.jsonl

Reads a JSON string a line, writes ``[[kind, start, end], ...]`` a line, and last the seconds of
processor time that the tool took, its loading not counted. It stands alone: no import of the
project.
"""

import json
import sys
import time
from collections.abc import Callable

Found = list[tuple[str | None, int, int]]


def datatrove() -> Callable[[str], Found]:
    """The patterns of PIIFormatter, which replaces e-mail and public IP addresses."""
    from datatrove.pipeline.formatters import PIIFormatter

    formatter = PIIFormatter()
    replacers = [replacer for replacer in vars(formatter).values() if hasattr(replacer, "regex")]

    def find(text: str) -> Found:
        return [
            (None, match.start(), match.end())
            for replacer in replacers
            for match in replacer.regex.finditer(text)
            if replacer.validator is None or replacer.validator(match.group(0))
        ]

    return find


def presidio() -> Callable[[str], Found]:
    """All its Korean recognisers, and its general ones for phones (region KR), e-mail, cards, IP.

    spaCy models must be downloaded, so that names are not looked for and a blank Korean pipeline
    gives the words.
    """
    import presidio_analyzer.predefined_recognizers as known
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    kinds = {
        "PHONE_NUMBER": "phone",
        "KR_RRN": "rrn",
        "KR_FRN": "rrn",
        "EMAIL_ADDRESS": "email",
        "CREDIT_CARD": "card",
        "KR_PASSPORT": "passport",
        "KR_DRIVER_LICENSE": "licence",
        "KR_BRN": "company",
        "IP_ADDRESS": "ip",
    }
    engine = SpacyNlpEngine()
    engine.nlp = {"ko": spacy.blank("xx")}
    registry = RecognizerRegistry(supported_languages=["ko"])
    korean = [getattr(known, name) for name in dir(known) if name.startswith("Kr")]
    for recognizer in [*korean, known.EmailRecognizer, known.CreditCardRecognizer]:
        registry.add_recognizer(recognizer(supported_language="ko"))
    registry.add_recognizer(known.IpRecognizer(supported_language="ko"))
    phones = known.PhoneRecognizer(supported_language="ko", supported_regions=["KR"])
    registry.add_recognizer(phones)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["ko"])

    def find(text: str) -> Found:
        results = analyzer.analyze(text, language="ko")
        return [(kinds.get(r.entity_type, r.entity_type), r.start, r.end) for r in results]

    return find


def scrubadub() -> Callable[[str], Found]:
    """Its phone detector (region KR), and those for e-mail, cards and the like."""
    import scrubadub as library

    kinds = {"phone": "phone", "email": "email", "credit_card": "card"}
    scrubber = library.Scrubber(locale="ko_KR")

    def find(text: str) -> Found:
        filths = scrubber.iter_filth(text)
        return [(kinds.get(f.type, f.type), f.beg, f.end) for f in filths]

    return find


TOOLS = {"datatrove": datatrove, "presidio": presidio, "scrubadub": scrubadub}


def main() -> None:
    """Find in every text of standard input."""
    find = TOOLS[sys.argv[1]]()
    texts = [json.loads(line) for line in sys.stdin]
    find(texts[0])  # what is loaded at first use
    started = time.process_time()
    found = [find(text) for text in texts]
    seconds = time.process_time() - started
    for hits in found:
        print(json.dumps(hits))
    print(seconds)


if __name__ == "__main__":
    main()
