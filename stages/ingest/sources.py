"""The registry of sources: one entry a file, ``conf/sources/<name>.yaml``."""

from dataclasses import dataclass, field
from enum import StrEnum

from omegaconf import OmegaConf
from yaml import YAMLError

from runtime import params, paths
from runtime.errors import PolyglotError
from stages.ingest.formats import FORMATS


class Access(StrEnum):
    """Who may have a source."""

    public = "public"
    application = "application"
    private = "private"


@dataclass
class Hub:
    """A dataset of the Hugging Face hub."""

    id: str
    files: list[str]  # globs of its files
    revision: str | None = None


@dataclass
class Download:
    """A file behind a public URL."""

    url: str
    path: str  # where it goes, below the source's folder
    bytes: int | None = None
    sha256: str | None = None


@dataclass
class Layout:
    """How the files of one kind are read."""

    files: list[str]  # globs below the source's folder, without .gz, .bz2, .xz, .zst or .zip
    format: str | None = None  # a name in formats.FORMATS; null: what the file's suffix says
    text: list[str] = field(default_factory=list)  # the fields that make the text, joined by lines
    id: str | None = None  # the field with the source's own id, kept in the metadata
    records: str | None = None  # json, xml: path of the records; null: the file itself
    members: list[str] = field(default_factory=lambda: ["**/*"])  # globs of what is read of a zip
    form: str = ""  # one text in several forms: the files of the first form that has any are read


@dataclass
class Source:
    name: str
    title: str
    published_gb: float  # size on the Polyglot-Ko model card; 1.0 where the card says "< 1.0"
    licence: str
    access: Access
    obtain: str  # how to get it, a sentence
    missing: str  # what to do where it is not there, a sentence
    folders: list[str]  # names that its folder below corpus.root may have; the first one is its own
    layouts: list[Layout]  # a file that several match is read by the first
    hub: Hub | None = None
    downloads: list[Download] = field(default_factory=list)


def known() -> list[str]:
    """Names of all sources in the registry."""
    return sorted(path.stem for path in paths.SOURCES.glob("*.yaml"))


def load(name: str) -> Source:
    """The registry's entry for a source.

    Raises:
        PolyglotError: there is none, or it is not well formed.
    """
    path = paths.SOURCES / f"{name}.yaml"
    if not path.exists():
        raise PolyglotError(f"Unknown source {name!r}: known are {', '.join(known())}.")
    try:
        values = OmegaConf.load(path)
    except (YAMLError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise PolyglotError(f"{path} cannot be read as YAML: {reason}.") from None
    source = params.typed(str(path), values, Source)
    for layout in source.layouts:
        if layout.format is not None and layout.format not in FORMATS:
            formats = ", ".join(FORMATS)
            raise PolyglotError(f"{path}: unknown format {layout.format!r}: known are {formats}.")
    return source
