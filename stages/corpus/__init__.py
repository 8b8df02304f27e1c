"""The sample corpus: made up, deterministic, in the raw formats of the real sources.

``python -m stages.corpus`` writes ``data/sample`` from the section ``sample`` of params.yaml.
The same seed and size give the same bytes. Every word comes from a small grammar of our own; names
and numbers are invented. Layout and fields, where *text* is what a document consists of:

raw/nsmc/ratings.txt
    TSV as e9t/nsmc ships it, no quoting, a header ``id  document  label``; a record a line.
    text: ``document``. label: 1 liked, 0 disliked.
raw/kcbert/comments.txt
    Plain text, a comment a line, no header. text: the line (an empty line is an empty comment).
raw/modu/NWRW0000000001.json
    One JSON object as corpus.korean.go.kr ships newspapers: ``id``, ``metadata``, ``document``: a
    list of ``{"id", "metadata": {"title", "publisher", "date", "topic", ...}, "paragraph":
    [{"id", "form"}]}``. text: the ``form`` of every paragraph, joined by one newline.
raw/wikipedia/train-00000-of-00001.parquet
    As the hub's ``wikimedia/wikipedia``: strings ``id``, ``url``, ``title``, ``text``.
    text: ``text``.
raw/aihub/training.zip
    JSON members (UTF-8 names) as AI Hub's dialogue summaries: ``{"numberOfItems", "data":
    [{"header": {"dialogueInfo", "participantsInfo"}, "body": {"dialogue": [{"utteranceID",
    "turnID", "participantID", "date", "time", "utterance"}], "summary"}}]}``. text: the
    ``utterance`` of every turn, joined by one newline.
raw/blog/posts.jsonl.zst
    JSON lines in one zstd frame: ``title``, ``text``, ``url``, ``date``. text: ``text``.

pii.jsonl
    The truth about planted personal numbers, a number a line: ``source``, ``file`` (below
    raw/<source>/, a zip's member as ``training.zip/<member>``), ``position`` (0-based record in
    that file: header lines do not count, empty and broken records do), ``kind``
    (phone | rrn | account), ``number`` as planted, ``start`` and ``end``: offsets in characters
    of the raw text (before any cleaning, HTML entities unresolved).
lookalikes.jsonl
    The same fields for numbers that look personal and must stay: kind is date, price, version
    or order.
defects.jsonl
    ``source``, ``file``, ``position``, ``kind`` of every planted defect: empty, html, spaces,
    repeats, duplicate (of an earlier record of the file), broken_utf8, broken_json.
kobest/{boolq,copa,hellaswag,sentineg,wic}/{train,validation,test}.jsonl
    Evaluation items from the same grammar, in the fields and label numbers of KOBEST v1. No item
    stands in the corpus.

All numbers are fake: a resident registration number has a wrong check digit, so it is nobody's.
"""
