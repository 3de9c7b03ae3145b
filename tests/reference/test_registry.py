"""The registry of references: complete, consistent, NumPy only, and hashed."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import reference_impl
from reference_impl import operations, reference_hash

FOLDER = Path(reference_impl.__file__).parent
PYTHON_IN = [sys.executable, "-c"]


def test_every_operation_of_the_assignment_is_there():
    layers = {"affine", "relu", "batchnorm", "layernorm", "dropout", "conv", "max_pool"}
    layers |= {"spatial_batchnorm", "spatial_groupnorm", "affine_relu", "conv_relu", "conv_relu_pool", "conv_bn_relu"}
    others = {"softmax_loss", "svm_loss", "sgd", "sgd_momentum", "rmsprop", "adam", "leaky_relu", "sigmoid", "tanh"}
    assert layers | others <= set(operations())
    assert all(name == operation.name for name, operation in operations().items())


@pytest.mark.parametrize("operation", operations().values(), ids=lambda operation: operation.name)
def test_declarations_agree_with_what_is_computed(operation):
    for convention in operation.conventions:
        for case in operation.draw(np.random.default_rng(0), convention=convention):
            assert tuple(case.inputs) == operation.arguments
            outputs = operation.forward(**case.inputs)
            assert {*operation.outputs, *operation.after} <= set(outputs)
            assert all(path[0] in operation.arguments for path in operation.after.values())
            if operation.backward is None or not case.has_backward:
                continue
            gradients = operation.backward(np.ones_like(outputs[operation.outputs[0]]), **case.inputs)
            assert set(gradients) == set(operation.gradients)
            for name, gradient in gradients.items():
                assert gradient.shape == np.shape(case.inputs[name.removeprefix("d")])
    assert set(operation.depends_on) <= set(operations())
    keys = [(mistake.part, mistake.id) for mistake in operation.mistakes]
    assert len(keys) == len(set(keys))


def test_importing_the_references_loads_nothing_but_numpy():
    code = (
        "import sys, reference_impl; reference_impl.operations(); print(*{name.split('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([*PYTHON_IN, code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert not {"torch", "scipy", "pydantic", "grader", "worker"} & set(loaded.stdout.split())


def test_the_hash_is_that_of_the_sources(tmp_path):
    copy = tmp_path / FOLDER.name
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def hash_of_copy():
        code = "import reference_impl; print(reference_impl.reference_hash())"
        return subprocess.run(
            [*PYTHON_IN, code], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert hash_of_copy() == reference_hash()
    (copy / "relu.py").write_text((copy / "relu.py").read_text() + "\n")
    assert hash_of_copy() != reference_hash()
