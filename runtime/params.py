"""The parameters in force: a section of params.yaml as the typed dataclass of its stage."""

from pathlib import Path
from typing import Any, TypeVar

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from runtime import paths
from runtime.errors import PolyglotError

T = TypeVar("T")


def read(path: Path = paths.PARAMS) -> dict[str, Any]:
    """All sections, as plain dicts and lists.

    Raises:
        PolyglotError: the file is missing or is no YAML mapping.
    """
    try:
        values = OmegaConf.to_container(OmegaConf.load(path))
    except FileNotFoundError:
        raise PolyglotError(f"{path} is missing: run `polyglot profile use smoke`.") from None
    except YAMLError as error:
        raise PolyglotError(f"{path} is not valid YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(values, dict):
        raise PolyglotError(f"{path} is not a mapping of sections.")
    return {str(key): value for key, value in values.items()}


def load(section: str, schema: type[T], path: Path = paths.PARAMS) -> T:
    """One section as ``schema``, a dataclass without defaults; nested dataclasses are filled too.

    Raises:
        PolyglotError: the section or a key of it is missing, unknown or of another type.
    """
    values = read(path)
    if section not in values:
        raise PolyglotError(f"{path} has no section {section!r}: run `polyglot profile use NAME`.")
    return typed(section, values[section], schema)


def typed(section: str, values: Any, schema: type[T]) -> T:
    """``values`` checked against ``schema``; errors name the key as a user writes it."""
    try:
        merged = OmegaConf.merge(OmegaConf.structured(schema), values)
        result = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        key = f"{section}.{error.full_key}" if error.full_key else section
        reason = str(error.msg or error).splitlines()[0]
        raise PolyglotError(f"Parameter {key}: {reason}.") from None
    assert isinstance(result, schema)
    return result
