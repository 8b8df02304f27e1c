"""The commands of ``polyglot`` on models: to score, talk to, compare, register and give away."""

from pathlib import Path
from typing import Annotated

import typer

from flows import project
from runtime import paths

app = typer.Typer()
export_app = typer.Typer(no_args_is_help=True, help="The released model.")
app.add_typer(export_app, name="export")


@app.command()
def evaluate(
    model: Annotated[
        str, typer.Argument(help="A folder, a hub id (with @revision), or models:/name@alias.")
    ],
    shots: Annotated[str, typer.Option(help="Numbers of examples, with commas.")] = "0,5,10,50",
    tasks: Annotated[
        str, typer.Option(help="KOBEST tasks, with commas.")
    ] = "copa,hellaswag,boolq,sentineg,wic",
    data: Annotated[str, typer.Option(help="A folder of KOBEST, or its hub id.")] = "skt/kobest_v1",
    limit: Annotated[int | None, typer.Option(help="Documents a task; none: all.")] = None,
    prompts: Annotated[
        str, typer.Option(help="polyglot: of the published tables; stock: lm-eval's own.")
    ] = "polyglot",
    batch_tokens: Annotated[
        int | None, typer.Option(help="Tokens of a forward pass; none: as memory holds.")
    ] = None,
    dtype: Annotated[
        str, typer.Option(help="What the model computes in: float32, bfloat16 or float16.")
    ] = "float32",
    out: Annotated[Path, typer.Option(help="The results, as JSON.")] = Path("kobest.json"),
    samples: Annotated[Path | None, typer.Option(help="A folder for each example.")] = None,
) -> None:
    """Evaluate any causal language model on KOBEST, with the published prompts."""
    from flows.kobest import kobest as run_kobest

    run_kobest(model, shots, tasks, data, limit, prompts, batch_tokens, dtype, out, samples)


@app.command()
def generate(
    model: Annotated[str, typer.Argument(help="A folder, a hub id, or models:/name@alias.")],
    prompt: Annotated[
        str | None, typer.Argument(help="How it begins; none: every line of standard input.")
    ] = None,
    tokens: Annotated[int, typer.Option(help="At most.")] = 60,
    temperature: Annotated[float, typer.Option(help="0: the likeliest token every time.")] = 0.8,
    top_p: Annotated[float, typer.Option(help="Of the probability that is drawn from.")] = 0.95,
    seed: Annotated[int, typer.Option(help="The same seed writes the same.")] = 42,
) -> None:
    """Let a model go on with a text."""
    from flows import generate as flow

    flow.write(model, prompt, tokens, temperature, top_p, seed)


@app.command()
def compare(
    runs: Annotated[
        list[str], typer.Argument(help="Files run.json, project folders, or runs by name or id.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Two or more runs side by side: scores with intervals, and the parameters that differ."""
    from flows import compare as flow

    flow.compare(runs, as_json)


@export_app.callback()
def export() -> None:
    """The released model."""  # a callback, or typer takes a lone command for the whole group


@export_app.command("push")
def export_push(
    repository: Annotated[str, typer.Argument(help="On the hub, such as NAME/polyglot-ko.")],
    folder: Annotated[Path, typer.Option(help="A released model.")] = paths.RELEASE,
    private: Annotated[bool, typer.Option("--private", help="If it is new.")] = False,
    revision: Annotated[str, typer.Option(help="The branch.")] = "main",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, send nothing.")] = False,
) -> None:
    """Upload the released model, its card and scores to the Hugging Face hub."""
    from flows.push import push

    push(folder, repository, private=private, revision=revision, dry_run=dry_run)


@app.command()
def kobest(
    folder: Annotated[Path, typer.Argument(help="Where it goes.")] = Path("data/kobest"),
) -> None:
    """Fetch the benchmark KOBEST from the hub."""
    from flows.kobest import fetch

    fetch(folder)
    typer.echo(f"KOBEST is in {folder}.")


Model = Annotated[
    str | None, typer.Option(help="A registered model; none: that of the profile in force.")
]


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="Of the registered model.")], model: Model = None
) -> None:
    """Make a version of the registered model the champion."""
    from flows import registry
    from runtime import params

    project.enter()
    typer.echo(registry.promote(model or registry.name_of(params.read()["profile"]), version))


@app.command()
def rollback(model: Model = None) -> None:
    """Give the title of champion back to the version that had it before."""
    from flows import registry
    from runtime import params

    project.enter()
    typer.echo(registry.rollback(model or registry.name_of(params.read()["profile"])))
