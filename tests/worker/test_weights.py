"""Files of weights that a handed-in tree cannot hold, and the names that a pickle may mention: the reader alone, no sandbox."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from worker.trusted.sandbox.backend import RUNNER_FOLDER

_spec = importlib.util.spec_from_file_location("weights", RUNNER_FOLDER / "weights.py")
weights = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(weights)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\x80\x02secret")
    (tmp_path / "link.pt").symlink_to(tmp_path / "secret")

    with pytest.raises(weights.Refused, match="is a link"):
        weights.kind_of(str(tmp_path / "link.pt"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "run.pt").mkdir()

    with pytest.raises(weights.Refused, match="is not there"):
        weights.kind_of(str(tmp_path / "run.pt"))


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("__main__.LeNet5", True), ("lenet.LeNet5", True), ("torch.nn.modules.linear.Linear", True), ("builtins.getattr", True),
        ("numpy._core.multiarray.scalar", True), ("collections.defaultdict", True), ("pathlib.PosixPath", True),
        ("builtins.eval", False), ("builtins.exec", False), ("os.system", False), ("posix.system", False),
        ("subprocess.Popen", False), ("shutil.rmtree", False), ("runpy.run_path", False), ("importlib.import_module", False),
        ("__builtin__.eval", False), ("webbrowser.open", False), ("builtins.__import__", False),
    ],
)  # fmt: skip
def test_what_a_pickle_may_mention(name: str, harmless: bool) -> None:
    assert weights._is_harmless(name) is harmless


def test_a_shell_runs_nothing() -> None:
    shell = weights.Shell("echo", 1)
    shell.__setstate__({"a": 1})

    assert shell.state == {"a": 1}
