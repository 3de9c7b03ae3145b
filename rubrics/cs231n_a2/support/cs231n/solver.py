"""Stochastic gradient descent around a student's net and a student's update rule."""

from __future__ import annotations

import pickle

import numpy as np


class Solver:
    """Trains a model and keeps the parameters with the best validation accuracy.

    model: has `params` (dict of float arrays) and `loss(X, y)`, giving (loss, grads) with labels, scores without.
    data: "X_train", "y_train", "X_val", "y_val".

    Optional: update_rule (name of a function in `optim.py`), optim_config (its hyperparameters), lr_decay (factor on
    the learning rate after each epoch), batch_size, num_epochs, print_every, verbose, num_train_samples and
    num_val_samples (how many examples an accuracy is measured on; None for all), checkpoint_name (file stem, one file
    per epoch).

    After `train()`: best_params, best_val_acc, loss_history (one entry per step), train_acc_history and val_acc_history
    (after the first step and after each epoch).
    """

    def __init__(self, model, data, **kwargs):
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.X_val, self.y_val = data["X_val"], data["y_val"]

        self.update_rule = kwargs.pop("update_rule", "sgd")
        self.optim_config = kwargs.pop("optim_config", {})
        self.lr_decay = kwargs.pop("lr_decay", 1.0)
        self.batch_size = kwargs.pop("batch_size", 100)
        self.num_epochs = kwargs.pop("num_epochs", 10)
        self.num_train_samples = kwargs.pop("num_train_samples", 1000)
        self.num_val_samples = kwargs.pop("num_val_samples", None)
        self.checkpoint_name = kwargs.pop("checkpoint_name", None)
        self.print_every = kwargs.pop("print_every", 10)
        self.verbose = kwargs.pop("verbose", True)
        if kwargs:
            names = ", ".join(f'"{name}"' for name in kwargs)
            raise ValueError(f"Unrecognized arguments {names}: Solver does not know them; see its docstring")

        if isinstance(self.update_rule, str):
            self.update_rule = _find_update_rule(self.update_rule)
        self._reset()

    def _reset(self):
        """Forget everything learnt about the run; the model's parameters stay as they are."""
        self.epoch = 0
        self.best_val_acc = 0
        self.best_params = {}
        self.loss_history = []
        self.train_acc_history = []
        self.val_acc_history = []
        # Each parameter has its own moving averages, so each gets its own configuration.
        self.optim_configs = {name: dict(self.optim_config) for name in self.model.params}

    def _step(self):
        """One gradient step on a random minibatch."""
        chosen = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[chosen], self.y_train[chosen])
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            next_w, next_config = self.update_rule(w, grads[name], self.optim_configs[name])
            self.model.params[name] = next_w
            self.optim_configs[name] = next_config

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Fraction of X whose highest score is at the label in y; on `num_samples` random ones if there are more."""
        if num_samples is not None and len(X) > num_samples:
            chosen = np.random.choice(len(X), num_samples)
            X, y = X[chosen], y[chosen]
        starts = range(0, len(X), batch_size)
        predicted = [np.argmax(self._scores(X[start : start + batch_size]), axis=1) for start in starts]
        return np.mean(np.concatenate(predicted) == y)

    def _scores(self, X):
        scores = self.model.loss(X)
        if np.ndim(scores) != 2:
            raise ValueError(
                f"loss(X) of {type(self.model).__name__} without labels must return the scores, an array (examples, "
                f"classes); it returned {'None' if scores is None else f'something of shape {np.shape(scores)}'}"
            )
        return scores

    def train(self):
        """Run `num_epochs` epochs, then put the best parameters into the model."""
        steps_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        steps = self.num_epochs * steps_per_epoch
        for step in range(steps):
            self._step()
            if self.verbose and step % self.print_every == 0:
                print(f"(Iteration {step + 1} / {steps}) loss: {self.loss_history[-1]:f}")
            epoch_ends = (step + 1) % steps_per_epoch == 0
            if epoch_ends:
                self._end_epoch()
            if step == 0 or epoch_ends:
                self._measure()
        if self.best_params:
            self.model.params = self.best_params

    def _end_epoch(self):
        self.epoch += 1
        for config in self.optim_configs.values():
            if "learning_rate" in config:  # absent until a rule has filled in its default
                config["learning_rate"] *= self.lr_decay

    def _measure(self):
        """Record both accuracies; remember the parameters if validation has never been better."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, num_samples=self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val, num_samples=self.num_val_samples)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        self._save_checkpoint()
        if self.verbose:
            print(f"(Epoch {self.epoch} / {self.num_epochs}) train acc: {train_acc:f}; val_acc: {val_acc:f}")
        if val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_params = {name: w.copy() for name, w in self.model.params.items()}

    def _save_checkpoint(self):
        if self.checkpoint_name is None:
            return
        names = ("model", "lr_decay", "optim_config", "batch_size", "num_train_samples", "num_val_samples", "epoch")
        names += ("loss_history", "train_acc_history", "val_acc_history")
        state = {name: getattr(self, name) for name in names}
        state["update_rule"] = getattr(self.update_rule, "__name__", str(self.update_rule))
        with open(f"{self.checkpoint_name}_epoch_{self.epoch}.pkl", "wb") as file:
            pickle.dump(state, file)


def _find_update_rule(name):
    """The function `name` of the student's `optim.py`, looked up late so that this module imports without one."""
    from . import optim

    if not hasattr(optim, name):
        raise ValueError(f'Invalid update_rule "{name}": cs231n/optim.py has no function of this name')
    return getattr(optim, name)
