"""Notebook files -> findings, one report a notebook; a file that cannot be read is a line of the report."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nb2pipe import audit as rules
from nb2pipe import graph, notebooks
from nb2pipe.analysis import gather
from nb2pipe.audit import Finding, allowing, baseline, matching
from nb2pipe.errors import InputError, Nb2pipeError
from nb2pipe.graph import VariableGraph
from nb2pipe.notebooks import Notebook

from .config import config_for

if TYPE_CHECKING:
    from nb2pipe.verification import Observed

    from .observing import ObservingWish

SKIPPED_FOLDERS = frozenset((".ipynb_checkpoints", ".git", "node_modules", ".venv", "venv", "__pycache__"))


@dataclass(frozen=True, slots=True)
class AuditWish:
    """What the user may say of an audit."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: Path | None = None
    run: "ObservingWish | None" = None  # run the notebooks, and so


NO_WISH = AuditWish()


@dataclass(frozen=True)
class Audited:
    """One notebook's graph and findings, or why it could not be read."""

    path: str
    notebook: Notebook | None = None
    graph: VariableGraph | None = None
    findings: tuple[Finding, ...] = ()
    error: str | None = None
    notes: tuple[str, ...] = ()  # what the user should know beside the findings
    run: "Observed | None" = None  # what runs of it showed
    is_not_run: bool = False  # although it was asked for: a note says why
    rules: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)


def audit_file(path: Path, wish: AuditWish = NO_WISH) -> Audited:
    """Audit one file; what cannot be read is said in `error`."""
    try:
        return _audited(path, wish)
    except Nb2pipeError as error:
        return Audited(str(path), error=str(error))


def _audited(path: Path, wish: AuditWish) -> Audited:
    chosen = _chosen(path, wish)
    notebook = notebooks.read(path)
    beside = _beside(path)
    facts = gather(
        notebook, [name for name in beside if name.endswith(".py") or "." not in name], with_hazards=False
    )
    found = graph.build(facts)
    allowed, complaints = allowing.allowed_in(facts)
    plain = Audited(str(path), notebook, found, rules.audit(found, beside))
    ran = _run(path, plain, wish.run) if wish.run is not None else plain
    findings = allowing.wanted(ran.findings, chosen, allowed)
    findings = _new(path, wish, notebook, findings)
    return replace(
        ran,
        findings=findings,
        notes=(*(f"{path}: {complaint}" for complaint in complaints), *ran.notes),
        rules=Counter(one.name for one in findings),
        severities=Counter(one.severity.value for one in findings),
    )


def _run(path: Path, audited: Audited, wish: "ObservingWish") -> Audited:
    """The same with what runs showed; a run that is not possible is a note."""
    from nb2pipe.errors import EnvironmentFault

    from .audit_run import seen_in_run, stopped
    from .observing import observe

    assert audited.graph is not None
    facts = audited.graph.facts
    cells = [facts.cells[number - 1].lifted for number in audited.graph.order.cells]
    try:
        run = observe(path, cells, wish)
    except EnvironmentFault as error:
        return replace(audited, notes=(f"{path}: not run: {error}",), is_not_run=True)
    findings = seen_in_run(audited.findings, facts, run)
    notes = (f"{path}: {words}",) if (words := stopped(run)) else ()
    return replace(audited, findings=findings, run=run, notes=notes)


def _chosen(path: Path, wish: AuditWish) -> frozenset[str]:
    """The codes of the rules that are asked for; what the command line says goes before the project's settings."""
    config = config_for(path)
    selected, _ = matching(wish.select or config.select or ("all",))
    ignored, _ = matching((*wish.ignore, *config.ignored_for(path)))
    return selected - ignored


def _new(
    path: Path, wish: AuditWish, notebook: Notebook, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """The findings that are not in the baseline."""
    file = wish.baseline or (Path(name) if (name := config_for(path).baseline) else None)
    if file is None:
        return findings
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"the baseline {file} cannot be read: {error.strerror or error}") from None
    known = baseline.loaded(text, str(file))
    return baseline.unknown(notebook, findings, known.get(path_key(path, file), Counter()))


def path_key(path: Path, file: Path) -> str:
    """The name of a notebook in a baseline: relative to the baseline's folder where it lies below it."""
    place, folder = path.resolve(), file.resolve().parent
    return (place.relative_to(folder) if place.is_relative_to(folder) else place).as_posix()


def baseline_text(audited: Iterable[Audited], file: Path) -> str:
    """A baseline of all findings of these notebooks."""
    marks = {
        path_key(Path(one.path), file): [baseline.mark(one.notebook, finding) for finding in one.findings]
        for one in audited
        if one.notebook is not None and one.findings
    }
    return baseline.dumped(marks)


def _beside(path: Path) -> frozenset[str]:
    """The names of modules and files beside the notebook."""
    try:
        entries = list(path.parent.iterdir())
    except OSError:
        return frozenset()
    return frozenset(
        entry.name for entry in entries if entry.suffix or (entry.is_dir() and any(entry.glob("*.py")))
    )


def notebooks_in(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The notebooks that these files, folders and patterns mean, each once."""
    seen: set[Path] = set()
    for path in paths:
        for one in _meant(path):
            if one not in seen:
                seen.add(one)
                yield one


def _meant(path: Path) -> Iterator[Path]:
    if path.is_dir():
        config = config_for(path)
        found = [one for one in _below(path) if not config.is_excluded(one)]
        if not found:
            raise InputError(f"{path} holds no notebooks (*.ipynb); give a notebook or another folder")
        yield from found
    elif not path.exists() and any(sign in str(path) for sign in "*?["):
        start = Path(path.anchor)
        matches = sorted(start.glob(str(path.relative_to(path.anchor))))
        if not matches:
            raise InputError(f"no file matches {path}")
        for one in matches:
            yield from _meant(one) if one.is_dir() else (one,)
    else:
        yield path


def _below(folder: Path) -> list[Path]:
    return sorted(
        one for one in folder.rglob("*.ipynb") if not SKIPPED_FOLDERS & set(one.relative_to(folder).parts)
    )
