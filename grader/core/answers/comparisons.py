"""Which of two subjects is said to have more of something, whichever of them is named first.

"SGD is noisier than a mini-batch", "mini-batches are less noisy than SGD" and "compared to SGD, a mini-batch is less noisy"
say the same. Without a second subject the far end of the order is meant: "small batches are noisier". A comparison that is
denied ("is not noisier") tells no direction: both may be alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.core.answers.declaration import Comparison
from grader.core.answers.lexicon import Span
from grader.core.answers.polarity import affirmed
from grader.core.answers.subjects import Subjects
from grader.core.answers.terms import Mentions, wanted


def find(declared: Comparison, mentions: Mentions, subjects: Subjects) -> list[Span]:
    """Where a subject is said to have more than one that comes later in the declared order."""
    found: list[Span] = []
    for span, more in _comparatives(declared, mentions):
        other = subjects.compared_with(span)
        holders = {name for name in subjects.holders(span) if name in declared.order and name != other}
        if len(holders) != 1 or not affirmed(span, mentions.denied) or (other and other not in declared.order):
            continue
        (holder,) = holders
        if not subjects.is_at_hand(holder, span):
            continue
        place = declared.order.index(holder)
        against = declared.order.index(other) if other else _far_end(place, len(declared.order))
        if against is not None and (place < against) == more:
            found.append(span)
    return found


def _comparatives(declared: Comparison, mentions: Mentions) -> Iterator[tuple[Span, bool]]:
    """(place, whether it says more); "noisier" within "less noisier" is not counted twice."""
    named = [(found.span, True) for term in declared.more for found in mentions.of(wanted("~" + term))]
    named += [(found.span, False) for term in declared.less for found in mentions.of(wanted("~" + term))]
    for span, more in named:
        if not any(span.within(other) or (span == other and more > other_more) for other, other_more in named):
            yield span, more


def _far_end(place: int, length: int) -> int | None:
    """Whom a bare comparative compares with; None for the middle one of an odd number."""
    if 2 * place + 1 == length:
        return None
    return length - 1 if 2 * place + 1 < length else 0
