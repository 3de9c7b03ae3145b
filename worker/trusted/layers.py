"""Right layers from outside: answers a student's net when its own layers are not to be blamed on it (error carried forward)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.core.calls import Substitution
from grader.core.checks.forward import fresh
from grader.core.plan import functions_of
from grader.core.rubric import Rubric
from worker.trusted.session import Answer, Token

AnswerFunction = Callable[[tuple[Any, ...], dict[str, Any]], Answer]


class RightLayers:
    """Answers the forward and backward functions of layers from their references, and keeps what a cache stands for."""

    def __init__(self, rubric: Rubric, references: Mapping[str, Any], variables: Mapping[str, str], seed: int) -> None:
        self._rubric, self._references, self._variables = rubric, references, variables
        self._caches: dict[str, tuple[str, dict[str, Any], np.ndarray | None]] = {}
        self._numbers = itertools.count()
        self._rng = np.random.default_rng(seed)

    def substitutions(self) -> dict[Substitution, AnswerFunction]:
        """For every layer, loss and update rule that the rubric names a function for; nets stay the student's."""
        answers: dict[Substitution, AnswerFunction] = {}
        for name, reference in self._references.items():
            if not hasattr(reference, "arguments"):
                continue
            forward, backward = functions_of(self._rubric, name)
            if forward and "config" in reference.arguments:
                answers[_substitution(forward)] = self._update(name)
                continue
            if forward:
                answers[_substitution(forward)] = self._forward(name)
            for function in backward:
                answers[_substitution(function)] = self._backward(name)
        return answers

    def _forward(self, name: str) -> AnswerFunction:
        reference = self._references[name]

        def answer(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
            inputs = bind(reference.arguments, args, kwargs)
            if reference.random:
                outputs, mask = self._dropout(reference, inputs)
            else:
                outputs, mask = reference.forward(**fresh(inputs)), None
            updates = {}
            for output, path in reference.after.items():
                if output in outputs:
                    updates[(reference.arguments.index(path[0]), *path[1:])] = outputs[output]
            returned = tuple(outputs[output] for output in reference.outputs)
            if not reference.has_cache:
                return Answer(returned if len(returned) > 1 else returned[0], updates)
            return Answer((*returned, self._token(name, inputs, mask)), updates)

        return answer

    def _update(self, name: str) -> AnswerFunction:
        reference = self._references[name]

        def answer(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
            inputs = {"config": None, **bind(reference.arguments, args, kwargs)}
            config = dict(inputs["config"] or {})
            outputs = reference.forward(**fresh({**inputs, "config": config}))
            state = {key: value for key, value in outputs.items() if key != "next_w"}
            return Answer((outputs["next_w"], config | state))

        return answer

    def _backward(self, name: str) -> AnswerFunction:
        reference = self._references[name]

        def answer(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
            bound = bind(("dout", "cache"), args, kwargs)
            cache = bound.get("cache")
            if not isinstance(cache, Token) or cache.id not in self._caches:
                raise ValueError(f"the backward function of {name} needs the cache that its forward function returned")
            _, inputs, mask = self._caches[cache.id]
            dout = np.asarray(bound["dout"], dtype=np.float64)
            if mask is not None:
                return Answer(dout * mask)
            gradients = reference.backward(dout, **fresh(inputs))
            returned = tuple(gradients[gradient] for gradient in reference.gradients)
            return Answer(returned if len(returned) > 1 else returned[0])

        return answer

    def _dropout(self, reference: Any, inputs: dict[str, Any]) -> tuple[dict[str, Any], np.ndarray]:
        x, parameters = np.asarray(inputs["x"], dtype=np.float64), inputs["dropout_param"]
        if parameters.get("mode") != "train":
            return {"out": x.copy()}, np.ones_like(x)
        p = float(parameters["p"])
        keep = p if self._variables.get("dropout_p", "keep") == "keep" else 1.0 - p
        mask = (self._rng.random(x.shape) < keep) / keep
        return {"out": x * mask}, mask

    def _token(self, name: str, inputs: dict[str, Any], mask: np.ndarray | None) -> Token:
        token = Token(f"{name}-{next(self._numbers)}")
        self._caches[token.id] = (name, fresh(inputs), mask)
        return token


def bind(names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name. Raises ValueError when there are too many, or one that the function does not have."""
    if len(args) > len(names):
        raise ValueError(f"takes {len(names)} arguments ({', '.join(names)}), but got {len(args)}")
    bound = {**dict(zip(names, args, strict=False)), **kwargs}
    unknown = set(bound) - set(names)
    if unknown:
        raise ValueError(f"has no argument {', '.join(sorted(unknown))}")
    return bound


def _substitution(dotted: str) -> Substitution:
    module, _, function = dotted.rpartition(".")
    return Substitution(module, function)
