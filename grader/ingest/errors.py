"""Why an upload was refused. One tree; each class has a stable `code`, each message says what, where, and what to do.

| class | when |
| --- | --- |
| TooLarge | an upload, a file, or everything unpacked is over a limit |
| TooManyFiles | |
| Bomb | it unpacks to far more than an honest archive would |
| UnsafePath | a name that points outside, or that no honest program writes |
| Encrypted | it needs a password |
| Corrupt | truncated, bad check sum, contradictory headers |
| Unsupported | .rar, .7z and other formats |
| Empty | nothing to grade |
| Ambiguous | two uploads with one name |
| NotANotebook | not JSON, or JSON without cells |
"""

from __future__ import annotations


class IngestError(Exception):
    """An upload that cannot be read; `str(error)` is for the student, `code` for programs."""

    code = "ingest"


class TooLarge(IngestError):
    code = "too-large"


class TooManyFiles(IngestError):
    code = "too-many-files"


class Bomb(IngestError):
    code = "bomb"


class UnsafePath(IngestError):
    code = "unsafe-path"


class Encrypted(IngestError):
    code = "encrypted"


class Corrupt(IngestError):
    code = "corrupt"


class Unsupported(IngestError):
    code = "unsupported"


class Empty(IngestError):
    code = "empty"


class Ambiguous(IngestError):
    code = "ambiguous"


class NotANotebook(IngestError):
    code = "not-a-notebook"
