"""What the trusted side may ask of a sandbox: plain data, no I/O.

A check is a generator (see `grader/core/checks`): it yields one of these requests and is sent the `Reply` of
`grader/core/observation.py`. Nothing here may ever hold an expected value, a tolerance or a hidden label.

Values inside requests: None, bool, int, float, str, `numpy.ndarray` (bool, integer or float dtype), and tuples, lists and
dicts (string keys) of these, and `Ref`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""A way into a value. An int indexes a tuple or list; a str is a key of a mapping, else an attribute."""


@dataclass(frozen=True)
class Ref:
    """A value that stays inside the sandbox: something kept under `name`, and the `path` into it.

    What a `Call` keeps is a mapping {"return": the returned value, "args": the tuple of positional arguments as they are
    after the call, "kwargs": the keyword arguments}. So the cache that `affine_forward` returned is
    `Ref("fwd", ("return", 1))` and the running mean in its fourth argument is `Ref("bn", ("args", 3, "running_mean"))`.
    """

    name: str
    path: Path = ()


@dataclass(frozen=True)
class Call:
    """Call a student's function (dotted name, `package.module.function`) or a kept object's method (`Ref`).

    The module is imported on first use. Each call gets fresh copies of its arrays. NumPy's global state, `random` and
    (if loaded) torch are seeded with `seed` first; None leaves their state, for a call while something else is running.
    `take` names what to send back, as paths into what would be kept.
    """

    target: str | Ref
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    keep: str | None = None
    take: tuple[Path, ...] = (("return",),)
    seed: int | None = 0
    seconds: float = 10.0


@dataclass(frozen=True)
class Take:
    """Send back values out of something kept; `paths` are relative to `source`."""

    source: Ref
    paths: tuple[Path, ...] = ((),)
    seconds: float = 10.0


@dataclass(frozen=True)
class Put:
    """Set one entry: the last element of `into.path` is set (key of a mapping, index, or attribute) to `value`."""

    into: Ref
    value: Any
    seconds: float = 10.0


@dataclass(frozen=True)
class Describe:
    """What a dotted name is. The reply's only value is a dict:
    {"found": bool, "kind": "function"|"class"|"module"|"other", "parameters": [names of its (constructor) parameters],
    "names": [public names, for a module]}. A module that fails to import gives a `StudentError` instead.
    """

    target: str
    seconds: float = 20.0


@dataclass(frozen=True)
class Say:
    """For whoever watches: how far a long check is ("epoch 3 of 80: 71.2 %"). Never goes to the sandbox; the reply is an
    empty one."""

    text: str


Request = Call | Take | Put | Describe | Say


@dataclass(frozen=True)
class Substitution:
    """A function that the trusted side answers while a session runs (error carried forward).

    Every module of the submission that binds `module`'s `function` sees a proxy instead; calling it sends the arguments out
    and hands back the answer. `answer` is called on the trusted side.
    """

    module: str
    function: str


@dataclass(frozen=True)
class Opaque:
    """A value that cannot or may not cross the wall: only the name of its type does."""

    type: str
