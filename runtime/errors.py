"""The one error that a user is meant to read."""

ERROR = "POLYGLOT_ERROR"  # environment: the file that takes the sentence of a failure


class PolyglotError(Exception):
    """Something a user can mend. The message is one clear sentence; no traceback is shown."""


class Unavailable(PolyglotError):
    """Something outside failed that may soon work again: a cluster, a node, a file server."""
