"""The right samples' nets train: dropout and running statistics do what they should, small sets are learnt by heart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sample_close import close
from sample_nets import fc_net, fully_connected, normalizations
from sklearn.datasets import load_digits

RIGHT = ["right-2021", "right-2018", "right-2016", "loose-files"]


@pytest.mark.parametrize("sample", RIGHT)
@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_nets_with_dropout_agree_with_finite_differences(sample_course, sample, keep):
    build = sample_course(sample)("cs231n.classifiers.fc_net").FullyConnectedNet
    rng = np.random.default_rng(3)
    for normalization in normalizations(build):
        net = fc_net(build, [6, 5], normalization, keep, reg=0.1, seed=123)
        for w in net.params.values():  # a unit behind nothing but dropped ones must not sit on ReLU's kink
            w += rng.normal(size=w.shape) * 0.3
        x, y = rng.normal(size=(5, 8)), rng.integers(4, size=5)
        loss, grads = net.loss(x, y)
        assert net.loss(x, y)[0] == loss, "the seed must fix the mask"
        for name, w in net.params.items():
            for index in [tuple(rng.integers(size) for size in w.shape) for _ in range(3)]:
                before, sides = w[index], []
                for h in (1e-5, -1e-5):
                    w[index] = before + h
                    sides.append(net.loss(x, y)[0])
                w[index] = before
                assert grads[name][index] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("sample", RIGHT)
def test_batch_normalized_nets_use_running_statistics_at_test_time(sample_course, sample):
    build = sample_course(sample)("cs231n.classifiers.fc_net").FullyConnectedNet
    rng = np.random.default_rng(3)
    net = fc_net(build, [6], "batchnorm")
    x, y = rng.normal(size=(50, 8)) + 2, rng.integers(4, size=50)
    for _ in range(200):
        net.loss(x, y)
    p = {name: torch.tensor(w) for name, w in net.params.items()}
    close(net.loss(x), fully_connected(p, torch.tensor(x), "batchnorm").numpy(), rtol=1e-6)
    close(net.loss(x[:1]), net.loss(x)[:1])


@pytest.fixture(scope="module")
def digits():
    images, labels = load_digits(return_X_y=True)
    images = (images / 8.0) - 1.0
    return {"X_train": images[:50], "y_train": labels[:50], "X_val": images[1000:1200], "y_val": labels[1000:1200]}


@pytest.mark.parametrize("sample", RIGHT)
def test_a_five_layer_net_overfits_fifty_digits(sample_course, sample, digits):
    importer = sample_course(sample)
    np.random.seed(0)
    net = fc_net(
        importer("cs231n.classifiers.fc_net").FullyConnectedNet,
        [100] * 4,
        input_dim=64,
        num_classes=10,
        weight_scale=0.1,
    )
    solver = importer("cs231n.solver").Solver(
        net,
        digits,
        update_rule="adam",
        optim_config={"learning_rate": 2e-3},
        num_epochs=20,
        batch_size=25,
        verbose=False,
    )
    solver.train()
    assert max(solver.train_acc_history) == 1.0
    assert solver.best_val_acc > 0.5


@pytest.mark.parametrize("sample", ["right-2021", "right-2018", "right-2016"])
def test_the_conv_net_learns_fifty_digits(sample_course, sample, digits):
    importer = sample_course(sample)
    np.random.seed(0)
    sizes = {"num_filters": 6, "filter_size": 3, "hidden_dim": 30, "weight_scale": 0.1, "dtype": np.float64}
    net = importer("cs231n.classifiers.cnn").ThreeLayerConvNet(input_dim=(1, 8, 8), **sizes)
    data = {name: a.reshape(-1, 1, 8, 8) if name.startswith("X") else a for name, a in digits.items()}
    solver = importer("cs231n.solver").Solver(
        net, data, update_rule="adam", optim_config={"learning_rate": 3e-3}, num_epochs=60, batch_size=25, verbose=False
    )
    solver.train()
    assert max(solver.train_acc_history) == 1.0
