"""What stages share besides variables: folder, environment, options, random numbers.

Each part says how to take it down and how to set it again. A part concerns itself only
with libraries that are imported already.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import locale
import logging
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from .world import World


def surroundings() -> dict[str, Any]:
    """What must be set before anything is imported."""
    return {
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "put": _put_environment(),
        "path": list(sys.path),
        "argv": list(sys.argv),
    }


def set_surroundings(known: dict[str, Any]) -> None:
    """Go to the folder, set the environment and the import path."""
    os.chdir(known["folder"])
    for name in set(os.environ) - set(known["environment"]):
        del os.environ[name]
    os.environ.update(known["environment"])
    for name, value in known["put"].items():
        os.putenv(name, value)
    sys.path[:], sys.argv[:] = known["path"], known["argv"]
    if hasattr(time, "tzset"):
        time.tzset()


def _put_environment() -> dict[str, str]:
    """Variables set by os.putenv(): programs see them, os.environ does not."""
    found: dict[str, str] = {}
    with contextlib.suppress(Exception):
        kind = ctypes.POINTER(ctypes.c_char_p)
        entries, place = kind.in_dll(ctypes.CDLL(None), "environ"), 0
        while entries[place] is not None:
            name, _, value = os.fsdecode(entries[place]).partition("=")
            if os.environ.get(name) != value:
                found[name] = value
            place += 1
    return found


def imported(world: World) -> list[str]:
    """The modules that are imported, the package's own left out."""
    found = []
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if spec is not None and spec.name == name and not world.is_own_module(name):
            found.append(name)
    return found


def import_again(names: list[str]) -> None:
    """Import modules; what they print was printed when they were first imported."""
    silence = io.StringIO()
    with (
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        for name in names:
            if name not in sys.modules:
                with contextlib.suppress(Exception):
                    importlib.import_module(name)


# -- the parts -------------------------------------------------------------------------


def _process() -> dict[str, Any]:
    mask = os.umask(0)
    os.umask(mask)
    digits = getattr(sys, "get_int_max_str_digits", lambda: None)()
    return {
        "mask": mask,
        "recursion": sys.getrecursionlimit(),
        "digits": digits,
        "switch": sys.getswitchinterval(),
        "collect": (gc.isenabled(), gc.get_threshold()),
        "locale": locale.setlocale(locale.LC_ALL),
    }


def _set_process(known: dict[str, Any]) -> None:
    os.umask(known["mask"])
    sys.setrecursionlimit(known["recursion"])
    if known["digits"] is not None:
        sys.set_int_max_str_digits(known["digits"])
    sys.setswitchinterval(known["switch"])
    enabled, threshold = known["collect"]
    (gc.enable if enabled else gc.disable)()
    gc.set_threshold(*threshold)
    locale.setlocale(locale.LC_ALL, known["locale"])


def _limits() -> dict[int, Any]:
    try:
        import resource
    except ImportError:
        return {}
    kinds = [getattr(resource, name) for name in dir(resource) if name[:7] == "RLIMIT_"]
    return {kind: resource.getrlimit(kind) for kind in kinds}


def _set_limits(known: dict[int, Any]) -> None:
    import resource

    for kind, limit in known.items():
        if resource.getrlimit(kind) != limit:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, limit)


def _handlers() -> dict[int, Any]:
    found = {}
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if handler is not None:
            is_plain = handler in (signal.SIG_DFL, signal.SIG_IGN)
            found[int(number)] = int(handler) if is_plain else handler
    return found


def _set_handlers(known: dict[int, Any]) -> None:
    for number, handler in known.items():
        if signal.getsignal(number) != handler:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, handler)


def _warnings() -> dict[str, Any]:
    return {
        "filters": list(warnings.filters),
        "action": warnings.defaultaction,
        "once": dict(warnings.onceregistry),
    }


def _set_warnings(known: dict[str, Any]) -> None:
    warnings.filters[:] = known["filters"]
    warnings.defaultaction = known["action"]
    warnings.onceregistry.update(known["once"])
    warnings.simplefilter("default")  # tells warnings that the filters changed
    del warnings.filters[0]
    warnings.filters[:] = known["filters"]


def _numpy(numpy: Any) -> dict[str, Any]:
    options = dict(numpy.get_printoptions())
    options.pop("override_repr", None)
    return {
        "print": options,
        "errors": numpy.geterr(),
        "call": numpy.geterrcall(),
    }


def _numpy_random(module: Any) -> dict[str, Any]:
    generator = module.mtrand._rand
    return {
        "kind": type(generator._bit_generator).__name__,
        "state": generator.get_state(),
        "seeded": getattr(generator._bit_generator, "seed_seq", None) is None,
    }


def _set_numpy_random(module: Any, known: dict[str, Any]) -> None:
    if type(module.mtrand._rand._bit_generator).__name__ == known["kind"]:
        if known["seeded"]:
            module.seed(0)  # it then forgets the seed that it began with
        module.mtrand._rand.set_state(known["state"])


def _set_numpy(numpy: Any, known: dict[str, Any]) -> None:
    numpy.set_printoptions(**known["print"])
    numpy.seterr(**known["errors"])
    numpy.seterrcall(known["call"])


def _pandas_keys(pandas: Any) -> list[str]:
    return list(sys.modules["pandas._config.config"]._registered_options)


def _pandas(pandas: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keys = _pandas_keys(pandas)
        found = {key: pandas.get_option(key) for key in keys}
    return {
        "options": found,
        "progress": hasattr(pandas.DataFrame, "progress_apply"),
    }


def _set_pandas(pandas: Any, known: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for key, value in known["options"].items():
            with contextlib.suppress(Exception):
                current = pandas.get_option(key)
                if type(current) is not type(value) or current != value:
                    pandas.set_option(key, value)
    if known["progress"] and not hasattr(pandas.DataFrame, "progress_apply"):
        importlib.import_module("tqdm").tqdm.pandas()


def _decimal(decimal: Any) -> Any:
    return decimal.getcontext(), decimal.DefaultContext.copy()


def _set_decimal(decimal: Any, known: Any) -> None:
    decimal.setcontext(known[0])
    default = known[1]
    for name in ("prec", "rounding", "Emin", "Emax", "capitals", "clamp"):
        setattr(decimal.DefaultContext, name, getattr(default, name))


def _csv(csv: Any) -> Any:
    keys = "delimiter quotechar escapechar doublequote skipinitialspace"
    keys = f"{keys} lineterminator quoting strict".split()
    dialects = {
        name: {key: getattr(csv.get_dialect(name), key) for key in keys}
        for name in csv.list_dialects()
    }
    return dialects, csv.field_size_limit()


def _set_csv(csv: Any, known: Any) -> None:
    for name in csv.list_dialects():
        csv.unregister_dialect(name)
    for name, options in known[0].items():
        csv.register_dialect(name, **options)
    csv.field_size_limit(known[1])


def _matplotlib(matplotlib: Any) -> dict[str, Any]:
    settings = {
        key: dict.__getitem__(matplotlib.rcParams, key)
        for key in dict.keys(matplotlib.rcParams)
        if key != "backend"
    }
    backend = dict.__getitem__(matplotlib.rcParams, "backend")
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    figures, active = [], None
    if helpers is not None:
        for number, manager in helpers.Gcf.figs.items():
            figures.append((number, manager.canvas.figure))
        if helpers.Gcf.get_active() is not None:
            active = helpers.Gcf.get_active().num
    letters = {}
    if "matplotlib.colors" in sys.modules:
        colors = sys.modules["matplotlib.colors"]._colors_full_map
        letters = {key: value for key, value in colors.items() if len(key) == 1}
    return {
        "settings": settings,
        "backend": backend if isinstance(backend, str) else None,
        "interactive": matplotlib.is_interactive(),
        "figures": figures,
        "active": active,
        "letters": letters,
    }


def _set_matplotlib(matplotlib: Any, known: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for key, value in known["settings"].items():
            dict.__setitem__(matplotlib.rcParams, key, value)
        backend = known["backend"]
        if backend and dict.__getitem__(matplotlib.rcParams, "backend") != backend:
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].switch_backend(backend)
            else:
                dict.__setitem__(matplotlib.rcParams, "backend", backend)
    matplotlib.interactive(known["interactive"])
    if known["letters"] and "matplotlib.colors" in sys.modules:
        colors = sys.modules["matplotlib.colors"].colorConverter
        colors.colors.update(known["letters"])
        sys.modules["matplotlib.colors"]._colors_full_map.update(known["letters"])
    _set_figures(known["figures"], known["active"])


def _set_figures(figures: list[Any], active: int | None) -> None:
    if not figures:
        return
    from matplotlib import _pylab_helpers, pyplot

    module = pyplot._get_backend_mod()
    for number, figure in figures:
        manager = module.new_figure_manager_given_figure(number, figure)
        _pylab_helpers.Gcf._set_new_active_manager(manager)
    order = [number for number, _ in figures]
    if active in _pylab_helpers.Gcf.figs:
        _pylab_helpers.Gcf.set_active(_pylab_helpers.Gcf.figs[active])
    for number in order:  # the order of use, the current figure last
        if number != active:
            _pylab_helpers.Gcf.figs.move_to_end(number, last=False)
    for number in reversed(order):
        _pylab_helpers.Gcf.figs.move_to_end(number, last=False)


def _logging(module: Any) -> dict[str, Any]:
    loggers = {"": logging.root}
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            loggers[name] = logger
    found = {}
    for name, logger in loggers.items():
        handlers = [_handler(one) for one in logger.handlers]
        state = logger.level, logger.propagate, logger.disabled
        found[name] = (*state, handlers, list(logger.filters))
    return {
        "loggers": found,
        "disable": logging.root.manager.disable,
        "names": dict(logging._levelToName),
        "capture": logging._warnings_showwarning is not None,
        "raise": logging.raiseExceptions,
    }


def _handler(handler: Any) -> Any:
    kind = type(handler)
    if kind is logging._StderrHandler:
        return None
    if kind not in (logging.StreamHandler, logging.NullHandler):
        raise ValueError(f"a logging handler of kind {kind.__name__}")
    state = {key: one for key, one in vars(handler).items() if key != "lock"}
    return kind, state


def _set_logging(module: Any, known: dict[str, Any]) -> None:
    for level, name in known["names"].items():
        logging.addLevelName(level, name)
    logging.root.manager.disable = known["disable"]
    logging.raiseExceptions = known["raise"]
    for name, state in known["loggers"].items():
        logger = logging.getLogger(name) if name else logging.root
        level, logger.propagate, logger.disabled, handlers, filters = state
        logger.setLevel(level)
        logger.handlers[:] = [_made_handler(one) for one in handlers if one]
        logger.filters[:] = filters
    if known["capture"]:
        logging.captureWarnings(True)


def _made_handler(known: Any) -> Any:
    kind, state = known
    handler = kind()
    vars(handler).update(state)
    return handler


def _torch(torch: Any) -> Any:
    return torch.get_rng_state(), torch.get_default_dtype()


def _set_torch(torch: Any, known: Any) -> None:
    torch.set_rng_state(known[0])
    torch.set_default_dtype(known[1])


def _plotly(module: Any) -> Any:
    return module.renderers.default, module.templates.default


def _set_plotly(module: Any, known: Any) -> None:
    module.renderers.default, module.templates.default = known


_ALWAYS: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "process": (_process, _set_process),
    "limits": (_limits, _set_limits),
    "signals": (_handlers, _set_handlers),
    "warnings": (_warnings, _set_warnings),
    "random": (random.getstate, random.setstate),
}
_LIBRARIES: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], None]]] = {
    "numpy": (_numpy, _set_numpy),
    "numpy.random": (_numpy_random, _set_numpy_random),
    "pandas": (_pandas, _set_pandas),
    "decimal": (_decimal, _set_decimal),
    "csv": (_csv, _set_csv),
    "matplotlib": (_matplotlib, _set_matplotlib),
    "logging": (_logging, _set_logging),
    "torch": (_torch, _set_torch),
    "plotly.io": (_plotly, _set_plotly),
    "sklearn": (
        lambda module: module.get_config(),
        lambda module, known: module.set_config(**known),
    ),
    "socket": (
        lambda module: module.getdefaulttimeout(),
        lambda module, known: module.setdefaulttimeout(known),
    ),
}


def state() -> dict[str, Any]:
    """All parts as they are now."""
    found = {name: take() for name, (take, _) in _ALWAYS.items()}
    for name, (take, _) in _LIBRARIES.items():
        module = sys.modules.get(name)
        if module is not None:
            found[name] = take(module)
    return found


def set_state(known: dict[str, Any]) -> None:
    """Set all parts as they were."""
    for name, (_, put) in _LIBRARIES.items():
        if name in known and name in sys.modules:
            put(sys.modules[name], known[name])
    for name, (_, put) in _ALWAYS.items():
        put(known[name])
