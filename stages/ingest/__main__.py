"""``python -m stages.ingest``: raw files into documents."""

from runtime import params, stage
from stages.ingest import CorpusParams, ingest


def main(stage_: stage.Stage) -> None:
    ingest(params.load("corpus", CorpusParams), stage_.progress)


if __name__ == "__main__":
    stage.run("ingest", main)
