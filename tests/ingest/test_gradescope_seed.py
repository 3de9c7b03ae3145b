"""The real export: 9 / 16, every mark and every answer, as it is and however its pages and lines were mangled."""

from __future__ import annotations

import random
import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.ingest.gradescope import read_export
from grader.ingest.gradescope.file import text_of
from grader.ingest.gradescope.lines import lines_of
from grader.ingest.gradescope.panels import find_panels

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
pytestmark = [
    pytest.mark.seeds,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository"),
]

# number: (score, max, points of the items, places of the ticked ones, first and last line of the answer)
TRUTH = {
    1: (1, 1, (0, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5), {0}, (157, 159)),
    2: (1, 1, (0, -0.5, -1, -0.5), {0}, (209, 209)),
    3: (2, 2, (0, -1, -1, -2, -1, -1), {0}, (247, 247)),
    4: (1, 2, (0, -1, -1, -1, -1, -1), {2}, (310, 310)),
    5: (1, 2, (0, -1, -2), {1}, (329, 329)),
    6: (2, 3, (0, -1, -1, -1, -3, -1.5), {1}, (356, 356)),
    7: (1, 2, (0, -1, -1, -1, -1, -2), {1}, (411, 411)),
    8: (0, 1, (0, -1), {1}, (454, 454)),
    9: (0, 1, (0, -1), {1}, (483, 483)),
    10: (0, 1, (0, -0.5, -0.5, -1), {3}, (491, 491)),
}
MARKS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def seed() -> str:
    return next(SEEDS.glob("001_*")).read_text()


def words(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def check(text: str, answers: bool = True) -> tuple[str, ...]:
    """Compares an export with the truth; its repairs."""
    lines, export = seed().split("\n"), read_export(text)
    assert (export.score, export.max_score) == (9, 16)
    assert [q.number for q in export.questions] == [str(number) for number in TRUTH]
    for question, (score, max_score, points, ticks, (first, last)) in zip(
        export.questions, TRUTH.values(), strict=True
    ):
        assert (question.score, question.max_score) == (score, max_score)
        assert tuple(item.points for item in question.items) == points, question.number
        assert {i for i, item in enumerate(question.items) if item.applied} == ticks, question.number
        wanted = "\n".join(lines[first - 1 : last]).replace("\\_", "_")
        assert not answers or words(question.answer) == words(wanted)
    return export.repairs


def test_the_export_as_it_is():
    (repair,) = check(seed())
    assert repair.startswith('Question 4: "not tagging the answer correctly" is printed on its page')
    answers = {question.number: question.answer for question in read_export(seed()).questions}
    assert answers["1"].count("\n") == 2 and answers["1"].startswith("1. Sigmoid")
    assert "weight_scale" in answers["2"]


def blocks() -> tuple[str, list[tuple[bool, str, str]], str]:
    """(what stands above, (in the summary, number, text) of each panel with the page above it, what stands below)."""
    lines = seed().split("\n")
    found, at = [], 10
    for panel in find_panels(lines_of([seed()])).panels:
        found.append((panel.summary, panel.number, "\n".join(lines[at : panel.end])))
        at = panel.end
    return "\n".join(lines[:10]), found, "\n".join(lines[at:])


def shuffled(rng: random.Random) -> str:
    above, found, below = blocks()
    rng.shuffle(found)
    return "\n\n".join([above, *(text for _, _, text in found), below])


def repeated(rng: random.Random) -> str:
    above, found, below = blocks()
    again = [block for block in found for _ in range(rng.randint(1, 3))]
    return "\n\n".join([above, *(text for _, _, text in again), below])


def without_summary(rng: random.Random) -> str:
    """Some panels of the summary are missing; not the first question's alone, whose page lacks the slipped item."""
    above, found, below = blocks()
    gone = set(rng.sample([number for summary, number, _ in found if summary], rng.randint(1, 10)))
    return "\n\n".join([above, *(text for summary, number, text in found if not (summary and number in gone)), below])


def without_page_panels(rng: random.Random) -> str:
    """Some page panels are missing, their pages run together. The panel of question 4 alone knows its last item."""
    lines = seed().split("\n")
    gone = set(rng.sample(["1", "2", "3", "5", "6", "7", "8", "9", "10"], rng.randint(1, 6)))
    for panel in find_panels(lines_of([seed()])).panels:
        if not panel.summary and panel.number in gone:
            lines[panel.start : panel.end] = [""] * (panel.end - panel.start)
    return "\n".join(lines)


PAGES = (shuffled, repeated, without_summary, without_page_panels)


def wrapped(text: str, rng: random.Random) -> str:
    width, fenced, lines = rng.choice([30, 40, 60, 80]), False, []
    for line in text.split("\n"):
        fenced ^= line.startswith("```")
        short = fenced or len(line) <= width
        lines += [line] if short else textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def misread(text: str, rng: random.Random) -> str:
    text = re.sub(r"0\.5 pts", lambda match: rng.choice(["0. 5 pts", "0,5 pts", match[0]]), text)
    return re.sub(r"(?m)(\d) / (\d)$", lambda m: rng.choice([f"{m[1]}/{m[2]}", f"{m[1]}/ {m[2]}", m[0]]), text)


def far_total(text: str, rng: random.Random) -> str:
    text = text.replace("TOTAL POINTS", "", 1).replace("**9 / 16**", "", 1)
    return rng.choice([f"{text}\n\nTOTAL POINTS\n\n**9 / 16**\n", f"TOTAL POINTS\n\n{text}\n\n9 / 16\n"])


def headed(text: str, rng: random.Random) -> str:
    """Running heads at the ends of pages, where page panels and the summary's begin."""
    head = rng.choice(["CS231N A2 - PDF — {}", "Page {} of 20", "{} / 20", "Gradescope", "{}"])
    count = iter(range(1, 1000))
    return re.sub(r"(?m)^(?=QUESTION \d)", lambda _: f"{head.format(next(count))}\n\n", text)


LINES = {
    "wrapped": wrapped,
    "misread": misread,
    "far total": far_total,
    "headed": headed,
    "CRLF": lambda text, rng: "\ufeff" + text.replace("\n", "\r\n"),
    "not bold": lambda text, rng: text.replace("**", ""),
    "no hashes": lambda text, rng: re.sub(r"(?m)^#+ (?=\d)", "", text),
    "other ticks": lambda text, rng: text.replace("✓", rng.choice(["✔", "✔\ufe0f", "√", "[x]", "☑"])),
}


@MARKS
@given(st.sampled_from(PAGES), st.lists(st.sampled_from(sorted(LINES)), unique=True, max_size=4), st.integers(0, 9999))
def test_mangled_it_reads_the_same(pages, mangling, number):
    rng = random.Random(number)
    text = pages(rng)
    for name in sorted(mangling, key=lambda name: name == "CRLF"):
        text = LINES[name](text, rng)
    check(text)


def test_without_any_page_panel_the_order_finds_the_answers():
    lines = seed().split("\n")
    for panel in find_panels(lines_of([seed()])).panels:
        if not panel.summary:
            lines[panel.start : panel.end] = [""] * (panel.end - panel.start)
    for question, (*_, (first, last)) in zip(read_export("\n".join(lines)).questions, TRUTH.values(), strict=True):
        assert words(question.answer) == words("\n".join(seed().split("\n")[first - 1 : last]).replace("\\_", "_"))


@pytest.mark.parametrize("place", range(20))
def test_a_tick_on_the_line_beside_is_put_back_or_reported(place):
    """Of a panel's two printings one is wrong: the score decides, else the other panel; if neither can, that is said."""
    panel = find_panels(lines_of([seed()])).panels[place]
    lines = seed().split("\n")
    rows = [i for i in range(panel.start, panel.end) if "pts" in lines[i]]
    at = next(i for i in rows if "✓" in lines[i])
    for beside in (rows.index(at) - 1, rows.index(at) + 1):
        if not 0 <= beside < len(rows):
            continue
        moved = list(lines)
        moved[at] = moved[at].replace("✓ ", "", 1)
        moved[rows[beside]] = "✓ " + moved[rows[beside]]
        export = read_export("\n".join(moved))
        marks = {i for i, item in enumerate(export.questions[int(panel.number) - 1].items) if item.applied}
        said = [repair for repair in export.repairs if repair.startswith(f"Question {panel.number}: ")]
        assert export.score == 9 and any("tick" in repair for repair in said)
        assert marks == TRUTH[int(panel.number)][3] or any("Please check" in repair for repair in said)


def test_as_a_printed_pdf_with_page_numbers(printed):
    foot = 'Page <span class="pageNumber"></span> / <span class="totalPages"></span>'
    data = printed(
        f'<meta charset="utf-8"><body style="font: 11pt DejaVu Sans">{MarkdownIt().render(seed())}',
        display_header_footer=True, header_template='<div style="font-size: 8px">CS231N A2</div>',
        footer_template=f'<div style="font-size: 8px">{foot}</div>', margin={"top": "2cm", "bottom": "2cm"},
    )  # fmt: skip
    check(text_of(data))
