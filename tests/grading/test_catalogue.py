"""Every catalogued mistake is noticed and costs what the pack says; at least 95 % are called by their name."""

from collections import Counter

import pytest

from grader.core.plan import plan
from grader.core.result import Status
from grader.pack import load_pack
from worker.trusted.catalogue import judge_mistake, judged_by, prove
from worker.trusted.impersonated_net import ImpersonatedNet, prove_nets
from worker.trusted.prove import IN_CATALOGUE, NAMED_AT_LEAST, lint
from worker.trusted.references import references

PACK = load_pack("cs231n_a2")


@pytest.fixture(scope="module", params=["keep", "drop"])
def trials(request):
    values = {"dropout_p": request.param}
    known = references(values)
    return [*prove(PACK.rubric, known, values), *prove_nets(PACK.rubric, known, values)]


def test_the_pack_names_only_what_exists():
    assert lint(PACK) == []


def test_every_mistake_is_noticed(trials):
    assert [trial.mistake for trial in trials if not trial.seen] == []


def test_nearly_every_mistake_is_called_by_its_name(trials):
    named = Counter(trial.named for trial in trials)
    assert named[True] >= NAMED_AT_LEAST * len(trials), [trial.mistake for trial in trials if not trial.named]


def test_a_named_mistake_costs_what_the_pack_says(trials):
    assert [trial.mistake for trial in trials if trial.named and trial.cost != trial.price] == []


def test_the_catalogue_holds_what_students_do(trials):
    """The frequent mistakes, each in the catalogue of its operation."""
    known = {(trial.operation, trial.mistake) for trial in trials}
    for operation in ("batchnorm", "layernorm", "dropout", "conv", "max_pool", "spatial_batchnorm", "spatial_groupnorm",
                      "adam", "rmsprop", "sgd_momentum", "affine", "fully_connected_net", "three_layer_conv_net"):  # fmt: skip
        assert sum(of == operation for of, _ in known) >= 5, operation


def test_the_references_pass_their_own_checks():
    known = references({})
    for planned in plan(PACK.rubric):
        kind, declaration = planned.check.kind, planned.check.declaration
        if kind in IN_CATALOGUE:
            judgement = judge_mistake(planned, known[declaration.operation], None, {})
        elif kind == "network" and declaration.feature != "dropout":
            session = ImpersonatedNet(planned, known[declaration.operation], None)
            judgement = judged_by(session, planned, known[declaration.operation], {})
        else:
            continue
        assert judgement.status is Status.PASS, (planned.id, judgement.message)


@pytest.mark.parametrize("seed", range(1, 6))
def test_other_seeds_accuse_no_reference_either(seed):
    known = references({})
    for planned in plan(PACK.rubric, seed=seed):
        if planned.check.kind in IN_CATALOGUE:
            judgement = judge_mistake(planned, known[planned.check.declaration.operation], None, {})
            assert judgement.status is Status.PASS, (planned.id, judgement.message)
