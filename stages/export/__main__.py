"""The stage export: ``python -m stages.export``."""

from runtime import params, paths, stage
from stages.export import ExportParams, export


def main(running: stage.Stage) -> None:
    what = params.load(running.name, ExportParams)
    summary = export(what, paths.PRETRAIN, paths.TOKENIZER, paths.TOKENIZER_CARD, paths.MODEL)
    running.progress.headline(summary)


if __name__ == "__main__":
    stage.run("export", main)
