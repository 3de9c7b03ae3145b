"""`grader datasets …`: installs the image data sets that checks train and evaluate on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Install image data sets from their published files, and list them.")

Folder = Annotated[
    Path | None, typer.Option("--datasets", help="Where they are kept; by default the service's folder.")
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="fashion-mnist, mnist or cifar10.")],
    path: Annotated[Path, typer.Argument(help="A folder, an archive, or one of the files.")],
    datasets: Folder = None,
) -> None:
    """Check a data set's files, and install them."""
    from grader.datasets import DatasetError, store

    folder = _folder(datasets)
    try:
        added = store.add(name, path, folder)
    except DatasetError as error:
        _stop(str(error))
    manifest = added.manifest
    size = "×".join(str(side) for side in manifest.size)
    what = "installed" if added.changed else "was installed already"
    print(
        f"{name}: {manifest.training} training and {manifest.hidden} hidden images of {size}, {what} in {folder / name}"
    )
    print(PUBLISHED[manifest.published])
    for remark in added.remarks:
        print(remark)


@app.command("list")
def list_(
    datasets: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """What is installed, and what stands in."""
    from grader.datasets import DatasetError, store
    from grader.datasets.images import STAND_INS

    folder = _folder(datasets)
    try:
        manifests = store.installed(folder)
    except DatasetError as error:
        _stop(str(error))
    if as_json:
        sets = [manifest.model_dump(mode="json") for manifest in manifests]
        print(json.dumps({"folder": str(folder), "installed": sets, "stand_ins": list(STAND_INS)}, indent=2))
        return
    for manifest in manifests:
        size = "×".join(str(side) for side in manifest.size)
        print(
            f"{manifest.name}: {manifest.training} + {manifest.hidden} images of {size}. {PUBLISHED[manifest.published]}"
        )
    print(f"Always there: {', '.join(STAND_INS)}. Folder: {folder}")


PUBLISHED = {
    True: "The files are those that were published (MD5).",
    False: "The files are NOT those that were published (MD5): somebody changed them, or another edition.",
    None: "Whether the files are those that were published was not compared: there are no checksums for this form.",
}


def _folder(given: Path | None) -> Path:
    from grader.errors import Misconfigured
    from grader.settings import get_settings

    try:
        return given or get_settings().datasets_folder
    except Misconfigured as error:
        _stop(str(error))


def _stop(message: str) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(1)
