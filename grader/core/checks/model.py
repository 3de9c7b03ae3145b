"""Where the student's model is found and how it is built: for every kind that looks at a model instead of a function.

The sandbox reads the files without training (`worker/untrusted/definitions.py`) and tells which classes, functions and models
there are. Which of them is meant, with which arguments it is built, and what to say when none can be is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.core.calls import Call, Ref, Request
from grader.core.checks.found import Failure, Found, Thing, plain
from grader.core.checks.kind import Context
from grader.core.observation import Outcome, Reply, StudentError
from grader.core.result import Status
from grader.core.verdict import Judgement, from_error, from_reply, unread

READ_SECONDS = 180.0
BUILD_SECONDS = 60.0
MOST = 24
"""Models of one submission that are looked at when none has the declared name."""

OTHER_VERSION = re.compile(
    r"__init__\(\) (missing|got)|Unrecognized keyword|Argument\(s\) not recognized|^module '.*' has no attribute"
)
"""What a library says to those who use another version of it."""

NOT_THEIRS = re.compile(r"(^|/)(\.|__|site-packages/|node_modules/|venv/)")
BUILDERS = re.compile(r"model|net|cnn|build|create|make", re.IGNORECASE)


class Model(BaseModel):
    """named: classes, functions that return a model, or variables that hold one, in this order; case and `_` do not count.
    Where none has such a name, the submission's models are those that are meant.

    arguments: of the constructor or function, tried in order. An alternative of which the constructor has no name at all is
    passed over (so `{}` is always tried); of the others it gets the names that it has.
    weights: shapes of a list of weights: meant is a function (x, weights), and nothing else of the same name.
    files: patterns of the files' names or paths. saved: of files that hold a whole Keras model, looked at where the code
    gives none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    named: tuple[str, ...] = ()
    arguments: tuple[dict[str, Any], ...] = ({},)
    weights: tuple[tuple[int, ...], ...] = ()
    files: tuple[str, ...] = ("*.py", "*.ipynb")
    saved: tuple[str, ...] = ("*.keras", "*.h5", "*.hdf5")


@dataclass(frozen=True)
class Built:
    """A model in the sandbox. `ref` is the model itself; `given` the arguments it was built with; `defaults` the names of
    those that it was not given; `named`: it has one of the declared names; `doubt`: why there may be other models, which could
    not be made; `computes`: it is a function that was given weights; `made`: the submission itself made it."""

    ref: Ref
    framework: Literal["torch", "keras"]
    name: str
    file: str
    line: int = 0
    given: Mapping[str, Any] | None = None
    defaults: tuple[str, ...] = ()
    named: bool = False
    doubt: str = ""
    computes: bool = False
    made: bool = False

    @property
    def place(self) -> str:
        return f"{self.name} in {self.file}" + (f", line {self.line}" if self.line else "")


def build(model: Model, context: Context, keep: str = "model") -> Generator[Request, Reply, Judgement | Built]:
    """The model that is meant, the first that can be built; or the judgement that there is none."""
    found = yield from look(model, context)
    if isinstance(found, Judgement):
        return found
    candidates = choose(found, model.named)
    stopped: Judgement | None = None
    for thing in candidates:
        built = yield from build_one(model, found, thing, keep)
        if isinstance(built, Built) or built.ended:
            return built
        stopped = stopped or built
    return stopped or absent(model, found)


def build_each(
    model: Model, context: Context, keep: str = "model", others: bool = False
) -> Generator[Request, Reply, Judgement | list[Built]]:
    """All models that may be meant, kept as `keep`0, `keep`1, …: a check takes the one that fits best. others: behind those of
    the declared names all others, too."""
    models: list[Built] = []
    stopped: Judgement | None = None
    found = yield from look(model, context)
    if isinstance(found, Judgement):
        stopped, found = found, Found(things=())
        if stopped.ended:
            return stopped
    doubt = failed(found.unmade) if found.unmade else found.untried(name for given in model.arguments for name in given)
    for thing in choose_with_others(found, model.named) if others else choose(found, model.named):
        built = yield from build_one(model, found, thing, f"{keep}{len(models)}")
        if isinstance(built, Built):
            sure = bool(built.given) and has_name(thing, model.named)
            models.append(replace(built, named=has_name(thing, model.named), doubt="" if sure and not found.unmade else doubt))
        elif built.ended:
            return built
        else:
            stopped = stopped or built
    if not models:
        models = yield from _saved(model, context, keep)
    return models or stopped or absent(model, found)


def _saved(model: Model, context: Context, keep: str) -> Generator[Request, Reply, list[Built]]:
    """The models that saved files hold themselves."""
    models: list[Built] = []
    for file in handed_in(model.saved, context)[:MOST]:
        name = f"{keep}-saved{len(models)}"
        reply = yield Call(
            "_sandbox.checkpoints.read", (file,), keep=name, take=(("return", "said"),), seconds=BUILD_SECONDS
        )
        if reply.outcome is not Outcome.OK:
            break
        said = reply.values[0] if reply.values else None
        if isinstance(said, dict) and said.get("whole") is True:
            models.append(Built(Ref(name, ("return", "model")), "keras", "The model", file))
    return models


def look(model: Model, context: Context) -> Generator[Request, Reply, Judgement | Found]:
    """What the submission's files define."""
    files = files_of(model, context)
    if not files:
        return Judgement(Status.MISSING, f"No file with code was handed in ({', '.join(model.files)}).")
    reply = yield Call("_sandbox.definitions.collect", (files,), seconds=READ_SECONDS)
    stopped = from_reply(reply, "The code", READ_SECONDS, "when its files were read")
    if stopped is not None:
        return stopped
    try:
        found = Found.model_validate(reply.values[0] if reply.values else None)
    except ValidationError as error:
        text = "The files could not be read: they changed how they are read."
        return Judgement(Status.ERROR, text, detail=str(error)[:2000])
    things = (thing.model_copy(update={"index": index}) for index, thing in enumerate(found.things))
    things = tuple(thing for thing in things if thing.form == "function" or not model.weights)
    return found.model_copy(update={"things": things})


def files_of(model: Model, context: Context) -> list[str]:
    """Paths of the files that may define the model: modules before notebooks."""
    return sorted(handed_in(model.files, context), key=lambda name: (name.endswith(".ipynb"), name))


def handed_in(patterns: tuple[str, ...], context: Context) -> list[str]:
    """Paths of the files that fit one of the patterns, by their names or paths; folders that nobody writes in are left out."""
    names = context.submission.files if context.submission is not None else ()
    return [
        name
        for name in sorted(names)
        if not NOT_THEIRS.search(name)
        and any(fnmatch(name, pattern) or fnmatch(name.rpartition("/")[2], pattern) for pattern in patterns)
    ]


def choose(found: Found, named: tuple[str, ...]) -> list[Thing]:
    """The things that may be the model, the likeliest first.

    Those of the declared names, if there are any, and the models that the script makes of them; else the model classes that no
    other class is built of, and the models that the script makes; else functions that look like builders and need no arguments.
    """
    for name in named:
        of_that_name = [
            thing
            for thing in found.things
            if thing.form != "optimizer" and has_name(thing, (name,))
        ]
        if of_that_name:
            order = {"class": 0, "function": 1, "model": 2}
            return sorted(of_that_name, key=lambda thing: order[thing.form])[:MOST]
    parts = {part for thing in found.things if thing.form == "class" for part in thing.parts if part != thing.name}
    classes = [thing for thing in found.things if thing.form == "class" and thing.name not in parts]
    models = [thing for thing in found.things if thing.form == "model"]
    if classes or models:
        return [*models, *classes][:MOST]
    return [
        thing
        for thing in found.things
        if thing.form == "function" and not thing.required and BUILDERS.search(thing.name)
    ][:MOST]


def has_name(thing: Thing, named: tuple[str, ...]) -> bool:
    """Its own name, or that of the class that it is a model of."""
    return any(plain(name) in (plain(thing.name), plain(thing.type)) for name in named)


def choose_with_others(found: Found, named: tuple[str, ...]) -> list[Thing]:
    """Behind the things of the declared names all others that may be models: students call them as they like."""
    return list(dict.fromkeys([*choose(found, named), *choose(found, ())]))[:MOST]


def build_one(model: Model, found: Found, thing: Thing, keep: str) -> Generator[Request, Reply, Judgement | Built]:
    """Builds one thing under the first arguments that it takes."""
    stopped: Judgement | None = None
    computes = thing.form == "function" and bool(model.weights)  # by itself, where others make what computes
    for given in [{}] if computes else alternatives(model.arguments, thing):
        request = Call(
            "_sandbox.models.build",
            (thing.index, given, [list(shape) for shape in model.weights]),
            keep=keep,
            take=(("return", "framework"), ("return", "type")),
            seconds=BUILD_SECONDS,
        )
        reply = yield request
        if reply.outcome is Outcome.OK and reply.error is None:
            claimed, kind = (str(value)[:60] for value in (*reply.values, "", "")[:2])
            framework = "keras" if claimed == "keras" else "torch"
            name = thing.name if thing.form != "model" else f"{thing.name} ({kind})"
            defaults = tuple(parameter for parameter in thing.parameters if parameter not in given and not computes)
            ref = Ref(keep, ("return", "model"))
            made = thing.form == "model"
            return Built(ref, framework, name, thing.file, thing.line, given, defaults, computes=computes, made=made)
        judged = _not_built(reply, found, thing)
        if judged.ended:
            return judged
        stopped = stopped or judged
    return stopped or unread(f"{thing.place}, needs arguments that are not known: {', '.join(thing.required)}.")


def alternatives(arguments: tuple[dict[str, Any], ...], thing: Thing) -> list[dict[str, Any]]:
    """The declared arguments under the names that the constructor gives to them, without repetitions. Where it takes any name
    (`**kwargs`, often only to hand them on), first those that it has, then all."""
    if thing.form == "model":
        return [{}]
    theirs = {plain(name): name for name in thing.parameters}
    found: list[dict[str, Any]] = []
    for alternative in arguments:
        known = {theirs[plain(name)]: value for name, value in alternative.items() if plain(name) in theirs}
        given = [known] if known or not alternative else []
        if "**" in thing.parameters and alternative:
            given.append({theirs.get(plain(name), name): value for name, value in alternative.items()})
        found += [one for index, one in enumerate(given) if one not in found + given[:index]]
    return found


def absent(model: Model, found: Found) -> Judgement:
    """No model is there: a statement that failed may have been the one that defines it, and then a TA has to look."""
    what = f" ({' or '.join(model.named)})" if model.named else ""
    if found.failures:
        first = found.failures[0]
        return unread(
            f"No model{what} could be read from the code. {failed(first)} A model that is defined by it could not be found."
        )
    return Judgement(Status.MISSING, f"No model{what} was found in the code that was handed in.")


def _not_built(reply: Reply, found: Found, thing: Thing) -> Judgement:
    """Why a model could not be built. What only the whole script sets is not the student's mistake."""
    stopped = from_reply(reply, thing.name, BUILD_SECONDS, "when it was built")
    assert stopped is not None
    error = reply.error
    if error is None:
        return stopped
    if error.type == "TooLong":
        return unread(f"{thing.place}, could not be built: {error.message}.")
    lacking = unset_name(error)
    failure = next((failure for failure in found.failures if lacking in failure.names), None) if lacking else None
    if failure is not None:
        return unread(f"{thing.place}, needs `{lacking}`, which only the whole script sets. {failed(failure)}")
    if error.type == "TypeError" and thing.required:
        return unread(f"{thing.place}, needs arguments that are not known: {', '.join(thing.required)}.")
    if OTHER_VERSION.search(error.message) and not any(f"{one.name}.__init__" in error.message for one in found.things):
        return unread(f"{thing.place}, asks a library for what the version here does not have: {error.message}.")
    if error.type == "NotAModel" or (error.type == "ModuleNotFoundError" and error.file is not None):
        return unread(f"{thing.place}, could not be built: {error.message}.")
    return from_error(error, f"{thing.name} ({thing.file}, line {thing.line})")


def unset_name(error: StudentError) -> str | None:
    """The global that a NameError misses."""
    if error.type not in ("NameError", "UnboundLocalError"):
        return None
    match = re.search(r"name '(\w+)'", error.message)
    return match[1] if match else None


def failed(failure: Failure) -> str:
    """Why a statement was not run, a sentence."""
    why = f"{failure.error}: {failure.message}".rstrip(": ")
    return f"Line {failure.line} of {failure.file} did not run when the files were read ({why})."
