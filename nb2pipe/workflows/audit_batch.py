"""Many notebooks -> their parts of a report, as they come; side by side through joblib where that is asked for."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2pipe.errors import EnvironmentFault

from .audit import Audited, AuditWish, audit_file

Render = Callable[[Audited], str]


@dataclass(frozen=True, slots=True)
class Part:
    """What is kept of one notebook once its report is written."""

    path: str
    text: str
    error: str | None
    rules: Counter[str]
    severities: Counter[str]
    notes: tuple[str, ...]
    is_not_run: bool


def parts(
    paths: Iterable[Path], wish: AuditWish, render: Render, jobs: int = 1, backend: str = "loky"
) -> Iterator[Part]:
    """The parts in the order of the files; a notebook is forgotten as soon as its part is made."""
    if jobs == 1 and backend == "loky":
        for number, path in enumerate(paths):
            if number:
                gc.collect(0)  # what the notebook before left; the command line turns the collector off
            yield one_part(path, wish, render)
        return
    joblib = _joblib()
    with joblib.parallel_config(backend=backend):
        pool = joblib.Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="3*n_jobs")
        yield from pool(joblib.delayed(one_part)(path, wish, render) for path in paths)


def one_part(path: Path, wish: AuditWish, render: Render) -> Part:
    """Audit one notebook and render its part; whatever goes wrong is a line of the report."""
    try:
        audited = audit_file(path, wish)
    except Exception as error:  # noqa: BLE001 - one odd notebook must not end the batch
        audited = Audited(str(path), error=f"a bug in nb2pipe: {type(error).__name__}: {error}")
    return Part(
        audited.path,
        render(audited),
        audited.error,
        audited.rules,
        audited.severities,
        audited.notes,
        audited.is_not_run,
    )


def _joblib() -> Any:
    try:
        import joblib
    except ImportError:
        raise EnvironmentFault("-j needs joblib; install it with: pip install 'nb2pipe[jobs]'") from None
    return joblib
