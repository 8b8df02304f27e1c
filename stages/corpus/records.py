"""A record of a raw source, and the places planted in its text."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Span:
    """A planted number: ``text[start:end] == number``, offsets in characters."""

    kind: str
    number: str
    start: int
    end: int


@dataclass(frozen=True)
class Record:
    text: str  # paragraphs, turns or lines joined by newlines
    title: str = ""
    topic: str = ""
    kind: str = ""  # of a Modu corpus: news, spoken, messenger or web
    label: int = 0  # of a review: 1 liked, 0 disliked
    date: str = ""  # ISO 8601
    personal: list[Span] = field(default_factory=list)
    lookalikes: list[Span] = field(default_factory=list)
    defect: str | None = None
    task: str = ""  # of a contaminated record: whose evaluation item stands in it

    def insert(self, at: int, addition: str) -> "Record":
        """The record with ``addition`` before character ``at``; planted places move along."""

        def moved(spans: list[Span]) -> list[Span]:
            return [
                replace(span, start=span.start + len(addition), end=span.end + len(addition))
                if span.start >= at
                else span
                for span in spans
            ]

        return replace(
            self,
            text=self.text[:at] + addition + self.text[at:],
            personal=moved(self.personal),
            lookalikes=moved(self.lookalikes),
        )
