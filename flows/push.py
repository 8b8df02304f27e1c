"""Bring a released model to the Hugging Face hub."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from runtime.errors import PolyglotError

ALLOWED = {".safetensors", ".json", ".md", ".txt", ".jinja"}  # nothing that could run code


def push(folder: Path, repository: str, *, private: bool, revision: str, dry_run: bool) -> None:
    """Upload every file of ``folder`` to ``repository`` in one commit, or only show what it would.

    The token is that of ``hf auth login`` or of the environment (``HF_TOKEN``).

    Raises:
        PolyglotError: the folder is no released model, or the hub refuses.
    """
    found = checked(folder)
    table = Table("file", "MB", box=None, header_style="bold")
    for path in found:
        table.add_row(path.name, f"{path.stat().st_size / 1e6:,.1f}")
    console = Console()
    console.print(table)
    kind = "private" if private else "public"
    if dry_run:
        console.print(f"Would go to {repository} ({kind}), {revision}. Nothing was sent.")
        return
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    api = HfApi()
    try:
        api.create_repo(repository, private=private, exist_ok=True)
        if revision != "main":
            api.create_branch(repository, branch=revision, exist_ok=True)
        sent = api.upload_folder(
            folder_path=folder,
            repo_id=repository,
            revision=revision,
            allow_patterns=[path.name for path in found],
            commit_message="Model, tokenizer and card of a run of polyglot-ko",
        )
    except HFValidationError as error:
        raise PolyglotError(f"{repository} is no name of the hub: {error}") from None
    except (HfHubHTTPError, OSError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        raise PolyglotError(
            f"The hub did not take {folder}: {reason}. `hf auth login` gives it your token; what "
            "was sent is not sent again."
        ) from None
    console.print(f"Sent: {sent.commit_url}", soft_wrap=True)


def checked(folder: Path) -> list[Path]:
    """The files of a released model.

    Raises:
        PolyglotError: weights, tokenizer or card are missing, or a file is of another kind.
    """
    if not folder.is_dir():
        raise PolyglotError(f"{folder} is missing: run the pipeline to the stage release first.")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    for name in ("config.json", "tokenizer.json", "README.md"):
        if folder / name not in found:
            raise PolyglotError(f"{folder} has no {name}: only a whole model is sent.")
    if not any(path.suffix == ".safetensors" for path in found):
        raise PolyglotError(f"{folder} has no weights (*.safetensors): only a whole model is sent.")
    for path in found:
        if path.suffix not in ALLOWED or path.parent != folder:
            raise PolyglotError(f"{path} does not belong into a released model: nothing was sent.")
    return found
