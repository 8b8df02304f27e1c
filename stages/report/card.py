"""The model card (README.md of the released folder), every figure from the run's own files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runtime import files, params, paths
from stages.report import card_scores, kobest
from stages.report import run as provenance
from stages.report.card_scores import table
from stages.report.kobest import short

REFERENCE_PARAMETERS = 1_331_810_304  # of Polyglot-Ko-1.3B
PII_TOKENS = {
    "<|acc|>": "bank account numbers",
    "<|rrn|>": "resident registration numbers",
    "<|tell|>": "phone numbers",
    "<|email|>": "e-mail addresses",
    "<|card|>": "payment card numbers",
    "<|passport|>": "passport numbers",
    "<|licence|>": "driving licence numbers",
    "<|company|>": "business registration numbers",
    "<|ip|>": "IP addresses",
    "<|plate|>": "car plates",
}


@dataclass(frozen=True)
class Run:
    """What the stages before wrote, as read from their JSON files."""

    config: dict[str, Any]  # the model's configuration
    params: dict[str, Any]  # of the stage pretrain
    metrics: dict[str, Any]  # of the stage pretrain
    tokenizer: dict[str, Any]  # the tokenizer's card
    tokens: dict[str, Any]  # the manifest of the shards
    export: dict[str, Any]  # the configuration of the exported folder
    results: dict[str, Any]  # of the stage evaluate
    commit: str | None  # of the code
    made_up: bool  # whether it was trained on the embedded sample corpus


def read() -> Run:
    """The run whose files are in this project.

    Raises:
        PolyglotError: a stage has not written its file.
    """
    return Run(
        config=files.read_json(paths.PRETRAIN / "config.json"),
        params=files.read_json(paths.PRETRAIN / "params.json"),
        metrics=files.read_json(paths.PRETRAIN / "metrics.json"),
        tokenizer=files.read_json(paths.TOKENIZER_CARD),
        tokens=files.read_json(paths.TOKENS / "manifest.json"),
        export=files.read_json(paths.MODEL / "config.json"),
        results=files.read_json(paths.EVALUATE / "results.json"),
        commit=provenance.commit(),
        made_up=Path(params.read()["corpus"]["root"]).is_relative_to(paths.SAMPLE),
    )


def text(run: Run) -> str:
    """The whole card in Markdown, with the front matter that the Hugging Face hub reads."""
    sections = (_head, _description, _data, _tokenizer, _procedure, _use, _evaluation, _limits)
    return "\n\n".join(section(run) for section in sections) + "\n"


def _head(run: Run) -> str:
    title = f"Korean GPT-NeoX, {short(run.metrics['parameters'])} parameters"
    about: dict[str, Any] = {
        "language": ["ko"],
        "license": "apache-2.0",
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["gpt_neox", "causal-lm", "pytorch"],
    }
    if kobest.comparable(run.results):  # what the hub shows beside other models
        index = card_scores.index(run.results["results"])
        about["model-index"] = [{"name": title, "results": index}]
    front = yaml.safe_dump(about, sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n# {title}"


def _description(run: Run) -> str:
    config, vocab_size = run.config, run.tokenizer["vocab_size"]
    head = config["hidden_size"] // config["num_attention_heads"]
    rotated = int(head * config["rope_parameters"]["partial_rotary_factor"])
    shape = table(
        ("Hyperparameter", "Value"),
        [
            (r"\\(n_{parameters}\\)", f"{run.metrics['parameters']:,}"),
            (r"\\(n_{layers}\\)", f"{config['num_hidden_layers']:,}"),
            (r"\\(d_{model}\\)", f"{config['hidden_size']:,}"),
            (r"\\(d_{ff}\\)", f"{config['intermediate_size']:,}"),
            (r"\\(n_{heads}\\)", f"{config['num_attention_heads']:,}"),
            (r"\\(d_{head}\\)", f"{head:,}"),
            (r"\\(n_{ctx}\\)", f"{config['max_position_embeddings']:,}"),
            (r"\\(n_{vocab}\\)", f"{vocab_size:,} / {config['vocab_size']:,}"),
            ("Positional encoding", "[rotary (RoPE)](https://arxiv.org/abs/2104.09864)"),
            ("RoPE dimensions", f"{rotated} of {head}"),
            ("Weights", run.export["dtype"]),
        ],
    )
    return f"""## Model description

A decoder-only Korean language model of the GPT-NeoX architecture, with attention and feed-forward
network side by side in every layer. The embedding has {config["vocab_size"]:,} rows, of which the
tokenizer uses the first {vocab_size:,}; the others are never predicted.

{shape}

{_standing(run.metrics)}{_made_from(run)}"""


def _made_from(run: Run) -> str:
    return f"\n\nMade with the code of commit `{run.commit}`." if run.commit else ""


def _standing(metrics: dict[str, Any]) -> str:
    """Where this model stands beside the one whose recipe it follows."""
    parameters = metrics["parameters"]
    if parameters == REFERENCE_PARAMETERS:
        return "It has the shape of Polyglot-Ko-1.3B, but is another model: see the data below."
    return (
        f"**This is not a 1.3B model.** It follows the recipe of Polyglot-Ko-1.3B with "
        f"{parameters / REFERENCE_PARAMETERS:.3%} of its {REFERENCE_PARAMETERS:,} parameters and "
        f"was trained on {metrics['tokens']:,} tokens; expect quality to match."
    )


def _data(run: Run) -> str:
    train, held_out = (run.tokens["splits"][split] for split in ("train", "validation"))
    rows = [
        (name, f"{source['documents']:,}", size(source["bytes"]), f"{source['tokens']:,}")
        for name, source in sorted(
            train["sources"].items(), key=lambda item: item[1]["bytes"], reverse=True
        )
    ]
    total = size(sum(source["bytes"] for source in train["sources"].values()))
    rows.append(("**all**", f"{train['documents']:,}", total, f"{train['tokens']:,}"))
    special = run.tokenizer["special_tokens"]
    masked = "\n".join(
        f"* `{token}` (id {special[token]}): {what}"
        for token, what in PII_TOKENS.items()
        if token in special
    )
    made_up = (
        "**All of this text is made up**: it is the sample corpus that comes with the code, in the "
        "forms of the sources it is named after.\n\n"
    )
    return f"""## Training data

{made_up if run.made_up else ""}{table(("Source", "Documents", "Size", "Tokens"), rows)}

Sizes are of the cleaned, deduplicated text. {held_out["documents"]:,} more documents
({held_out["tokens"]:,} tokens) are held out for validation.

Before training, these kinds of personal data were searched for in every document and replaced by
a token, so that the model does not learn them:

{masked}"""


def _tokenizer(run: Run) -> str:
    boundaries = (
        "Its merges were learnt inside MeCab-ko morphemes; encoding needs no MeCab."
        if run.tokenizer["morphemes"]
        else "Its merges were learnt on plain text, without morpheme boundaries."
    )
    return f"""## Tokenizer

Byte-level BPE with {run.tokenizer["vocab_size"]:,} entries. {boundaries}"""


def _procedure(run: Run) -> str:
    recipe, metrics = run.params, run.metrics
    beta1, beta2 = recipe["betas"]
    return f"""## Training procedure

Next-token prediction over {metrics["tokens"]:,} tokens: {metrics["steps"]:,} steps of
{recipe["global_batch"]:,} sequences of {recipe["model"]["context"]:,} tokens, on
{metrics["world_size"]:,} × {metrics["device"]}, with DeepSpeed ZeRO stage 1 in {recipe["dtype"]}.

{
        table(
            ("Setting", "Value"),
            [
                ("Optimizer", f"AdamW, betas {beta1} and {beta2}, epsilon {recipe['eps']}"),
                ("Learning rate", f"{recipe['lr']} to {recipe['min_lr']}, {recipe['schedule']}"),
                ("Warm-up", f"{recipe['warmup_share']:.1%} of the steps"),
                ("Weight decay", f"{recipe['weight_decay']}, none on biases and norms"),
                ("Gradient clipping", f"{recipe['clip']}"),
                ("Seed", f"{recipe['seed']}"),
                ("Training time", f"{metrics['seconds'] / 3600:.2f} h"),
                ("Throughput", f"{metrics['tokens_per_second']:,.0f} tokens/s"),
                ("First validation loss", f"{metrics['initial_loss']:.4f}"),
                ("Last training loss", f"{metrics['train_loss']:.4f}"),
                ("Last validation loss", f"{metrics['validation_loss']:.4f}"),
            ],
        )
    }

Losses are in nats per token."""


def _use(run: Run) -> str:
    return """## How to use

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # this folder
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)

prompt = tokenizer("오늘 본 영화는", return_tensors="pt")
output = model.generate(**prompt, max_new_tokens=30, do_sample=True)
print(tokenizer.decode(output[0]))
```

transformers 4 and 5 both read it. `generation_config.json` keeps the unused rows of the embedding
from being generated."""


def _evaluation(run: Run) -> str:
    return card_scores.section(run.results, run.metrics["parameters"])


def _limits(run: Run) -> str:
    return f"""## Limitations and biases

The model continues text as its training data would; it knows nothing of truth. It can state
falsehoods, repeat the prejudices and the coarse language of its sources, and its view of the world
is that of {len(run.tokens["splits"]["train"]["sources"])} sources in one language. The search for
personal data works by patterns and finds numbers, not names or addresses. Have a
person check what it writes before anyone relies on it.

## Licence

[Apache License 2.0](https://www.apache.org/licenses/LICENSE-2.0). The licences of the training
texts are their owners'."""


def size(count: float) -> str:
    """Bytes for people: ``61.9 MB``."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
