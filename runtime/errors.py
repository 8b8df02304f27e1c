"""The one error that a user is meant to read."""


class PolyglotError(Exception):
    """Something a user can mend. The message is one clear sentence; no traceback is shown."""
