"""The command line ``polyglot``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flows import models, operation, project
from runtime import paths, stage
from runtime.errors import PolyglotError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From raw Korean text to a trained, exported and evaluated language model.",
)
profile_app = typer.Typer(no_args_is_help=True, help="The sets of parameters in conf/profile.")
app.add_typer(profile_app, name="profile")
sources_app = typer.Typer(help="The sources that a corpus is made of.")
app.add_typer(sources_app, name="sources")
tokenizer_app = typer.Typer(no_args_is_help=True, help="The tokenizer, and others.")
app.add_typer(tokenizer_app, name="tokenizer")
tokens_app = typer.Typer(no_args_is_help=True, help="The training shards.")
app.add_typer(tokens_app, name="tokens")
app.add_typer(operation.app)  # without a name, as the next: their commands stand beside these
app.add_typer(models.app)

Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Parameters to change.")
]


def main() -> None:
    """Run a command; what goes wrong is one sentence and an exit code."""
    sys.exit(stage.guard(app))


@app.command()
def run(
    overrides: Overrides = None,
    profile: Annotated[
        str | None, typer.Option(help="Profile to put in force; none keeps params.yaml.")
    ] = None,
    target: Annotated[str, typer.Option(help="The last stage to run.")] = "report",
    force: Annotated[bool, typer.Option(help="Run stages that are up to date, too.")] = False,
    launch: Annotated[
        str | None, typer.Option(help="Where it runs: a file of infra/launch/.")
    ] = None,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Continue from the champion, if there is new data.")
    ] = False,
    workspace: Annotated[
        str | None, typer.Option(help="A worktree of its own below workspaces/.")
    ] = None,
) -> None:
    """Bring the whole pipeline up to date, in this process, with no server needed."""
    from flows import workspaces
    from flows.retrain import NothingNew
    from flows.run import started
    from flows.view import watched
    from runtime.delivery import waiting

    project.enter()
    workspaces.enter(workspace)
    if launch:
        os.environ["POLYGLOT_LAUNCH"] = launch
    console = Console()
    try:
        with started(target, profile, overrides or [], retrain) as this_run:
            stages = this_run.pipeline.stages
            watched(stages, lambda name: this_run.bring(name, force=force), console)
    except NothingNew as error:
        console.print(str(error), soft_wrap=True)
        return
    if all(outcome.state == "cached" for outcome in this_run.outcomes):
        console.print("Everything is up to date.")
    if target == "report":
        console.print(f"Report: {paths.REPORT.resolve()}", soft_wrap=True)
    if this_run.verdict:
        console.print(this_run.verdict)
    if left := len(waiting()):
        console.print(f"{left} records wait for MLflow: `polyglot sync` sends them.")


@app.command()
def status() -> None:
    """Each stage: up to date, changed or missing; and the last gate results."""
    from rich.table import Table

    from flows.pipeline import Pipeline, headline
    from flows.view import gate_result

    project.enter()
    pipeline = Pipeline()
    table = Table("stage", "state", "gate", "figure", box=None, header_style="bold")
    for name in pipeline.stages:
        table.add_row(name, pipeline.state(name), gate_result(name), headline(name))
    Console().print(table)


@profile_app.command("list")
def profile_list() -> None:
    """The profiles there are; the one in force is marked."""
    from flows import profile as profiles
    from runtime import params

    project.enter()
    current = params.read().get("profile") if paths.PARAMS.exists() else None
    for name in profiles.names():
        typer.echo(f"{'*' if name == current else ' '} {name}")


@profile_app.command("show")
def profile_show(
    name: Annotated[str | None, typer.Argument(help="A profile; none: those in force.")] = None,
) -> None:
    """All parameters of a profile, or those in force."""
    from omegaconf import OmegaConf

    from flows import profile as profiles

    project.enter()
    values = profiles.composed(name) if name else profiles.current()
    typer.echo(OmegaConf.to_yaml(values, resolve=True), nl=False)


@profile_app.command("use")
def profile_use(name: str, overrides: Overrides = None) -> None:
    """Compose a profile into params.yaml, with parameters changed as given."""
    from flows import profile as profiles
    from flows.run import alone

    project.enter()
    with alone():
        profiles.use(profiles.composed(name, overrides or []))
    typer.echo(f"params.yaml now holds profile {name}.")


Root = Annotated[
    str | None, typer.Option(help="The folder of the sources; none: corpus.root in force.")
]


@sources_app.callback(invoke_without_command=True)
def sources(
    context: typer.Context,
    root: Root = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """All sources of the registry: found or not, their size, licence, and how to get them."""
    if context.invoked_subcommand:
        if root or as_json:
            raise PolyglotError("Options come last: polyglot sources fetch NAME --root DIR.")
        return
    from flows.sources import listed

    project.enter()
    listed(root, as_json=as_json)


@sources_app.command("fetch")
def sources_fetch(name: str, root: Root = None) -> None:
    """Download what may be downloaded of a source; a broken download goes on where it was."""
    from flows.sources import bring

    project.enter()
    bring(name, root)


@app.command()
def mask(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files to read, .gz, .zst, .xz or .bz2 too; none: standard input."),
    ] = None,
    jsonl: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Lines are JSON; mask this field, keep the others."),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(help="Print file, line, kind, rule and place of each hit to standard error."),
    ] = False,
    also: Annotated[
        str, typer.Option(metavar="KINDS", help="Kinds besides the usual ones, with commas.")
    ] = "",
    business_phones: Annotated[
        bool, typer.Option("--business-phones", help="The numbers of businesses, too.")
    ] = False,
    spelled_phones: Annotated[
        bool, typer.Option("--spelled-phones", help="Phone numbers spelled in words, too.")
    ] = False,
    keep_tokens: Annotated[
        bool,
        typer.Option("--keep-tokens", help="Leave <|tell|> and the like in the input as they are."),
    ] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="Show what is found, and mask nothing.")
    ] = False,
) -> None:
    """Mask Korean PII: lines in, masked lines out."""
    from flows import masking
    from stages.mask.params import MaskParams, check

    params = MaskParams(
        [kind.strip() for kind in also.split(",") if kind.strip()],
        business_phones=business_phones,
        spelled_phones=spelled_phones,
        samples=0,
    )
    check(params)
    if rules:
        print(*masking.described(params), sep="\n")
        return
    told = (lambda place: print(place, file=sys.stderr)) if explain else None
    masked = masking.Filter(params, keep_tokens, told)
    try:
        for name, file in masking.inputs(files or []):
            if jsonl:
                masked.json_lines(name, file, sys.stdout.buffer, jsonl)
            else:
                masked.text(name, file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@tokenizer_app.command("compare")
def tokenizer_compare(
    tokenizers: Annotated[
        list[Path] | None,
        typer.Argument(help="Files tokenizer.json, or folders with one; none: data/tokenizer."),
    ] = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(help="UTF-8 text, a line a text; none: held-out documents of the corpus."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """How tokenizers cut the same text: bytes a token, tokens an eojeol, and samples."""
    from flows.tokenizers import compare

    if not (tokenizers and text):
        project.enter()
    compare(tokenizers or [], text or [], as_json)


@tokens_app.command("export")
def tokens_export(
    out: Annotated[Path, typer.Argument(help="The folder to write to.")],
    form: Annotated[
        str, typer.Option("--format", help="megatron: Megatron-LM, Megatron-Core and GPT-NeoX.")
    ] = "megatron",
    tokens: Annotated[Path, typer.Option(help="The shards.")] = paths.TOKENS,
) -> None:
    """Write the training shards in the form that another trainer reads."""
    from flows.tokens import export

    if form != "megatron":
        raise PolyglotError(f"--format is {form!r}: it can be megatron.")
    for path in export(tokens, out):
        typer.echo(path)


@app.command()
def plan(
    profile: Annotated[str, typer.Option(help="The profile to be trained.")] = "1.3b",
    overrides: Overrides = None,
    gpus: Annotated[int, typer.Option(help="How many.")] = 256,
    gpu: Annotated[str, typer.Option(help="Of which kind: see infra/gpus.yaml.")] = "a100-80gb",
    mfu: Annotated[float, typer.Option(help="The share of their peak that is computed.")] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Memory, time, storage and energy of a training, before anyone pays for it."""
    import json
    from dataclasses import asdict

    from flows import plan as planning

    project.enter()
    found = planning.plan(profile, overrides or [], gpus, gpu, mfu)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
    else:
        planning.show(found)


if __name__ == "__main__":
    main()
