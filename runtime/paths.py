"""Where the stages meet: every path relative to the project's root, which is the working folder."""

from pathlib import Path

PARAMS = Path("params.yaml")
CONF = Path("conf")
SOURCES = CONF / "sources"
LAUNCH = Path("infra/launch")

DATA = Path("data")
SAMPLE = DATA / "sample"
INGEST = DATA / "ingest"
CLEAN = DATA / "clean"
DEDUP = DATA / "dedup"
MASK = DATA / "mask"
TOKENIZER = DATA / "tokenizer"
TOKENIZER_CARD = DATA / "tokenizer_card.json"
TOKENS = DATA / "tokens"
PRETRAIN = DATA / "pretrain"
CHECKPOINTS = DATA / "checkpoints"
MODEL = DATA / "model"
EVALUATE = DATA / "evaluate"
RELEASE = DATA / "release"  # the model with its card and scores

REPORTS = Path("reports")
GATES = REPORTS / "gates"
REPORT = REPORTS / "index.html"
FIGURES = REPORTS / "figures"
SUMMARY = REPORTS / "run.json"
MASKING_REPORT = REPORTS / "masking.html"

LOGS = Path("logs")
STATE = Path(".polyglot")  # progress of the running stages and metrics not yet sent
SPOOL = STATE / "spool"
MLFLOW = Path("mlruns")
