"""The course-provided modules against brute force, finite differences and torch."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

SUPPORT = Path(__file__).parents[2] / "rubrics" / "cs231n_a2" / "support"

# (N, C, H, W), (F, HH, WW), stride, pad: even fits, cut-off edges, no padding, non-square, one of everything
CONVOLUTIONS = [
    ((2, 3, 5, 5), (4, 3, 3), 1, 1),
    ((2, 3, 7, 6), (2, 3, 2), 2, 0),
    ((1, 1, 4, 9), (1, 2, 5), 3, 2),
    ((3, 2, 6, 6), (2, 1, 1), 2, 0),
    ((1, 2, 3, 3), (3, 3, 3), 1, 0),
]
# (N, C, H, W), pool height, pool width, stride: tiling, overlapping, gaps, non-square
POOLINGS = [((2, 3, 4, 6), 2, 2, 2), ((1, 2, 5, 5), 3, 3, 1), ((2, 1, 7, 6), 2, 3, 3), ((1, 1, 6, 6), 3, 3, 3)]


@pytest.fixture
def course(import_from):
    return import_from(SUPPORT)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def torch_gradients(function, upstream, *arrays):
    leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = function(*leaves)
    return out.detach().numpy(), [g.numpy() for g in torch.autograd.grad(out, leaves, torch.tensor(upstream))]


@pytest.mark.parametrize("way", ["fast", "strides", "im2col"])
@pytest.mark.parametrize(("x_shape", "kernel", "stride", "pad"), CONVOLUTIONS)
def test_convolution_agrees_with_torch(course, rng, way, x_shape, kernel, stride, pad):
    layers = course("cs231n.fast_layers")
    filters, height, width = kernel
    x, w = rng.normal(size=x_shape), rng.normal(size=(filters, x_shape[1], height, width))
    b = rng.normal(size=filters)
    out, cache = getattr(layers, f"conv_forward_{way}")(x, w, b, {"stride": stride, "pad": pad})
    dout = rng.normal(size=out.shape)
    expected, gradients = torch_gradients(lambda *a: F.conv2d(*a, stride=stride, padding=pad), dout, x, w, b)
    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-12)
    for got, want in zip(getattr(layers, f"conv_backward_{way}")(dout, cache), gradients, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("way", ["fast", "im2col"])
@pytest.mark.parametrize(("x_shape", "height", "width", "stride"), POOLINGS)
def test_pooling_agrees_with_torch(course, rng, way, x_shape, height, width, stride):
    layers = course("cs231n.fast_layers")
    x = rng.permutation(int(np.prod(x_shape))).reshape(x_shape).astype(float)
    param = {"pool_height": height, "pool_width": width, "stride": stride}
    out, cache = getattr(layers, f"max_pool_forward_{way}")(x, param)
    dout = rng.normal(size=out.shape)
    expected, (dx,) = torch_gradients(lambda a: F.max_pool2d(a, (height, width), stride), dout, x)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(getattr(layers, f"max_pool_backward_{way}")(dout, cache), dx, rtol=1e-12)


def test_pooling_by_reshape_shares_ties_and_refuses_what_does_not_tile(course):
    layers = course("cs231n.fast_layers")
    param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    out, cache = layers.max_pool_forward_reshape(np.zeros((1, 1, 2, 4)), param)
    dx = layers.max_pool_backward_reshape(np.array([[[[4.0, 8.0]]]]), cache)
    np.testing.assert_array_equal(out, np.zeros((1, 1, 1, 2)))
    np.testing.assert_array_equal(dx, [[[[1, 1, 2, 2], [1, 1, 2, 2]]]])
    with pytest.raises(ValueError, match="do not tile"):
        layers.max_pool_forward_reshape(np.zeros((1, 1, 3, 4)), param)


@pytest.mark.parametrize(("x_shape", "kernel", "stride", "pad"), CONVOLUTIONS)
def test_columns_hold_the_patches_in_the_published_order(course, rng, x_shape, kernel, stride, pad):
    im2col = course("cs231n.im2col")
    x, (_, height, width) = rng.normal(size=x_shape), kernel
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    columns = []
    rows = range(0, padded.shape[2] - height + 1, stride)
    for top, left, n in itertools.product(rows, range(0, padded.shape[3] - width + 1, stride), range(x_shape[0])):
        columns.append(padded[n, :, top : top + height, left : left + width].ravel())
    got = im2col.im2col_indices(x, height, width, pad, stride)
    np.testing.assert_array_equal(got, np.array(columns).T)
    np.testing.assert_array_equal(course("cs231n.im2col_cython").im2col_cython(x, height, width, pad, stride), got)


@pytest.mark.parametrize(("x_shape", "kernel", "stride", "pad"), CONVOLUTIONS)
def test_col2im_is_the_adjoint_of_im2col(course, rng, x_shape, kernel, stride, pad):
    im2col, compiled = course("cs231n.im2col"), course("cs231n.im2col_cython")
    x, (_, height, width) = rng.normal(size=x_shape), kernel
    cols = im2col.im2col_indices(x, height, width, pad, stride)
    other = rng.normal(size=cols.shape)
    back = im2col.col2im_indices(other, x_shape, height, width, pad, stride)
    assert back.shape == x_shape
    assert np.sum(back * x) == pytest.approx(np.sum(other * cols), rel=1e-10)
    np.testing.assert_allclose(compiled.col2im_cython(other, *x_shape, height, width, pad, stride), back, atol=1e-12)


def test_numerical_gradients_agree_with_known_ones(course, rng, capsys):
    check = course("cs231n.gradient_check")
    x, df = rng.uniform(1, 1.5, size=(3, 4)), rng.normal(size=(3, 4))  # gradients well away from 0
    before = x.copy()
    np.testing.assert_allclose(check.eval_numerical_gradient(lambda a: np.sum(a**3), x, verbose=False), 3 * x**2, 1e-6)
    np.testing.assert_allclose(check.eval_numerical_gradient_array(np.sin, x, df), df * np.cos(x), 1e-6)
    np.testing.assert_array_equal(x, before)
    assert capsys.readouterr().out == ""
    check.grad_check_sparse(lambda a: np.sum(a**3), x, 3 * x**2, num_checks=4)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(float(line.rsplit(" ", 1)[1]) < 1e-6 for line in lines)


def test_numerical_gradients_of_functions_that_return_their_own_input(course, rng):
    check = course("cs231n.gradient_check")
    x, df = rng.normal(size=5), rng.normal(size=5)
    np.testing.assert_allclose(check.eval_numerical_gradient_array(lambda a: a, x, df), df, rtol=1e-8)


def test_numerical_gradients_of_blobs_and_nets(course, rng):
    check = course("cs231n.gradient_check")
    a, b, out = (SimpleNamespace(vals=rng.normal(size=3), diffs=rng.normal(size=3)) for _ in range(3))

    def multiply(first, second, result):
        result.vals = first.vals * second.vals

    net = SimpleNamespace(forward=lambda: multiply(a, b, out))
    for da, db in (
        check.eval_numerical_gradient_blobs(multiply, (a, b), out),
        check.eval_numerical_gradient_net(net, (a, b), out),
    ):
        np.testing.assert_allclose(da, b.vals * out.diffs, rtol=1e-7)
        np.testing.assert_allclose(db, a.vals * out.diffs, rtol=1e-7)


LINEAR_LAYERS = """
import numpy as np
def affine_forward(x, w, b): return x.reshape(len(x), -1) @ w + b, (x, w)
def affine_backward(d, c): return (d @ c[1].T).reshape(c[0].shape), c[0].reshape(len(d), -1).T @ d, d.sum(0)
def relu_forward(x): return np.maximum(x, 0), x
def relu_backward(d, x): return d * (x > 0)
"""
SGD = """
def sgd(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    return w - config["learning_rate"] * dw, config
"""


@pytest.fixture
def with_student_files(code_tree, import_from, tmp_path):
    def build(**sources):
        package = tmp_path / "student"
        package.mkdir()
        for name, text in sources.items():
            (package / f"{name}.py").write_text(text)
        return import_from(code_tree(package))

    return build


def test_sandwich_layers_agree_with_torch(with_student_files, rng):
    utils = with_student_files(layers=LINEAR_LAYERS)("cs231n.layer_utils")
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(12, 5)), rng.normal(size=5)
    out, cache = utils.affine_relu_forward(x, w, b)
    dout = rng.normal(size=out.shape)
    expected, gradients = torch_gradients(lambda x, w, b: torch.relu(x.reshape(2, 12) @ w + b), dout, x, w, b)
    np.testing.assert_allclose(out, expected, rtol=1e-12)
    for got, want in zip(utils.affine_relu_backward(dout, cache), gradients, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)

    x, w, b = rng.normal(size=(2, 3, 6, 6)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    conv, pool = {"stride": 1, "pad": 1}, {"pool_height": 2, "pool_width": 2, "stride": 2}
    out, cache = utils.conv_relu_pool_forward(x, w, b, conv, pool)
    dout = rng.normal(size=out.shape)
    expected, gradients = torch_gradients(
        lambda x, w, b: F.max_pool2d(torch.relu(F.conv2d(x, w, b, padding=1)), 2), dout, x, w, b
    )
    np.testing.assert_allclose(out, expected, rtol=1e-12)
    for got, want in zip(utils.conv_relu_pool_backward(dout, cache), gradients, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


def test_sandwich_layers_import_while_the_student_has_written_nothing(with_student_files):
    utils = with_student_files(layers="")("cs231n.layer_utils")
    with pytest.raises(NameError, match="affine_forward"):
        utils.affine_relu_forward(1, 2, 3)


class LinearModel:
    """Least-squares scores: enough for a solver to learn."""

    def __init__(self, features, classes):
        self.params = {"W": np.zeros((features, classes))}

    def loss(self, X, y=None):
        scores = X @ self.params["W"]
        if y is None:
            return scores
        residual = scores - np.eye(scores.shape[1])[y]
        return 0.5 * np.mean(np.sum(residual**2, axis=1)), {"W": X.T @ residual / len(X)}


@pytest.fixture
def blobs(rng):
    y = rng.integers(3, size=90)
    x = 3 * np.eye(3)[y] + rng.normal(scale=0.3, size=(90, 3))
    return {"X_train": x[:60], "y_train": y[:60], "X_val": x[60:], "y_val": y[60:]}


def test_solver_learns_and_keeps_its_books(with_student_files, blobs, capsys):
    solver_class = with_student_files(layers="", optim=SGD)("cs231n.solver").Solver
    np.random.seed(0)
    model = LinearModel(3, 3)
    solver = solver_class(
        model,
        blobs,
        update_rule="sgd",
        optim_config={"learning_rate": 0.1},
        lr_decay=0.5,
        batch_size=20,
        num_epochs=4,
        verbose=False,
    )
    solver.train()
    assert len(solver.loss_history) == 4 * 3
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 5
    assert solver.loss_history[-1] < 0.5 * solver.loss_history[0]
    assert solver.best_val_acc == max(solver.val_acc_history) > 0.9
    assert model.params is solver.best_params
    assert solver.optim_configs["W"]["learning_rate"] == pytest.approx(0.1 * 0.5**4)
    assert solver.check_accuracy(blobs["X_val"], blobs["y_val"], num_samples=10, batch_size=3) > 0.9
    assert capsys.readouterr().out == ""


def test_solver_takes_a_batch_larger_than_the_data_and_talks_when_asked(with_student_files, blobs, capsys):
    solver_class = with_student_files(layers="", optim=SGD)("cs231n.solver").Solver
    solver_class(LinearModel(3, 3), blobs, batch_size=500, num_epochs=1).train()
    assert "(Epoch 1 / 1)" in capsys.readouterr().out


def test_solver_says_so_when_a_net_gives_no_scores(with_student_files, blobs):
    solver_class = with_student_files(layers="", optim=SGD)("cs231n.solver").Solver
    unfinished = SimpleNamespace(params={}, loss=lambda X, y=None: None if y is None else (0.0, {}))
    with pytest.raises(ValueError, match="returned None"):
        solver_class(unfinished, blobs, verbose=False).train()


def test_solver_writes_checkpoints(with_student_files, blobs, tmp_path):
    solver_class = with_student_files(layers="", optim=SGD)("cs231n.solver").Solver
    stem = str(tmp_path / "run")
    solver_class(LinearModel(3, 3), blobs, num_epochs=1, verbose=False, checkpoint_name=stem).train()
    state = pickle.loads(Path(f"{stem}_epoch_1.pkl").read_bytes())
    assert state["epoch"] == 1
    assert state["update_rule"] == "sgd"


def test_solver_refuses_what_it_does_not_know(with_student_files, blobs):
    solver_class = with_student_files(layers="", optim=SGD)("cs231n.solver").Solver
    with pytest.raises(ValueError, match="Unrecognized"):
        solver_class(LinearModel(3, 3), blobs, learning_rate=1)
    with pytest.raises(ValueError, match="Invalid update_rule"):
        solver_class(LinearModel(3, 3), blobs, update_rule="adam")


def test_cifar_is_read_from_files_and_its_absence_is_said(course, rng, tmp_path):
    data = course("cs231n.data_utils")
    pixels = rng.integers(0, 256, size=(6, 4, 3072), dtype=np.uint8)
    for number, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]):
        batch = {"data": pixels[number], "labels": [number] * 4}
        (tmp_path / name).write_bytes(pickle.dumps(batch))
    x_train, y_train, x_test, y_test = data.load_CIFAR10(str(tmp_path))
    assert x_train.shape == (20, 32, 32, 3)
    assert x_train[0, 1, 2, 2] == pixels[0, 0, 2 * 1024 + 1 * 32 + 2]
    assert list(y_train[:5]) == [0, 0, 0, 0, 1]
    assert set(y_test) == {5}
    split = data.get_CIFAR10_data(num_training=15, num_validation=5, num_test=2, cifar10_dir=str(tmp_path))
    assert split["X_val"].shape == (5, 3, 32, 32)
    np.testing.assert_allclose(split["X_train"].mean(axis=0), 0, atol=1e-10)
    assert len(x_test) == 4
    with pytest.raises(FileNotFoundError, match="CIFAR-10"):
        data.get_CIFAR10_data()


def test_grids_place_every_image(course, rng):
    vis = course("cs231n.vis_utils")
    images = rng.normal(size=(5, 4, 3, 3))
    grid = vis.visualize_grid(images, ubound=255.0, padding=1)
    assert grid.shape == (3 * 4 + 2, 3 * 3 + 2, 3)
    first = images[4]
    np.testing.assert_allclose(grid[5:9, 4:7], 255 * (first - first.min()) / (first.max() - first.min()))
    assert vis.vis_grid(images).shape == (3 * 5 - 1, 3 * 4 - 1, 3)
    assert vis.vis_nn([list(images[:2])]).max() == pytest.approx(1.0)


def test_the_package_of_nets_finds_them_and_is_silent_about_absent_ones(with_student_files):
    course = with_student_files(layers="")
    nets = course("cs231n.classifiers")
    assert not hasattr(nets, "FullyConnectedNet")
    with pytest.raises(NotImplementedError, match="not part of assignment 2"):
        nets.SqueezeNet()


@pytest.mark.parametrize(
    "module", ["coco_utils", "image_utils", "rnn_layers", "captioning_solver", "classifiers.squeezenet"]
)
def test_modules_of_later_assignments_import(course, module):
    assert course(f"cs231n.{module}")


def test_images_survive_preparation_and_back(course, rng):
    images = course("cs231n.image_utils")
    image = rng.integers(0, 256, size=(4, 5, 3), dtype=np.uint8)
    back = images.deprocess_image(images.preprocess_image(image))
    assert np.max(np.abs(back.astype(int) - image)) <= 1
    np.testing.assert_allclose(images.blur_image(np.ones((1, 3, 4, 4))), 1.0)


def test_python_2_names(course):
    names = course("past.builtins")
    assert list(names.xrange(3)) == [0, 1, 2]
    assert names.cmp(1, 2) == -1
    assert course("past.utils").old_div(7, 2) == 3
