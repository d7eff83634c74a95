"""Plan -> the text of every stage module and of functions.py."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nb2pipe.analysis import CellFacts, Facts, ImportedName, Statement
from nb2pipe.planning import Definition, Parameter, Plan, StagePlan
from nb2pipe.planning.naming import plain

from .cells import Dialect, cell_code, definition_source, kernel_names
from .docstrings import as_written
from .edits import indent
from .plots import plotting_cells
from .signatures import with_keywords

_NAME = re.compile(r"\b\w+\b")
_KINDS: dict[type[ast.AST], str] = {ast.ClassDef: "classes", ast.Assign: "types"}
_TYPES = {bool: "bool", int: "int", float: "float", str: "str"}


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules written for one notebook: path below the package -> text."""

    files: Mapping[str, str]
    imports: tuple[str, ...]  # roots of everything that the stages import


def rewrite(plan: Plan, facts: Facts) -> Modules:
    """The stage modules, and functions.py where anything is hoisted."""
    writer = _Writer(plan, facts)
    files = {
        f"stages/{stage.name}.{'ipy' if stage.ipython else 'py'}": writer.stage(stage)
        for stage in plan.stages
    }
    if plan.definitions:
        files["functions.py"] = writer.functions()
    roots = dict.fromkeys(one.root for statement in facts.statements for one in statement.imports)
    stars = dict.fromkeys(
        star.partition(".")[0] for statement in facts.statements for star in statement.star_imports
    )
    return Modules(files, tuple(root for root in {**roots, **stars} if root))


class _Writer:
    def __init__(self, plan: Plan, facts: Facts) -> None:
        self.plan = plan
        self.facts = facts
        self.cells = {cell.number: cell for cell in facts.cells}
        self.rank = {cell.number: place for place, cell in enumerate(facts.cells)}
        self.kernel = next(n for n in ("kernel", "nb_kernel", "_nb_kernel") if n not in facts.bound)
        targets = {name: one.qualified for name, one in facts.imports.items()}
        self.kernel_names = kernel_names(targets, facts.bound)
        self.dialect = Dialect(self.kernel, plan.passes, self.kernel_names)
        self.plots = plotting_cells(facts)
        self.as_written = as_written(facts)
        self.texts = _import_texts(facts)
        self.gone = self._gone()
        self.literals = self._literals()
        self.hoisted = plan.imports.keys() | {one.name for one in plan.definitions}
        self.all_mentioned = {
            name for s in facts.statements for name in (*s.use.reads, *s.use.deferred, *s.use.in_strings)
        }

    # -- stages ------------------------------------------------------------------------------------------------------
    def stage(self, stage: StagePlan) -> str:
        if stage.ipython:
            return self._ipython(stage)
        return self._function(stage) if stage.kind == "function" else self._script(stage)

    def _function(self, stage: StagePlan) -> str:
        body = self._body(stage, self.dialect)
        if stage.outputs:
            body = f"{body}\nreturn {', '.join(stage.outputs)}".strip()
        returns = f" -> {stage.returns}" if stage.returns else ""
        header = f"def {stage.name}({', '.join(self._signature(stage))}){returns}:"
        code = f"{header}\n{indent(body or 'pass')}\n"
        around = [self._docstring(stage), self._imports(stage, body), *self.as_written]
        return "\n".join([*around, "", "", code])

    def _signature(self, stage: StagePlan) -> Iterator[str]:
        for name in stage.inputs:
            kind = stage.annotations.get(name)
            yield f"{name}: {kind}" if kind else name
        values = {one.name: one.value for one in self.plan.parameters}
        for name in stage.params:
            kind = _TYPES.get(type(values[name]))
            yield f"{name}: {kind}" if kind else name

    def _body(self, stage: StagePlan, dialect: Dialect) -> str:
        parts = []
        for number in stage.cells:
            cell = self.cells[number]
            gone = self.gone.get(number, frozenset())
            code = cell_code(cell, gone, self.literals, dialect, number in self.plots)
            notes = self._comments_before(cell, stage.title) if number != stage.cells[0] else ""
            parts.append("\n".join(part for part in (notes, code) if part))
        return "\n\n".join(part for part in parts if part)

    def _gone(self) -> dict[int, frozenset[int]]:
        """Places of the statements that stand elsewhere: imports, definitions, parameters."""
        gone: dict[int, set[int]] = {}
        for definition in self.plan.definitions:
            gone.setdefault(definition.place[0], set()).add(definition.place[1])
        for parameter in self.plan.parameters:
            if parameter.statement:
                gone.setdefault(parameter.statement[0], set()).add(parameter.statement[1])
        for statement in self.facts.statements:
            if self._stands_at_the_top(statement):
                gone.setdefault(statement.cell, set()).add(statement.place)
        return {number: frozenset(places) for number, places in gone.items()}

    def _stands_at_the_top(self, statement: Statement) -> bool:
        if any(one.module == "__future__" for one in statement.imports):
            return True  # what is left of them is what Python does anyway
        is_import = statement.is_import and not self.plan.is_whole
        return is_import and all(one.name in self.plan.imports for one in statement.imports)

    def _literals(self) -> dict[int, tuple[Parameter, ...]]:
        found: dict[int, list[Parameter]] = {}
        for parameter in self.plan.parameters:
            for number in {place[0] for place in parameter.literals}:
                found.setdefault(number, []).append(parameter)
        return {number: tuple(ones) for number, ones in found.items()}

    def _script(self, stage: StagePlan) -> str:
        """A script runs in the notebook's own namespace: it leaves as little there as it can."""
        alias = "_kernel" if "_kernel" not in self.facts.bound else "_nb_kernel"
        dialect = Dialect(alias, self.plan.passes, self.kernel_names, is_script=True)
        body = self._body(stage, dialect)
        lines = [
            f"# {line}".rstrip() for line in [stage.title or stage.name, "", *_wrapped(stage.why_script)]
        ]
        needed = self._import_lines(stage)
        needed += [f"from {self.plan.package}.runner import kernel as {alias}"] if f"{alias}." in body else []
        return "\n".join([*lines, "", *needed, *self.as_written, "", body, ""])

    def _ipython(self, stage: StagePlan) -> str:
        sources = [self.cells[number].lifted.cell.source for number in stage.cells]
        marker = "----"
        while any(f"# {marker} cell " in source for source in sources):
            marker += "-"
        parts = [f"# marker: {marker}"]
        if imports := self._import_lines(stage):
            parts.append("\n".join([f"# {marker} cell {stage.cells[0]} {marker}", *imports]))
        for number, source in zip(stage.cells, sources, strict=True):
            raising = ", may raise" if self.cells[number].lifted.cell.may_raise else ""
            parts.append(f"# {marker} cell {number}{raising} {marker}\n{source}")
        return "\n".join(parts) + "\n"

    # -- what stands around the code -----------------------------------------------------------------------------------
    def _docstring(self, stage: StagePlan) -> str:
        text = self._markdown_before(self.cells[stage.cells[0]])
        lines = [line.rstrip() for line in text.split("\n")]
        title = stage.title or stage.name.replace("_", " ").capitalize()
        rest = "\n".join(line for line in lines if not _says(line, title)).strip()
        title = title if title.endswith((".", "!", "?")) else f"{title}."
        return _docstring("\n\n".join(part for part in (title, rest) if part))

    def _markdown_before(self, cell: CellFacts) -> str:
        found: list[str] = []
        for other in reversed(self.facts.notebook.cells[: cell.lifted.cell.index]):
            if other.kind == "code" and other.source.strip():
                break
            if other.kind == "markdown":
                found.append(other.source.strip())
        return "\n\n".join(reversed(found))

    def _comments_before(self, cell: CellFacts, title: str) -> str:
        lines = self._markdown_before(cell).split("\n")
        text = "\n".join(line for line in lines if not _says(line, title)).strip("\n")
        return "\n".join(f"# {line}".rstrip() for line in text.split("\n")) if text else ""

    def _import_lines(self, stage: StagePlan) -> list[str]:
        """The notebook's imports that the stage uses, and those in its cells that nothing uses."""
        texts: dict[str, str] = {}
        names = self._names_in(stage)
        for cell, imported in self.texts:
            is_here, name = cell in stage.cells, imported.name
            is_used = name in names or (name == "*" and not self.plan.is_whole)
            if imported.module == "__future__":
                # Python does it anyway, but for the name; IPython has the text.
                is_used = name in self.all_mentioned and name != "annotations" and not stage.ipython
                is_here = False
            if is_used and self.rank[cell] <= self.rank[stage.cells[-1]]:
                texts.setdefault(imported.text, "")
            elif is_here and name not in self.all_mentioned and name in self.plan.imports:
                texts.setdefault(imported.text, "  # noqa: F401")
        return [text + note for text, note in texts.items()]

    def _imports(self, stage: StagePlan, body: str) -> str:
        """The notebook's imports, and those of this project."""
        lines = self._import_lines(stage)
        names = self._names_in(stage)
        used = sorted(one.name for one in self.plan.definitions if one.name in names)
        own = [f"from ..functions import {', '.join(used)}"] if used else []
        if f"{self.kernel}." in body:
            alias = f" as {self.kernel}" if self.kernel != "kernel" else ""
            own.append(f"from ..runner import kernel{alias}")
        return "\n" + "\n".join([*lines, "", *own] if lines and own else [*lines, *own])

    def _names_in(self, stage: StagePlan) -> set[str]:
        names = set(_NAME.findall(" ".join([*stage.annotations.values(), stage.returns])))
        for number in stage.cells:
            gone = self.gone.get(number, frozenset())
            for statement in self.cells[number].statements:
                if statement.place not in gone:
                    names.update(statement.use.reads, statement.use.deferred, statement.use.in_strings)
        return names & self.hoisted - set(self.kernel_names)

    # -- functions.py --------------------------------------------------------------------------------------------------
    def functions(self) -> str:
        sources = [self._definition(one) for one in self.plan.definitions]
        names: set[str] = set()
        for one in self.plan.definitions:
            names |= {*one.statement.use.reads, *one.statement.use.deferred, *one.statement.use.in_strings}
        names -= set(self.kernel_names)
        texts = dict.fromkeys(one.text for _, one in self.texts if one.name in names or one.name == "*")
        lines = list(texts)
        if any(f"{self.kernel}." in source for source in sources):
            alias = f" as {self.kernel}" if self.kernel != "kernel" else ""
            lines += ["", f"from .runner import kernel{alias}"]
        note = '# What a notebook defines belongs to __main__: so it prints, and so it is pickled.\n__name__ = "__main__"'
        kinds = _kinds(self.plan.definitions)
        return "\n".join(
            [
                f'"""{kinds} of the notebook, each once."""',
                "",
                *lines,
                "",
                note,
                *self.as_written,
                "",
                "",
                "\n\n\n".join(sources),
                "",
            ]
        )

    def _definition(self, definition: Definition) -> str:
        cell = self.cells[definition.statement.cell]
        source = definition_source(definition.statement, cell, self.dialect)
        return with_keywords(source, definition.passes) if definition.passes else source


def _import_texts(facts: Facts) -> list[tuple[int, ImportedName]]:
    """The import statements of stable names with their cells, each once: `import a` and `import a.b` both bind `a`."""
    stable = facts.imports
    found: dict[tuple[str, str], tuple[int, ImportedName]] = {}
    for statement in facts.statements:
        for one in statement.imports if statement.is_import else ():
            if one.name in stable:
                found.setdefault((one.name, one.text), (statement.cell, one))
        for module in statement.star_imports if statement.is_import else ():
            star = ImportedName("*", module, "*", alias=False)
            found.setdefault((star.name, star.text), (statement.cell, star))
    return sorted(found.values(), key=lambda one: one[1].module != "__future__")  # Python wants those first


def _says(line: str, title: str) -> bool:
    """Whether a line of markdown is the heading that a stage is called after."""
    return bool(title) and plain(line.lstrip("# ")) == title


def _kinds(definitions: Iterable[Definition]) -> str:
    found = {_KINDS.get(type(one.statement.node), "functions") for one in definitions}
    *most, last = sorted(found, reverse=True)
    return f"{', '.join(most)} and {last}".capitalize() if most else last.capitalize()


def _docstring(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    escaped = escaped[:-1] + '\\"' if escaped.endswith('"') else escaped
    return f'"""{escaped}\n"""\n' if "\n" in escaped else f'"""{escaped}"""\n'


def _wrapped(text: str, width: int = 84) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    if line:
        yield line
