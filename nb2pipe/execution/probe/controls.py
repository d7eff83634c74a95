"""What is set alike on both sides before anything runs: seeds, and the clock where it is frozen."""

from __future__ import annotations

import random
from typing import Any

from .imports import after_import
from .sampling import sample_tables


def seed_all(seed: int) -> None:
    """Seed `random` now, and numpy and torch as soon as they are imported."""
    random.seed(seed)
    after_import("numpy.random", lambda module: module.seed(seed))
    after_import("numpy.random.bit_generator", lambda module: _fix_entropy(module, seed))
    after_import("torch", lambda module: module.manual_seed(seed))


def _fix_entropy(module: Any, seed: int) -> None:
    """Generators that are made without a seed draw one here; the same in every process."""
    if hasattr(module, "randbits"):
        module.randbits = lambda _bits: seed


def freeze_clock(moment: str) -> None:
    """Let `time` and `datetime` tell this moment for ever."""
    import datetime as dt
    import time as clock

    datetime: Any = dt
    time: Any = clock
    real = datetime.datetime.fromisoformat(moment)
    stamp = real.timestamp()
    time.time = lambda: stamp
    time.time_ns = lambda: int(stamp * 10**9)
    for name in ("localtime", "gmtime"):
        setattr(time, name, _with_default(getattr(time, name), stamp))
    real_strftime, frozen_local = time.strftime, time.localtime
    time.strftime = lambda form, when=None: real_strftime(form, frozen_local() if when is None else when)
    datetime.datetime = _frozen_datetime(datetime.datetime, stamp)
    datetime.date = _frozen_date(datetime.date, stamp)


def _with_default(function: Any, stamp: float) -> Any:
    return lambda seconds=None: function(stamp if seconds is None else seconds)


class _LikeBase(type):
    """Instances that C code makes of the real class count as instances of the frozen one."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls.__mro__[1])

    def __subclasscheck__(cls, kind: Any) -> bool:
        return issubclass(kind, cls.__mro__[1])


def _frozen_datetime(real: Any, stamp: float) -> Any:
    class datetime(real, metaclass=_LikeBase):  # type: ignore[misc]  # noqa: N801  (it stands for that class)
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.fromtimestamp(stamp, tz)

        @classmethod
        def today(cls) -> Any:
            return real.fromtimestamp(stamp)

        @classmethod
        def utcnow(cls) -> Any:
            return real.utcfromtimestamp(stamp)

    return _named_as(datetime, real)


def _frozen_date(real: Any, stamp: float) -> Any:
    class date(real, metaclass=_LikeBase):  # type: ignore[misc]  # noqa: N801  (it stands for that class)
        @classmethod
        def today(cls) -> Any:
            return real.fromtimestamp(stamp)

    return _named_as(date, real)


def _named_as(frozen: Any, real: Any) -> Any:
    frozen.__module__, frozen.__qualname__, frozen.__doc__ = real.__module__, real.__qualname__, real.__doc__
    return frozen


def set_up(config: dict[str, Any]) -> None:
    """Apply what the configuration asks for."""
    if config.get("freeze"):
        freeze_clock(config["freeze"])
    if config.get("seed") is not None:
        seed_all(int(config["seed"]))
    if config.get("rows") is not None:
        sample_tables(float(config["rows"]), int(config.get("seed") or 0))
