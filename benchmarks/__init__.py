"""One script a figure; each writes ``results/<name>.json`` with the machine in it."""
