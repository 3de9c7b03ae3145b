"""Random exports in random layouts: reading gives back the truth, or says what it repaired."""

from __future__ import annotations

import random
import re
import textwrap
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.ingest.gradescope import NotAnExport, read_export

TOPICS = ("Fully Connected Net", "Batch Norm", "Dropout", "Convolution", "Optimizers", "Backprop by hand")
NOUNS = "gradient mean variance mask kernel stride bias momentum loss batch shape scale plot step layer".split()  # noqa: SIM905
FAULTS = "missing wrong unclear incomplete swapped negative unjustified contradictory".split()  # noqa: SIM905
VERBS = ("vanishes", "grows", "saturates", "is halved", "is copied", "is averaged", "stays small", "gets noisy")
WORDS = "one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
FREE = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass
class Question:
    number: int
    topic: str
    inline: int
    max_score: float
    items: list[tuple[float, str]]
    ticks: set[int]
    adjustment: float
    answer: str
    prompt: str

    @property
    def title(self) -> str:
        return f"{self.topic} - Inline Q{self.inline}"

    @property
    def score(self) -> float:
        start = 0 if self.credits else self.max_score
        points = start + sum(self.items[i][0] for i in self.ticks) + self.adjustment
        return min(max(points, 0), self.max_score)

    @property
    def credits(self) -> bool:
        return any(points > 0 for points, _ in self.items)


@dataclass
class Layout:
    """How an export is printed. `moved`: panels (by place in the document) whose tick stands on the next line."""

    bold: bool = False
    listed: bool = False
    hashes: bool = True
    panel_first: bool = False
    tick: str = "✓"
    end: str = "\n"
    width: int = 0
    copies: dict[int, int] = field(default_factory=dict)
    no_summary: set[int] = field(default_factory=set)
    no_page: set[int] = field(default_factory=set)
    moved: dict[int, str] = field(default_factory=dict)
    foot: str = ""


@st.composite
def questions(draw) -> list[Question]:
    rng = random.Random(draw(st.integers(0, 2**32)))
    made: list[Question] = []
    for topic in rng.sample(TOPICS, draw(st.integers(1, 3))):
        for inline in range(1, draw(st.integers(1, 4)) + 1):
            made.append(a_question(rng, len(made) + 1, topic, inline))
    return made


def a_question(rng: random.Random, number: int, topic: str, inline: int) -> Question:
    max_score = rng.choice([1, 1, 2, 3, 1.5])
    sign = rng.choice([-1, -1, 1])
    labels = sorted({f"{rng.choice(NOUNS)} of the {rng.choice(NOUNS)} {rng.choice(FAULTS)}" for _ in range(6)})
    rng.shuffle(labels)
    steps = [max_score, max_score / 2, 0.5]
    items = [(0.0, "Correct")] + [(sign * rng.choice(steps), label) for label in labels[: rng.randint(1, 5)]]
    wrong = rng.random() < 0.6 or sign > 0
    ticks = set(rng.sample(range(1, len(items)), rng.choice([1, 1, 2]) if len(items) > 2 else 1)) if wrong else {0}
    adjustment = rng.choice([0, 0, 0, 0, 0.5, -0.5])
    sentences = [
        f"{number}{inline} {rng.choice(NOUNS)} {rng.choice(VERBS)} since the {rng.choice(NOUNS)} {rng.choice(VERBS)}."
        for _ in range(rng.randint(1, 4))
    ]
    answer = "\n".join(f"{n}. {s}" for n, s in enumerate(sentences, 1)) if rng.random() < 0.3 else " ".join(sentences)
    prompt = f"What about the {rng.choice(NOUNS)} in {topic} when the {rng.choice(NOUNS)} {rng.choice(VERBS)}, and why?"
    return Question(number, topic, inline, max_score, items, ticks, adjustment, answer, prompt)


@st.composite
def layouts(draw, count: int, moved: bool = False) -> Layout:
    numbers = st.sets(st.integers(1, count), max_size=count)
    no_summary = draw(numbers)
    layout = Layout(
        bold=draw(st.booleans()), listed=draw(st.booleans()), hashes=draw(st.booleans()),
        panel_first=draw(st.booleans()), tick=draw(st.sampled_from(["✓", "✔", "√", "[x]", "☑"])),
        end=draw(st.sampled_from(["\n", "\r\n"])), width=draw(st.sampled_from([0, 34, 48, 70])),
        copies=draw(st.dictionaries(st.integers(1, count), st.integers(2, 3), max_size=3)),
        no_summary=no_summary, no_page=draw(numbers) - no_summary,
        foot=draw(st.sampled_from(["", "", "Page {n} of 30", "CS000 homework | {n}"])),
    )  # fmt: skip
    if moved:
        kinds = [
            kind for kind in ("summary", "page")
            for _ in range(1)
        ]  # fmt: skip
        layout.moved = draw(st.dictionaries(st.integers(1, count), st.sampled_from(kinds), min_size=1))
    return layout


def printed(made: list[Question], layout: Layout, rng: random.Random) -> str:
    summary = [
        f"QUESTION {q.number}\n\n{panel(q, layout, 'summary')}" for q in made if q.number not in layout.no_summary
    ]
    pages = [page(q, layout) for q in made for _ in range(layout.copies.get(q.number, 1))]
    rng.shuffle(summary)
    if not layout.no_page:  # without panels, the order of the pages is all that tells them apart
        rng.shuffle(pages)
    score, most = sum(q.score for q in made), sum(q.max_score for q in made)
    text = "\n\n".join(["Homework", "TOTAL POINTS", f"**{score:g} / {most:g}**", *summary, *pages])
    return wrapped(text, layout.width).replace("\n", layout.end)


def panel(question: Question, layout: Layout, kind: str) -> str:
    shown = set(question.ticks)
    if layout.moved.get(question.number) == kind:
        shown = neighbouring(question)
    listed = layout.listed and kind == "page"
    head = f"{question.number} {question.title} {question.score:g} / {question.max_score:g}"
    lines = [f"## {head}" if layout.hashes else head, ""]
    for i, (points, label) in enumerate(question.items):
        sign = "+" if question.credits else "-"
        amount = f"{sign} {abs(points):g} pts"
        tick = f"{layout.tick} " if i in shown else ""
        line = f"{tick}**{amount}** {label}" if layout.bold else f"{tick}{amount} {label}"
        lines += [f"- {line}"] if listed else [line, ""]
    if question.adjustment:
        lines += ["", f"{question.adjustment:+g} Point adjustment"]
    return "\n".join(lines)


def neighbouring(question: Question) -> set[int]:
    """The ticks with one of them on the line beside."""
    for i in sorted(question.ticks):
        for j in (i + 1, i - 1):
            if 0 <= j < len(question.items) and j not in question.ticks:
                return question.ticks - {i} | {j}
    return set(question.ticks)


def page(question: Question, layout: Layout) -> str:
    h = "### " if layout.hashes else ""
    n, word = question.inline, WORDS[question.number - 1]
    work = [
        f"{h}{n}.1 Inline Question {question.inline}:", question.prompt, f"{h}{n}.2 Answer:", question.answer,
        f"{h}{n + 1} Part {word} of it", f"More text of the notebook, number {word}.", "```\n[7]: x = 1\nprint(x)\n```",
    ]  # fmt: skip
    shown = [] if question.number in layout.no_page else [panel(question, layout, "page")]
    foot = [layout.foot.format(n=question.number)] if layout.foot else []
    return "\n\n".join([*shown, *work, *foot] if layout.panel_first else [*work, *foot, *shown])


def wrapped(text: str, width: int) -> str:
    if not width:
        return text
    wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    return "\n".join("\n".join(wrap.wrap(line)) if line.strip() else line for line in text.split("\n"))


def plain(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def check_all_but_ticks(made: list[Question], export) -> None:
    assert (export.score, export.max_score) == (sum(q.score for q in made), sum(q.max_score for q in made))
    assert [question.number for question in export.questions] == [str(q.number) for q in made]
    for want, got in zip(made, export.questions, strict=True):
        assert (got.title, got.score, got.max_score) == (want.title, want.score, want.max_score)
        assert [(item.points, item.label) for item in got.items] == want.items
        assert [a.points for a in got.adjustments] == ([want.adjustment] if want.adjustment else [])
        assert plain(got.answer) == plain(want.answer)


@FREE
@given(st.data())
def test_an_export_is_read_as_it_was_printed(data):
    made = data.draw(questions())
    layout = data.draw(layouts(len(made)))
    export = read_export(printed(made, layout, random.Random(data.draw(st.integers()))))
    check_all_but_ticks(made, export)
    for want, got in zip(made, export.questions, strict=True):
        assert {i for i, item in enumerate(got.items) if item.applied} == want.ticks
    assert not export.repairs


@FREE
@given(st.data())
def test_a_moved_tick_is_put_back_or_reported(data):
    made = data.draw(questions())
    layout = data.draw(layouts(len(made), moved=True))
    export = read_export(printed(made, layout, random.Random(data.draw(st.integers()))))
    check_all_but_ticks(made, export)
    for want, got in zip(made, export.questions, strict=True):
        if {i for i, item in enumerate(got.items) if item.applied} != want.ticks:
            only = layout.moved.get(want.number)
            other = want.number in (layout.no_page if only == "summary" else layout.no_summary)
            said = any(repair.startswith(f"Question {want.number}:") for repair in export.repairs)
            # One panel whose tick stands beside an item of the same points: nobody can tell.
            assert said or (other and same_points(want, neighbouring(want)))


def same_points(question: Question, ticks: set[int]) -> bool:
    return Question(**{**question.__dict__, "ticks": ticks}).score == question.score


@FREE
@given(st.text(max_size=400))
def test_any_text_is_an_export_or_is_refused(text):
    try:
        read_export(text)
    except NotAnExport as error:
        assert str(error)


@FREE
@given(st.data())
def test_a_damaged_export_is_read_or_refused(data):
    made = data.draw(questions())
    text = printed(made, data.draw(layouts(len(made))), random.Random(0))
    for _ in range(data.draw(st.integers(1, 20))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.text(max_size=8)) + text[at + data.draw(st.integers(0, 8)) :]
    try:
        export = read_export(text)
    except NotAnExport:
        return
    assert export.questions
