"""Gate model: the exported folder is the model that was trained, and it has learned something."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from runtime import files, paths
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.gate.params import ModelGate
from stages.gate.suite import Check, Table, at_most, below, equal

UNSAFE = {".bin", ".pt", ".pth", ".pkl", ".ckpt", ".py"}  # can run code when loaded
SENTENCES = (
    "안녕하세요. 오늘은 날씨가 참 좋네요!",
    "영화가 넘 재밌었어욬ㅋㅋㅋ ㅠㅠ 별점 10점 만점에 9.5점~",
    "2023년 1월 15일, 서울특별시 종로구에서 10,000원을 냈다.",
    "띄어쓰기  두 칸과\n줄바꿈,\t탭도 그대로 남는다.",
    "전화는 <|tell|>, 주민등록번호는 <|rrn|>, 계좌는 <|acc|>입니다.",
    "쀍뷁 ㄱㄴㄷ 漢字 English café 🙂 ½ ℃",
)
AGAIN = "run export again"


def tables(demands: ModelGate, progress: Progress) -> list[Table]:
    """Files, weights, logits, tokenizer and losses of the exported model."""
    metrics = files.read_json(paths.PRETRAIN / "metrics.json")
    reference = paths.PRETRAIN / "reference.safetensors"
    if not reference.is_file():
        raise PolyglotError(f"{reference} is missing: run the stage pretrain again.")
    engine = load_file(reference)
    progress.start(4, "parts")
    model, tokenizer = load(paths.MODEL)
    model.to(device_of(metrics))
    progress.update(1)
    logits = logit_figures(model, engine)
    progress.update(2)
    held_out = held_out_figures(model, engine, len(tokenizer))
    progress.update(3)
    padding = padding_figures(model, engine, len(tokenizer))
    progress.update(4)
    vocabulary = model.get_input_embeddings().num_embeddings
    return [
        Table("files", file_figures(paths.MODEL, metrics), file_checks()),
        Table("logits", logits, logit_checks(demands)),
        Table("held out", held_out, held_out_checks(demands)),
        Table("tokenizer", tokenizer_figures(tokenizer), tokenizer_checks(vocabulary)),
        Table("padding", padding, padding_checks()),
        Table("losses", loss_figures(metrics), loss_checks(vocabulary)),
    ]


def load(folder: Path) -> tuple[Any, Any]:
    """Model and tokenizer as a user loads them, in the dtype they were exported in.

    Raises:
        PolyglotError: the folder cannot be loaded.
    """
    disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto", local_files_only=True)
        return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise PolyglotError(f"{folder} cannot be loaded ({reason}): {AGAIN}.") from None


def device_of(metrics: dict[str, Any]) -> str:
    """Where the engine computed its logits, ``cuda`` or ``cpu``: elsewhere they round differently.

    ``cpu`` too where its GPU is not at hand.
    """
    on_gpu = metrics.get("device", "cpu") != "cpu"  # else the GPU's name
    return "cuda" if on_gpu and torch.cuda.is_available() else "cpu"


def file_figures(folder: Path, metrics: dict[str, Any]) -> pd.DataFrame:
    """One row: files that could run code, and parameters stored, implied and trained."""
    with torch.device("meta"):
        implied = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
    return pd.DataFrame(
        {
            "unsafe": [sum(path.suffix in UNSAFE for path in folder.rglob("*"))],
            "stored": [sum(_stored(path) for path in sorted(folder.glob("*.safetensors")))],
            "implied": [implied.num_parameters()],
            "trained": [metrics["parameters"]],
        },
        index=["model"],
    )


def logit_figures(model: Any, engine: dict[str, torch.Tensor]) -> pd.DataFrame:
    """A row per reference prompt: the largest ``difference`` of a logit, ``not_finite`` ones."""
    with torch.inference_mode():
        logits = model(engine["input_ids"].to(model.device)).logits.float().cpu()
    difference = (logits - engine["logits"].float()).abs().flatten(1).amax(dim=1)
    not_finite = (~torch.isfinite(logits)).flatten(1).sum(dim=1)
    return pd.DataFrame(
        {"difference": difference.tolist(), "not_finite": not_finite.tolist()},
        index=[f"prompt {number}" for number in range(len(logits))],
    )


def held_out_figures(model: Any, engine: dict[str, torch.Tensor], vocab_size: int) -> pd.DataFrame:
    """One row: the ``difference`` of the mean loss on held-out windows to the engine's, in nats.

    As in training, the rows of the embedding beyond ``vocab_size`` are outside the softmax.
    """
    losses = []
    with torch.inference_mode():
        for number, window in enumerate(engine["windows"].to(model.device)):
            where = {}
            if "position_ids" in engine:
                where = {"position_ids": engine["position_ids"][number][None].to(model.device)}
            logits = model(window[None, :-1], use_cache=False, **where).logits[0].float()
            loss = cross_entropy(logits[:, :vocab_size], window[1:])
            losses.append(float(loss))
    difference = abs(sum(losses) / len(losses) - float(engine["losses"].mean()))
    return pd.DataFrame({"difference": [difference]}, index=["held-out windows"])


def padding_figures(model: Any, engine: dict[str, torch.Tensor], vocab_size: int) -> pd.DataFrame:
    """One row: padded ids that ``generate`` does not rule out, and those that it wrote.

    Padded are the rows of the embedding from ``vocab_size`` on, which stand for no token.
    """
    rows = model.get_output_embeddings().out_features
    ruled_out = set(model.generation_config.suppress_tokens or ())
    half = engine["input_ids"].shape[1] // 2
    prompts = engine["input_ids"][:, :half].to(model.device)
    output = model.generate(
        prompts, attention_mask=torch.ones_like(prompts), max_new_tokens=half, do_sample=False
    )
    written = int((output >= vocab_size).sum())
    allowed = sum(number not in ruled_out for number in range(vocab_size, rows))
    return pd.DataFrame({"allowed": [allowed], "written": [written]}, index=["padded ids"])


def tokenizer_figures(tokenizer: Any) -> pd.DataFrame:
    """One row: ``entries`` of the vocabulary, and sentences that come back ``changed``."""
    back = [
        tokenizer.decode(tokenizer(s, add_special_tokens=False)["input_ids"]) for s in SENTENCES
    ]
    changed = sum(before != after for before, after in zip(SENTENCES, back, strict=True))
    return pd.DataFrame({"entries": [len(tokenizer)], "changed": [changed]}, index=["tokenizer"])


def loss_figures(metrics: dict[str, Any]) -> pd.DataFrame:
    """One row, in nats: final ``validation`` loss, ``change`` from initial to final training loss.

    A loss that is no finite number counts in ``not_finite``.
    """
    losses = {name: metrics[f"{name}_loss"] for name in ("initial", "train", "validation")}
    return pd.DataFrame(
        {
            "not_finite": sum(not math.isfinite(loss) for loss in losses.values()),
            "validation": losses["validation"],
            "change": losses["train"] - losses["initial"],
        },
        index=["losses"],
    )


def file_checks() -> list[Check]:
    """On the columns of ``file_figures``."""
    return [
        at_most("unsafe", 0, "the number of files that could run code when loaded", AGAIN),
        equal(
            "stored",
            "implied",
            "the parameters in the safetensors files",
            "those that config.json implies",
            AGAIN,
        ),
        equal(
            "stored",
            "trained",
            "the parameters in the safetensors files",
            "those that pretrain counted",
            AGAIN,
        ),
    ]


def logit_checks(demands: ModelGate) -> list[Check]:
    """On the columns of ``logit_figures``."""
    return [
        at_most("not_finite", 0, "the number of logits that are no finite number", AGAIN),
        at_most(
            "difference",
            demands.max_logit_difference,
            "the largest difference between a logit of the exported model and of the engine",
            f"{AGAIN}, or raise gates.model.max_logit_difference where the hardware differs",
        ),
    ]


def held_out_checks(demands: ModelGate) -> list[Check]:
    """On the columns of ``held_out_figures``."""
    return [
        at_most(
            "difference",
            demands.max_loss_difference,
            "the difference of the validation loss to that of the engine",
            f"{AGAIN}, or raise gates.model.max_loss_difference where the hardware differs",
        )
    ]


def padding_checks() -> list[Check]:
    """On the columns of ``padding_figures``."""
    return [
        at_most(
            "allowed",
            0,
            "the number of padded ids that generation_config.json does not rule out",
            AGAIN,
        ),
        at_most("written", 0, "the number of padded ids that the model wrote", AGAIN),
    ]


def tokenizer_checks(rows: int) -> list[Check]:
    """On the columns of ``tokenizer_figures``."""
    return [
        at_most(
            "changed",
            0,
            f"the number of {len(SENTENCES)} Korean sentences that tokenizing changes",
            "run tokenizer and all after it again",
        ),
        at_most(
            "entries",
            rows,
            "the number of tokenizer entries, with a row in the embedding for each,",
            "run pretrain with this tokenizer",
        ),
    ]


def loss_checks(vocabulary: int) -> list[Check]:
    """On the columns of ``loss_figures``."""
    advice = "look at the loss curve, then change the learning rate or the number of steps"
    return [
        at_most("not_finite", 0, "the number of losses that are no finite number", advice),
        below(
            "validation",
            math.log(vocabulary),
            "the validation loss, which is ln(vocabulary) without any learning,",
            advice,
        ),
        below("change", 0, "the change from the initial to the final training loss", advice),
    ]


def _stored(path: Path) -> int:
    """Parameters in a safetensors file, from its header."""
    with safe_open(path, framework="pt") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    return sum(math.prod(shape) for shape in shapes)
