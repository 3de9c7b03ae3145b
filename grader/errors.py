"""The errors that callers may meet, each with the status that the API answers.

    GraderError                500
    ├── BadInput               422   the caller's mistake: says what, where and what to do
    │   └── TooLarge           413
    ├── NotSignedIn            401
    ├── Forbidden              403
    ├── NotFound               404
    ├── EditConflict           409   somebody else changed it meanwhile; carries what is there now
    ├── TooManyTries           429
    ├── Unavailable            503   database or broker away: try again
    └── Misconfigured          500   settings that cannot work; stops the process at start

What a student's code does wrong is never an exception: it is a `Status` in a `Result`.
"""

from __future__ import annotations


class GraderError(Exception):
    """`str(error)` is a sentence for the caller. `title` is short and constant, for problem+json."""

    status = 500
    title = "Something on our side went wrong"


class BadInput(GraderError):
    status = 422
    title = "The request cannot be used"


class TooLarge(BadInput):
    status = 413
    title = "Too large"


class NotSignedIn(GraderError):
    status = 401
    title = "Sign in first"


class Forbidden(GraderError):
    status = 403
    title = "Not allowed"


class NotFound(GraderError):
    status = 404
    title = "Not found"


class EditConflict(GraderError):
    """`current` is the row as it is now, so that a page can show both versions."""

    status = 409
    title = "Changed by somebody else meanwhile"

    def __init__(self, message: str, current: object = None) -> None:
        super().__init__(message)
        self.current = current


class TooManyTries(GraderError):
    """`retry_after` in seconds."""

    status = 429
    title = "Too many tries"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(GraderError):
    status = 503
    title = "Temporarily unavailable"


class Misconfigured(GraderError):
    title = "The settings cannot work"
