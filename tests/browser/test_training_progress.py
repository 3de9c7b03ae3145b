"""A training script handed in by REST: graded by a real worker of the long queue, while the page and the stream tell how far
it is."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from playwright.sync_api import expect

from grader.core.result import Result
from grader.core.rubric_file import parse_rubric, rubric_hash
from grader.db import courses
from grader.db.attempts import attempt_by_id
from grader.db.session import transaction
from grader.db.tables import Course, Lane
from grader.db.tokens import create_token

pytestmark = pytest.mark.timeout(300)

RUBRIC = """
assignment: trains
title: It trains
code: {}
questions:
- id: training
  title: The script trains
  points: 4
  checks:
  - id: threshold
    points: 4
    training: {script: [train.py], dataset: digits, budget: {seconds: 61}, full_at: 0.8, zero_at: 0.2, every: 0.3}
"""
SCRIPT = """
import time
import torch
from torch import nn
from torchvision import datasets

data = datasets.FashionMNIST("data", train=True, download=True)
x, y = data.data.float() / 255, data.targets
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.002)  # some 200 steps to 0.8: ten seconds, whatever the machine, to be looked at
print("Epoch 1: accuracy 0.99")
while True:
    pick = torch.randint(0, len(x), (32,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x[pick]), y[pick]).backward()
    optimizer.step()
    time.sleep(0.05)
"""
LINE = re.compile(r"train\.py, step (\d+): [\d.]+ % of the held-back images right; \d+ s of at most 61 s")


@pytest.fixture
def slug(room):
    with transaction() as session:
        rubric = courses.register_rubric(
            session, pack="dl_hw1", sha256=rubric_hash(RUBRIC), yaml_text=RUBRIC,
            document=parse_rubric(RUBRIC).model_dump(mode="json"),
        )  # fmt: skip
        course = session.get_one(Course, room.course.id)
        return courses.create_assignment(session, course=course, slug="trains", title="It trains", rubric=rubric).slug


def test_how_far_a_training_is(room, slug, server, workers, visit):
    workers(queues="bulk")
    with transaction() as session:
        _, token = create_token(session, room.student, label="test")
    with httpx.Client(base_url=f"{server}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=120) as client:
        made = client.post(f"/assignments/{slug}/submissions", files={"files": ("train.py", SCRIPT.encode())})
        assert made.status_code == 201, made.text
        submission_id, attempt_id = made.json()["id"], made.json()["attempts"][0]["id"]
        page = visit(f"/submissions/{submission_id}", room.student)
        expect(page.locator("[data-progress] [data-text]")).to_have_text(LINE, timeout=120_000)
        with client.stream("GET", f"/submissions/{submission_id}/events") as answer:
            events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    steps = [int(found[1]) for event in events if (found := LINE.fullmatch(event.get("text") or ""))]
    assert len(steps) >= 2 and steps == sorted(steps), events
    assert events[-1] == {"state": "graded"}

    expect(page.locator("#q-training")).to_contain_text("Full points")
    with transaction() as session:
        attempt = attempt_by_id(session, attempt_id)
        check = Result.model_validate(attempt.result).questions[0].checks[0]
    assert attempt.lane is Lane.BULK, "more than a minute: it does not keep others waiting"
    assert check.points == 4 and check.exhibits[0].series[0].y[-1] >= 0.8
    assert any("once it had reached what is asked for" in remark for remark in check.remarks)
