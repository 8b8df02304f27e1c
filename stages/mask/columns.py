"""A column of texts masked: one pass of RE2 finds the few that may hold something, Python those."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.mask.masking import Hit, Masker


def mask_column(
    masker: Masker, texts: pa.StringArray
) -> tuple[pa.StringArray, list[tuple[int, list[Hit]]]]:
    """Mask texts, none of which is null.

    Returns:
        The masked texts, and the row of every text that had hits, with them, in order. The hits are
        those of ``masker.find``.
    """
    rows = suspects(masker, texts)
    found: list[tuple[int, list[Hit]]] = []
    masked: list[str] = []
    for row, text in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
        new, hits = masker.mask(text)
        if hits:
            found.append((row, hits))
            masked.append(new)
    if not found:
        return texts, []
    changed = np.zeros(len(texts), bool)
    changed[[row for row, _ in found]] = True
    return pc.replace_with_mask(texts, pa.array(changed), pa.array(masked, pa.string())), found


def suspects(masker: Masker, texts: pa.StringArray) -> np.ndarray:
    """int64: the rows of all texts in which a rule may find something."""
    look = "|".join(f"(?:{family.look})" for family in masker.families)
    matched = pc.match_substring_regex(texts, look)
    return np.flatnonzero(matched.to_numpy(zero_copy_only=False))
