"""What real students write: each variant of a right submission, the verdict it must get, and the words that say why."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from grader.core.result import Status
from grader.core.submission import Submission
from grader.pack import load_pack
from worker.trusted.grade import grade
from worker.trusted.sandbox.backend import default_backend

PACK = load_pack("cs231n_a2")
RIGHT = {
    file.relative_to(folder).as_posix(): file.read_bytes()
    for folder in [PACK.folder / "samples" / "right-2021"]
    for file in folder.rglob("*.py")
}


def graded(append: dict[str, str], only: str, replace: dict[str, tuple[str, str]] | None = None, **variables: str):
    """Checks by id of one question, after code was appended to files of the right submission (later definitions win)."""
    files = dict(RIGHT)
    for path, content in files.items():
        name = Path(path).name
        if name in append:
            files[path] = content + b"\n\n" + textwrap.dedent(append[name]).encode()
        for old, new in [replace[name]] if replace and name in replace else []:
            assert old.encode() in content, f"{old!r} is not in {name}"
            files[path] = content.replace(old.encode(), new.encode())
    result = grade(Submission(files, {}), PACK, backend=default_backend(), only=frozenset({only}), variables=variables)
    return {check.id: check for check in result.questions[0].checks}


def assert_check(checks, check_id, status, *words, mistake=None):
    check = checks[check_id]
    assert check.status is Status(status), check.message
    for word in words:
        assert word in check.message + " ".join(check.remarks), check.message
    assert check.mistake == mistake
    assert check.points == (check.max_points if status == "pass" else check.points)
    return check


def test_the_right_submission_is_right():
    for check in graded({}, "affine-forward").values():
        assert check.status is Status.PASS


def test_in_place_changes_of_inputs_are_remarked_and_cost_nothing():
    code = """
    def relu_forward(x):
        x[x < 0] = 0
        return x, x
    """
    checks = graded({"layers.py": code}, "relu")
    check = assert_check(checks, "values", "pass", "in place")
    assert check.points == check.max_points


def test_single_precision_is_remarked_and_costs_nothing():
    code = """
    def affine_forward(x, w, b):
        out = (x.reshape(len(x), -1).dot(w) + b).astype(np.float32)
        return out, (x, w, b)
    """
    assert_check(graded({"layers.py": code}, "affine-forward"), "values", "pass", "float32")


def test_wrong_shape_with_right_values():
    code = """
    def affine_backward(dout, cache):
        x, w, b = cache
        flat = x.reshape(len(x), -1)
        return dout.dot(w.T).reshape(x.shape), flat.T.dot(dout), dout.sum(axis=0, keepdims=True)
    def affine_forward(x, w, b):
        return x.reshape(len(x), -1).dot(w) + b, (x, w, b)
    """
    checks = graded({"layers.py": code}, "affine-backward")
    mistake = checks["gradients"].mistake  # a named one or none
    check = assert_check(checks, "gradients", "fail", "db", "(1, ", "The values are right", mistake=mistake)
    assert check.points < check.max_points


def test_a_missing_function():
    checks = graded({"layers.py": "del affine_forward"}, "affine-forward")
    assert_check(checks, "values", "missing", "affine_forward was not found")


@pytest.mark.parametrize("body", ["pass", "return None, None", "raise NotImplementedError('todo')", "return None"])
def test_a_function_that_is_not_implemented(body):
    checks = graded({"layers.py": f"def affine_forward(x, w, b):\n    {body}"}, "affine-forward")
    assert_check(checks, "values", "missing", "not implemented")


def test_an_exception_names_file_and_line():
    code = "def affine_forward(x, w, b):\n    return x.dot(w) + undefined_name, None"
    checks = graded({"layers.py": code}, "affine-forward")
    assert_check(checks, "values", "error", "NameError", "layers.py, line")


def test_python_2_costs_the_function_it_stands_in_and_no_other():
    code = "def relu_forward(x):\n    print 'hello'\n    return x, x\n"
    checks = graded({"layers.py": code}, "relu")
    assert_check(checks, "values", "error", "Python 2 syntax", "layers.py, line")
    assert_check(graded({"layers.py": code}, "affine-forward"), "values", "pass")


def test_a_name_that_numpy_no_longer_has():
    code = """
    def affine_forward(x, w, b):
        n = np.int(len(x))
        return x.reshape(n, -1).dot(w) + b, (x, w, b)
    """
    checks = graded({"layers.py": code}, "affine-forward")
    assert_check(checks, "values", "error", "np.int", "line", "its result is right")


def test_a_float_index():
    code = """
    def affine_forward(x, w, b):
        return x.reshape(len(x) * 2 / 2, -1).dot(w) + b, (x, w, b)
    """
    assert_check(graded({"layers.py": code}, "affine-forward"), "values", "error", "whole number")


def test_an_endless_loop_is_waited_for_once():
    code = "def affine_forward(x, w, b):\n    while True:\n        pass\n"
    checks = graded({"layers.py": code}, "affine-backward")
    assert assert_check(checks, "gradients", "ours", "did not finish").unread


def test_prints_in_loops_and_missing_modules_cost_nothing():
    code = """
    import turtle, matplotlib.pyplot as plt
    from IPython.display import Image
    plt.rcParams['figure.figsize'] = (10, 8)
    def affine_forward(x, w, b):
        for i in range(20000):
            print('iteration', i)
        return x.reshape(len(x), -1).dot(w) + b, (x, w, b)
    """
    assert_check(graded({"layers.py": code}, "affine-forward"), "values", "pass")


def test_state_left_by_one_function_does_not_cost_another():
    """`softmax_loss` ruins np.maximum for everybody after it in the same process; `svm_loss` needs it."""
    code = """
    _softmax_loss = softmax_loss
    def softmax_loss(x, y):
        result = _softmax_loss(x, y)
        np.maximum = lambda *a, **k: None
        return result
    def svm_loss(x, y):
        n = len(y)
        margins = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
        margins[np.arange(n), y] = 0
        dx = (margins > 0).astype(float)
        dx[np.arange(n), y] = -dx.sum(axis=1)
        return margins.sum() / n, dx / n
    """
    checks = graded({"layers.py": code}, "losses")
    assert_check(checks, "softmax", "pass")
    assert_check(checks, "svm", "pass")


def test_leaving_the_process_is_no_pass_and_the_next_check_is_fine():
    code = "import os\ndef relu_forward(x):\n    os._exit(0)\n"
    checks = graded({"layers.py": code}, "relu")
    assert_check(checks, "values", "error", "ended the Python process")
    assert assert_check(checks, "gradients", "ours").unread


def test_a_backward_pass_that_fits_its_own_wrong_forward_pass_is_not_blamed():
    code = """
    def affine_forward(x, w, b):
        return 2 * x.reshape(len(x), -1).dot(w) + b, (x, w, b)
    def affine_backward(dout, cache):
        x, w, b = cache
        flat = x.reshape(len(x), -1)
        return 2 * dout.dot(w.T).reshape(x.shape), 2 * flat.T.dot(dout), dout.sum(axis=0)
    """
    assert_check(graded({"layers.py": code}, "affine-forward"), "values", "fail")
    assert_check(graded({"layers.py": code}, "affine-backward"), "gradients", "pass", "counted there")


def test_a_net_on_wrong_layers_is_judged_with_right_ones():
    code = """
    def affine_forward(x, w, b):
        return 2 * x.reshape(len(x), -1).dot(w) + b, (x, w, b)
    """
    checks = graded({"layers.py": code}, "fc-net")
    assert_check(checks, "loss-and-gradients", "pass", "right layers behind it")


def test_a_net_is_trained_without_the_optimizers_that_were_handed_in():
    files = {path: content for path, content in RIGHT.items() if not path.endswith("optim.py")}
    result = grade(Submission(files, {}), PACK, backend=default_backend(), only=frozenset({"fc-net", "good-model"}))
    for question in result.questions:
        for check in question.checks:
            assert check.status is Status.PASS, check.message


def test_spatial_batchnorm_on_a_wrong_batchnorm():
    code = """
    def batchnorm_forward(x, gamma, beta, bn_param):
        raise ValueError('not today')
    """
    checks = graded({"layers.py": code}, "spatial-bn")
    assert_check(checks, "values", "pass", "right layers behind it")


def test_a_mistake_is_named():
    code = """
    def affine_backward(dout, cache):
        x, w, b = cache
        flat = x.reshape(len(x), -1)
        return dout.dot(w.T).reshape(x.shape), flat.T.dot(dout), dout.mean(axis=0)
    def affine_forward(x, w, b):
        return x.reshape(len(x), -1).dot(w) + b, (x, w, b)
    """
    check = graded({"layers.py": code}, "affine-backward")["gradients"]
    assert check.status is Status.FAIL and check.mistake and "It looks as if" in check.message


def test_the_other_convention_of_dropout_is_named_and_the_variable_decides():
    code = """
    def dropout_forward(x, dropout_param):
        p, mode = dropout_param['p'], dropout_param['mode']
        mask = None
        if mode == 'train':
            mask = (np.random.rand(*x.shape) >= p) / (1 - p)
            return x * mask, (dropout_param, mask)
        return x, (dropout_param, mask)
    def dropout_backward(dout, cache):
        dropout_param, mask = cache
        return dout * mask if dropout_param['mode'] == 'train' else dout
    """
    assert_check(graded({"layers.py": code}, "dropout"), "values", "fail", mistake="other-convention")
    checks = graded({"layers.py": code}, "dropout", dropout_p="drop")
    assert_check(checks, "values", "pass")
    assert_check(checks, "gradients", "pass")


def test_one_array_instead_of_output_and_cache_is_a_fail_not_a_stub():
    checks = graded({"layers.py": "def relu_forward(x):\n    return np.maximum(x, 0)\n"}, "relu")
    assert_check(checks, "values", "fail", "returns one array instead of (out, cache)")
    assert checks["gradients"].unread and "gives it no cache" in checks["gradients"].message


def test_a_bare_stub_behind_a_bare_stub_is_missing():
    code = "def relu_forward(x):\n    pass\n\ndef relu_backward(dout, cache):\n    pass\n"
    checks = graded({"layers.py": code}, "relu")
    assert {check.status for check in checks.values()} == {Status.MISSING}


def test_nets_do_not_wait_for_a_layer_that_never_ends():
    checks = graded({"layers.py": "def relu_forward(x):\n    while True: pass\n"}, "fc-net")
    for check in checks.values():
        assert check.status is Status.PASS, check.message


def test_adam_may_count_from_1_where_the_edition_did():
    code = '''
    def adam(w, dw, config=None):
        config = {} if config is None else config
        for name, value in {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 1}.items():
            config.setdefault(name, value)
        m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
        config["t"] += 1
        config["m"] = m = config["beta1"] * m + (1 - config["beta1"]) * dw
        config["v"] = v = config["beta2"] * v + (1 - config["beta2"]) * dw * dw
        CORRECT
        return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config
    '''
    corrected = 'm, v = m / (1 - config["beta1"] ** config["t"]), v / (1 - config["beta2"] ** config["t"])'
    assert_check(graded({"optim.py": code.replace("CORRECT", corrected)}, "adam"), "steps", "pass", "counted from 1")
    checks = graded({"optim.py": code.replace("CORRECT", "pass")}, "adam")
    assert_check(checks, "steps", "fail", "not corrected", mistake="no-bias-correction")


def test_the_logarithm_of_a_rounded_probability_is_not_called_an_overflow():
    code = """
    def softmax_loss(x, y):
        p = np.exp(x - x.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        p[np.arange(len(y)), y] -= 1
        return loss, p / len(y)
    """
    checks = graded({"layers.py": code}, "losses")
    assert_check(checks, "softmax", "pass")
    assert_check(checks, "softmax.edge", "fail", "has become 0", mistake="logarithm-of-zero")


def test_functions_in_a_notebook_are_graded_and_nothing_else_of_it_runs():
    cells = ["%matplotlib inline\nimport numpy as np\nHALF = 0.5", "while True:\n    pass", "y = missing_data['X']"]
    cells.append("def relu_forward(x):\n    return HALF * (x + np.abs(x)), x")
    cells.append("def relu_backward(dout, cache):\n    return dout * (cache > 0)")
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    submission = Submission({"hw2.ipynb": json.dumps(notebook).encode()}, {})
    result = grade(submission, PACK, backend=default_backend(), only=frozenset({"relu", "rmsprop"}))
    assert [question.score for question in result.questions] == [2, 0]
    assert any("hw2.ipynb" in remark for remark in result.remarks)


def test_a_debugger_left_in_and_an_exit_at_the_end_cost_nothing():
    code = """
    def relu_forward(x):
        import pdb; pdb.set_trace()
        breakpoint()
        return np.maximum(x, 0), x
    exit_now = True
    import sys
    sys.exit(0)
    """
    assert_check(graded({"layers.py": code}, "relu"), "values", "pass")


def test_a_backward_pass_behind_a_wrong_forward_pass_is_for_a_ta():
    forward = """
    def layernorm_forward(x, gamma, beta, ln_param):
        centred = x - x.mean(axis=1, keepdims=True)
        root = np.sqrt(x.var(axis=1, keepdims=True, ddof=1) + 1e-5)
        h = centred / root
        return gamma * h + beta, (h, root, gamma)
    def layernorm_backward(dout, cache):
        h, root, gamma = cache
        g = dout * gamma
        dx = (g - SLIP - h * (g * h).mean(axis=1, keepdims=True)) / root
        return dx, (dout * h).sum(axis=0), dout.sum(axis=0)
    """
    checks = graded({"layers.py": forward.replace("SLIP", "g.mean(axis=1, keepdims=True)")}, "ln")
    assert_check(checks, "values", "fail", mistake="unbiased-variance")
    assert assert_check(checks, "gradients", "ours", "a TA").unread
    checks = graded({"layers.py": forward.replace("SLIP", "0").replace("dout.sum(axis=0)", "dout")}, "ln")
    assert_check(checks, "gradients", "fail", "keep the batch dimension", mistake="parameters-not-summed")


def test_a_backward_pass_whose_forward_pass_raises_is_for_a_ta():
    code = "def conv_forward_naive(x, w, b, conv_param):\n    return x[0, 0, 0, 0, 0]\n"
    checks = graded({"layers.py": code}, "conv")
    assert_check(checks, "values", "error")
    assert assert_check(checks, "gradients", "ours", "needs the cache of conv_forward_naive").unread


NUMBERED_FROM_0 = """
_Right = FullyConnectedNet
def _moved(named, by):
    return {name.rstrip("0123456789") + str(int(name.lstrip("Wbgamet")) + by): value for name, value in named.items()}
class FullyConnectedNet(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.params = _moved(self.params, -1)
    def loss(self, X, y=None):
        own, self.params = self.params, _moved(self.params, 1)
        result = super().loss(X, y)
        self.params = own
        return result if y is None else (result[0], _moved(result[1], -1))
"""


def test_parameters_with_other_names_cost_once():
    checks = graded({"fc_net.py": NUMBERED_FROM_0}, "fc-net")
    assert_check(checks, "initialization", "pass", "other names")
    named = assert_check(checks, "loss-and-gradients", "fail", "counts layers from 1", mistake="parameters-named-otherwise")
    assert named.points == named.max_points - 2
    assert_check(graded({"fc_net.py": NUMBERED_FROM_0}, "fc-net-ln"), "loss-and-gradients", "pass", "other names")


def test_a_slip_of_the_plain_net_that_has_no_name_costs_once():
    code = """
    _Right = FullyConnectedNet
    class FullyConnectedNet(_Right):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
        def loss(self, X, y=None):
            result = super().loss(X, y)
            return result if y is None else (result[0] + 0.123 * self.reg, result[1])
    """
    assert_check(graded({"fc_net.py": code}, "fc-net"), "loss-and-gradients", "fail", "loss of FullyConnectedNet is wrong")
    assert_check(graded({"fc_net.py": code}, "fc-net-ln"), "loss-and-gradients", "pass", "no other slip than the plain net")


def test_dropout_on_the_input_is_named():
    code = """
    _Right = FullyConnectedNet
    class FullyConnectedNet(_Right):
        def __init__(self, *args, dropout_keep_ratio=1, **kwargs):
            super().__init__(*args, dropout_keep_ratio=dropout_keep_ratio, **kwargs)
        def loss(self, X, y=None):
            if y is not None:
                X, _ = dropout_forward(X, {**self.dropout_param, "mode": "train"})
            return super().loss(X, y)
    """
    checks = graded({"fc_net.py": code}, "fc-net-dropout")
    assert_check(checks, "loss-and-gradients", "fail", "the net's input", mistake="dropout-on-the-input")


def test_inputs_kept_in_single_precision_cost_the_backward_pass_nothing():
    code = """
    def affine_forward(x, w, b):
        x = x.astype(np.float32)
        return x.reshape(len(x), -1).dot(w) + b, (x, w, b)
    """
    assert_check(graded({"layers.py": code}, "affine-backward"), "gradients", "pass")


def test_a_result_out_of_a_module_that_is_not_there_is_called_so():
    code = "import torch\ndef relu_forward(x):\n    return torch.relu(torch.from_numpy(x)).numpy(), x\n"
    assert_check(graded({"layers.py": code}, "relu"), "values", "fail", "out of a module that this assignment does not have")
