"""Fixtures of `engine.py`, which the sandbox suite uses too."""

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location("docker_engine_fixtures", Path(__file__).with_name("engine.py"))
_engine = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_engine)

docker_engine = _engine.docker_engine
base_image = _engine.base_image
sandbox_image = _engine.sandbox_image
