"""What a pipeline's stages hold where they end, by other means than the proof's: a profile function and pickle.

All variables of a stage go into one pickle, so that its bytes tell who shares what. Functions, classes and modules
count by their names; what does not pickle counts by its kind.
"""

import hashlib
import io
import json
import os
import pickle
import sys
import types
from pathlib import Path
from typing import Any

_BY_NAME = (type, types.FunctionType, types.ModuleType, types.BuiltinFunctionType, types.MethodType)


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        """The name of what counts by its name."""
        if isinstance(value, _BY_NAME):
            return f"{type(value).__name__} {getattr(value, '__name__', '')}"
        return type(value).__name__ if type(value).__module__.startswith("matplotlib") else None

    def reducer_override(self, value: Any) -> Any:
        """A frame counts by its columns: how they lie in blocks is nobody's business."""
        if type(value).__name__ != "DataFrame":
            return NotImplemented
        columns = [value.iloc[:, place].to_numpy() for place in range(value.shape[1])]
        return dict, ((("columns", list(value.columns)), ("index", list(value.index)), ("values", columns)),)


class Observer:
    """Notes the variables of every stage function that returns, and at last those of the namespace."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.told: list[tuple[str, str]] = []

    def begin(self) -> None:
        """Watch from here on."""
        sys.setprofile(self._profile)

    def end(self) -> None:
        """Write down what was seen."""
        sys.setprofile(None)
        Path(self.path).write_text(json.dumps(self.told), encoding="utf-8")

    def _profile(self, frame: Any, event: str, argument: Any) -> None:
        code = frame.f_code
        stem = os.path.basename(code.co_filename).removesuffix(".py")  # noqa: PTH119  (called for every frame)
        if event == "return" and code.co_name in (stem, "<module>") and "/stages/" in code.co_filename:
            sys.setprofile(None)
            values = {name: value for name, value in frame.f_locals.items() if not name.startswith("_")}
            self.told.append((stem, digest(values)))
            sys.setprofile(self._profile)


def digest(values: dict[str, Any]) -> str:
    """One word for all values and what they share."""
    kept = {name: value for name, value in sorted(values.items()) if not isinstance(value, _BY_NAME)}
    while True:
        try:
            return hashlib.sha256(_dumped(kept)).hexdigest()[:16]
        except Exception:  # noqa: BLE001  (whatever does not pickle counts by its kind)
            name = next(name for name in kept if not _is_picklable(kept[name]))
            kept[name] = type(kept[name]).__name__


def _is_picklable(value: Any) -> bool:
    try:
        _dumped(value)
    except Exception:  # noqa: BLE001
        return False
    return True


def _dumped(value: Any) -> bytes:
    file = io.BytesIO()
    _Pickler(file, 4).dump(value)
    return file.getvalue()
