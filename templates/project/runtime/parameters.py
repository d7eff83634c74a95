"""The parameters of a run: typed after the notebook's values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runner import Pipeline


class UsageError(Exception):
    """Wrong usage: the command ends with 2 and this sentence."""


def checked(pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters: the defaults, params.yaml over them, and the given ones on top."""
    values = dict(pipeline.parameters)
    values.update(_from_mapping(pipeline, _project_file(pipeline), "params.yaml"))
    values.update(_from_mapping(pipeline, given, "the call"))
    return values


def from_options(
    pipeline: Pipeline, settings: Iterable[str], files: Iterable[str]
) -> dict[str, Any]:
    """What --params and --set give; the latter win."""
    found: dict[str, Any] = {}
    for name in files:
        found.update(_from_mapping(pipeline, _read(Path(name)), name))
    for setting in settings:
        name, sign, text = setting.partition("=")
        if not sign:
            raise UsageError(f"--set wants NAME=VALUE, not {setting!r}")
        _refuse_unknown(pipeline, name, "--set")
        found[name] = _from_text(name, text, pipeline.parameters[name])
    return found


def _from_mapping(
    pipeline: Pipeline, values: Mapping[str, Any], where: str
) -> dict[str, Any]:
    for name in values:
        _refuse_unknown(pipeline, name, where)
    defaults = pipeline.parameters
    return {name: _typed(name, value, defaults[name]) for name, value in values.items()}


def _refuse_unknown(pipeline: Pipeline, name: str, where: str) -> None:
    if name in pipeline.parameters:
        return
    known = ", ".join(pipeline.parameters) or "none"
    raise UsageError(f"{where}: no parameter {name!r}; there are: {known}")


def _typed(name: str, value: Any, default: Any) -> Any:
    kind = type(default)
    if default is None or type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    if kind is str and hasattr(value, "isoformat"):  # YAML reads dates
        return value.isoformat()
    raise UsageError(f"{name} is {kind.__name__}, as in {default!r}; not {value!r}")


def _from_text(name: str, text: str, default: Any) -> Any:
    wrong = UsageError(f"{name} is {_kind(default)}, as in {default!r}; not {text!r}")
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise wrong
        return text.lower() == "true"
    if isinstance(default, (int, float)):
        try:
            return type(default)(text)
        except ValueError:
            raise wrong from None
    try:
        value = json.loads(text)
    except ValueError:
        return None if text == "None" else text
    return value if default is None else _typed(name, value, default)


def _kind(value: Any) -> str:
    return type(value).__name__


def _project_file(pipeline: Pipeline) -> Mapping[str, Any]:
    """params.yaml beside the package; read only where it was edited."""
    path = Path(__file__).resolve().parents[2] / "params.yaml"
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    digest = hashlib.sha256(content).hexdigest()
    if pipeline.params_digest and digest.startswith(pipeline.params_digest):
        return {}
    return _read(path)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.name} cannot be read: {error}") from None
    if path.suffix == ".json":
        loads: Any = json.loads
    else:
        try:
            import yaml
        except ImportError:
            raise UsageError(
                f"{path.name} holds parameters: pip install pyyaml to read it"
            ) from None
        loads = yaml.safe_load
    try:
        values = loads(text)
    except Exception as error:  # noqa: BLE001
        raise UsageError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(values or {}, dict):
        raise UsageError(f"{path.name} wants lines of the form `name: value`")
    return values or {}
