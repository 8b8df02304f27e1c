"""Compose params.yaml from conf/ with Hydra, and refuse what no stage would understand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import get_origin, get_type_hints

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, ConfigTypeError
from yaml import YAMLError

from flows.registry import RegistryParams, check_policy
from runtime import files, params, paths
from runtime.errors import PolyglotError
from stages.clean.params import CleanParams
from stages.corpus.params import SampleParams
from stages.dedup.params import DedupParams, check_evaluation
from stages.evaluate.params import EvaluateParams
from stages.export.params import ExportParams
from stages.gate.params import (
    GateParams,
    check_dropped_shares,
    check_masked_rates,
    check_token_bounds,
)
from stages.ingest.params import CorpusParams
from stages.mask.params import MaskParams
from stages.mask.params import check as check_kinds
from stages.pretrain.params import PretrainParams
from stages.report.params import ReportParams
from stages.tokenize.params import TokenizeParams, check_epochs
from stages.tokenizer.params import TokenizerParams

HEADER = (
    "# Composed by `polyglot profile use {profile}` from conf/: "
    "change values there or with key=value, not here.\n"
)


@dataclass
class Params:
    """The whole of params.yaml."""

    profile: str
    overrides: list[str]
    sample: SampleParams
    corpus: CorpusParams
    clean: CleanParams
    dedup: DedupParams
    mask: MaskParams
    tokenizer: TokenizerParams
    tokenize: TokenizeParams
    pretrain: PretrainParams
    export: ExportParams
    evaluate: EvaluateParams
    registry: RegistryParams
    report: ReportParams
    gates: GateParams


def names() -> list[str]:
    """The profiles that conf/ holds."""
    return sorted(path.stem for path in (paths.CONF / "profile").glob("*.yaml"))


def composed(profile: str, overrides: Sequence[str] = ()) -> DictConfig:
    """The parameters of ``profile`` with ``key=value`` overrides on top.

    Raises:
        PolyglotError: the profile or a key is unknown, or a value has the wrong type.
    """
    if profile not in names():
        raise PolyglotError(f"There is no profile {profile!r}; known are: {', '.join(names())}.")
    with initialize_config_dir(str(paths.CONF.resolve()), version_base="1.3"):
        try:
            values = compose("config", [f"profile={profile}"])
        except HydraException as error:
            raise PolyglotError(f"Profile {profile}: {str(error).splitlines()[0]}.") from None
    OmegaConf.set_struct(values, True)
    for override in overrides:
        _override(values, override)
    values.overrides = list(overrides)
    typed = params.typed("params", values, Params)
    check_evaluation(typed.dedup.decontamination, typed.evaluate.data)
    check_epochs(typed.tokenize, typed.corpus.sources)
    check_dropped_shares(typed.gates.documents.max_dropped_share, typed.corpus.sources)
    check_kinds(typed.mask)
    check_masked_rates(typed.gates.masked, typed.corpus.sources)
    check_token_bounds(typed.gates.tokens, typed.corpus.sources)
    check_policy(typed.registry)
    return values


def current(overrides: Sequence[str] = ()) -> DictConfig:
    """The profile in force with the overrides in force, and more of them on top."""
    values = params.read()
    given: dict[str, str] = {}
    for word in [*values["overrides"], *overrides]:
        key = word.partition("=")[0]
        given.pop(key, None)  # the later word takes the later place, after those on its parts
        given[key] = word
    return composed(str(values["profile"]), list(given.values()))


def _override(values: DictConfig, override: str) -> None:
    key, separator, value = override.partition("=")
    if not separator:
        raise PolyglotError(f"{override!r} is not of the form key=value.")
    if key in ("profile", "overrides"):
        raise PolyglotError(f"{key!r} is no parameter: choose a profile with --profile NAME.")
    open_ = list(_open(Params))
    new = any(key.startswith(f"{mapping}.") for mapping in open_)
    try:
        given = OmegaConf.create(f"value: {value}").value
        OmegaConf.update(values, key, given, merge=key not in open_, force_add=new)
    except (ConfigAttributeError, ConfigKeyError, ConfigTypeError):
        raise PolyglotError(
            f"There is no parameter {key!r}; see `polyglot profile show`."
        ) from None
    except YAMLError:
        raise PolyglotError(f"The value of {override!r} is not valid YAML.") from None


def _open(schema: type, prefix: str = "") -> Iterator[str]:
    """The parameters that are mappings with keys of the user's own, such as names of sources."""
    for name, type_ in get_type_hints(schema).items():
        if isinstance(type_, type) and is_dataclass(type_):
            yield from _open(type_, f"{prefix}{name}.")
        elif get_origin(type_) is dict:
            yield f"{prefix}{name}"


def use(values: DictConfig, path: Path = paths.PARAMS) -> None:
    """Put ``values`` in force; a file that already says so is left alone."""
    text = HEADER.format(profile=values.profile) + OmegaConf.to_yaml(values, resolve=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        files.write_text(path, text)
