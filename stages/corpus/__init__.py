"""The sample corpus: made up, deterministic, all sources, each in the raw format it ships in.

``python -m stages.corpus`` writes ``data/sample`` from the section ``sample`` of params.yaml.
The same seed and size give the same bytes. Every word comes from a small grammar of our own; names
and numbers are invented. Layout and fields, where *text* is what a document consists of:

raw/blog/posts.jsonl.zst
    JSON lines in one zstd frame: ``title``, ``text``, ``url``, ``date``. text: ``text``.
raw/news/articles.csv.gz
    CSV (RFC 4180) with a header: ``title``, ``content`` (quoted, with line breaks), ``date``.
    text: title and content, joined by a newline.
raw/modu/{NWRW,SDRW,MDRW}0000000001.json, NIKL_WEB.zip/EBRW0000000001.json
    News, spoken, messenger and web as corpus.korean.go.kr ships them, one JSON object a file:
    ``id``, ``metadata``, ``document``: a list of ``{"id", "metadata": {"title", "publisher",
    "date", "topic", ...}, "paragraph": [{"id", "form"}]}``; spoken and messenger have
    ``"utterance": [{"id", "form", "speaker_id"}]``. text: every ``form``, joined by newlines.
raw/patent/patents.xml.zip
    One XML member, a ``patent`` a record: ``applicationNumber``, ``inventionTitle``,
    ``abstract``, ``description``, ``claims``, as KIPRIS names them. text: the last four, joined by
    newlines.
raw/qa/ChatbotData.csv
    CSV with a header as songys/Chatbot_data: ``Q``, ``A``, ``label``. text: Q and A, joined by a
    newline.
raw/kcbert/comments.txt
    Plain text, a comment a line, no header. text: the line (an empty line is an empty comment).
raw/fiction/장편<nn>/<nn>장.txt.xz
    Plain text, a chapter a file. text: the file.
raw/comments/comments.tsv.bz2
    TSV, no quoting, a header ``id  comment  date``. text: ``comment``.
raw/wikipedia/train-00000-of-00001.parquet
    As the hub's ``wikimedia/wikipedia``: strings ``id``, ``url``, ``title``, ``text``.
    text: ``text``.
raw/clovacall/train_ClovaCall.json
    A JSON list of ``{"wav", "text", "speaker_id"}``. text: ``text``.
raw/nsmc/ratings.txt
    TSV as e9t/nsmc ships it, no quoting, a header ``id  document  label``; a record a line.
    text: ``document``. label: 1 liked, 0 disliked.
raw/hate_speech/unlabeled/unlabeled_comments_1.txt, labeled/train.tsv
    As korean-hate-speech: plain text, a comment a line; and TSV with a header ``comments
    contain_gender_bias  bias  hate``. text: the line, or ``comments``.
raw/opensubtitles/raw/ko/<year>/<film>/<id>.xml.gz
    As OPUS ships OpenSubtitles before tokenisation, a film a file: ``<document><s><time/>line</s>
    ...``. text: the text of every ``s``, joined by newlines.
raw/aihub/training.zip
    JSON members (UTF-8 names) as AI Hub's dialogue summaries: ``{"numberOfItems", "data":
    [{"header": {"dialogueInfo", "participantsInfo"}, "body": {"dialogue": [{"utteranceID",
    "turnID", "participantID", "date", "time", "utterance"}], "summary"}}]}``. text: the
    ``utterance`` of every turn, joined by one newline.
raw/stdict/표준국어대사전_{JSON,XML}.zip
    The Standard Korean dictionary's downloads, half of the words as JSON and half as XML:
    ``channel.item`` with ``target_code`` and ``word_info``: ``word``,
    ``pos_info.comm_pattern_info.sense_info``: ``definition``, ``example_info.example``.
    text: word, definition and examples, joined by newlines.

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
    ``source``, ``file``, ``position``, ``kind`` of every planted defect: those of the text
    (``stages.corpus.defects``: empty, short, foreign, symbols, spaced_out, mojibake,
    repeated_phrase; html, spaces, repeats, control, decomposed; boilerplate, code, bullets,
    repeated_line, repeated_paragraphs), duplicate (of an earlier record of the source),
    near_duplicate (of one, with a few words put in), contaminated (an item of a test split stands
    at its end; ``task`` says of which task), broken_utf8, broken_json.
kobest/{boolq,copa,hellaswag,sentineg,wic}/{train,validation,test}.jsonl
    Evaluation items in the fields and label numbers of KOBEST v1, from the same grammar and
    words, but with names, things and scripts that the corpus never tells of: no item stands in
    it but in the contaminated records.

All numbers are fake: a resident registration number has a wrong check digit, so it is nobody's.
"""
