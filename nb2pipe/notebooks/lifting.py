"""IPython syntax to plain Python, line for line.

A cell that parses as Python is Python: IPython's syntax never does. So only the others are scanned.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nb2pipe.notebooks import commands
from nb2pipe.notebooks.automagic import automagic
from nb2pipe.notebooks.bindings import HISTORY_IN_TEXT, bound, history_reads
from nb2pipe.notebooks.cell_magics import OTHER_LANGUAGES, text_magic
from nb2pipe.notebooks.expansion import expanded
from nb2pipe.notebooks.faults import compiled, parsed
from nb2pipe.notebooks.kernel_calls import as_magics
from nb2pipe.notebooks.line_magics import BUILT_IN, REPEATED, line_magic, timed_code
from nb2pipe.notebooks.model import Cell, Lifted, MagicUse, Notebook, SyntaxFault
from nb2pipe.notebooks.prompts import bare
from nb2pipe.notebooks.said import Magic, Said
from nb2pipe.notebooks.scanning import Piece, pieces, string_lines

SILENT = re.compile(r"\s*;")
CELL_MAGIC = re.compile(r"\s*%%(?!\w+\?)")
REGISTERS = re.compile(
    r"\bregister_(?:line|cell|line_cell)_magic\b|\bregister_magics\b|\bIPython\.core\.magic\b"
)
EXTENSION = re.compile(r"`%(?:re)?load_ext ")
MEASURED = REPEATED | {"time_cell", "timeit_cell"}
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Draft:
    """A text on its way to plain Python, and what was learned on the way."""

    python: str
    said: tuple[Said, ...] = ()
    magics: tuple[MagicUse, ...] = ()
    fault: SyntaxFault | None = None

    def plus(self, python: str, said: Iterable[Said] = (), magics: Iterable[MagicUse] = ()) -> "Draft":
        return replace(self, python=python, said=(*self.said, *said), magics=(*self.magics, *magics))


def lift_all(notebook: Notebook) -> tuple[Lifted, ...]:
    """Every code cell in plain Python, in order; what one cell binds tells how another is read."""
    first = [lift(cell) for cell in notebook.code_cells]
    names: frozenset[str] | None = None
    done: list[Lifted] = []
    history: set[str] = set()
    for lifted in first:
        if _depends_on_names(lifted):
            names = names if names is not None else _names(first)
            lifted = _lifted(lifted.cell, names)
        lifted, history = _with_history(lifted, history)
        done.append(lifted)
    return tuple(_with_extensions(done))


def lift(cell: Cell, names: frozenset[str] | None = None) -> Lifted:
    """The cell in plain Python; `names` are those that the notebook binds, for `$name` in commands."""
    return _lifted(cell, names)


def _lifted(cell: Cell, names: frozenset[str] | None) -> Lifted:
    draft = _draft(bare(cell.source), names, is_cell=True)
    tree = draft.fault or parsed(draft.python)
    awaits = tree if isinstance(tree, SyntaxFault) else compiled(tree, draft.python)
    if isinstance(tree, SyntaxFault) or isinstance(awaits, SyntaxFault):
        fault = tree if isinstance(tree, SyntaxFault) else awaits
        assert isinstance(fault, SyntaxFault)
        return Lifted(cell, "", fault=fault, magics=draft.magics)
    magics = (*draft.magics, MagicUse(1, "await", "", "")) if awaits else draft.magics
    return Lifted(
        cell,
        draft.python,
        needs_ipython=next((said.ipython for said in draft.said if said.ipython), None),
        needs_session=next((said.session for said in draft.said if said.session), None),
        is_silent=_is_silent(tree, draft.python),
        is_async=awaits,
        installs=tuple(dict.fromkeys(name for said in draft.said for name in said.installs)),
        magics=magics,
        notes=tuple(dict.fromkeys(said.note for said in draft.said if said.note)),
    )


def _draft(text: str, names: frozenset[str] | None, *, is_cell: bool = False) -> Draft:
    """The text with all of its IPython syntax said in Python."""
    if CELL_MAGIC.match(text):
        return _cell_magic(text, names)
    tree = parsed(text)
    if isinstance(tree, ast.Module) and "get_ipython" not in text:
        return automagic_draft(text, names) if is_cell else Draft(text)
    draft = Draft(text)
    if isinstance(tree, SyntaxFault):
        found = list(pieces(text))
        found_draft = _spliced(draft, found, names) if found else automagic_draft(text, names)
        if not found and found_draft.python == text:
            return replace(draft, fault=tree)
        draft = found_draft
    if "get_ipython" in draft.python:
        draft = _kernel_calls(draft, names)
    return draft


def automagic_draft(text: str, names: frozenset[str] | None) -> Draft:
    """A cell of one line that begins with a magic's name: IPython runs the magic."""
    line = automagic(text, names)
    return _spliced(Draft(text), list(pieces(line)), names) if line else Draft(text)


def _kernel_calls(draft: Draft, names: frozenset[str] | None) -> Draft:
    tree = parsed(draft.python)
    if isinstance(tree, SyntaxFault):
        return draft
    found, others = as_magics(tree, draft.python)
    if others:
        said = Said(session="`get_ipython()` hands out the session itself")
        draft = draft.plus(draft.python, [said], [MagicUse(others[0], "history", "get_ipython", "")])
    for piece, body in found:
        if not body:
            draft = _spliced(draft, [piece], names)
            continue
        one_line = _on_one_line(_cell_magic(f"%%{piece.text}\n{body}", names))
        if one_line is None:
            return draft.plus(draft.python, [Said(session="`get_ipython()` runs a cell magic")])
        lines = draft.python.split("\n")
        indent = lines[piece.first][: piece.column]
        lines[piece.first : piece.last + 1] = [indent + one_line.python, *[""] * (piece.last - piece.first)]
        moved = [replace(use, line=piece.first + 1) for use in one_line.magics]
        draft = draft.plus("\n".join(lines), one_line.said, moved)
    return draft


def _on_one_line(draft: Draft) -> Draft | None:
    """The same code on one line, where that needs no more than semicolons."""
    tree = draft.fault or parsed(draft.python)
    if isinstance(tree, SyntaxFault):
        return None
    simple = [node for node in tree.body if not hasattr(node, "body")]
    return (
        replace(draft, python="; ".join(map(ast.unparse, simple)) or "pass") if simple == tree.body else None
    )


def _spliced(draft: Draft, found: list[Piece], names: frozenset[str] | None) -> Draft:
    """The text with each of the pieces replaced by what it says."""
    lines = draft.python.split("\n")
    said: list[Said] = []
    magics: list[MagicUse] = []
    for piece in found:
        lead = lines[piece.first][: piece.column]
        use = _use(piece, lead)
        told = _said(piece, use, names)
        lines[piece.first : piece.last + 1] = [
            _line(lead, piece, told, use),
            *[""] * (piece.last - piece.first),
        ]
        magics.append(use)
        said.append(told)
    return draft.plus("\n".join(lines), said, magics)


def _use(piece: Piece, lead: str) -> MagicUse:
    target = lead.split("=")[0].split(":")[0].strip() if piece.is_assigned else ""
    line = piece.first + 1
    name, _, argument = piece.text.partition(" ")
    match piece.form:
        case "magic":
            return MagicUse(line, "line", name.strip(), argument, target)
        case "shell":
            return MagicUse(line, "shell-assign" if piece.is_assigned else "shell", "", piece.text, target)
        case "capture":
            return MagicUse(line, "shell-assign", "", piece.text)
        case "call":
            return MagicUse(line, "autocall", name, argument)
        case _:
            return MagicUse(line, "help", piece.text, "")


def _said(piece: Piece, use: MagicUse, names: frozenset[str] | None) -> Said:
    match piece.form:
        case "shell" if not piece.is_assigned:
            return commands.command(piece.text, names)
        case "shell" | "capture":
            return commands.lines_of(piece.text, names)
        case "help":
            return Said(note=f"help on `{piece.text}` is left out" if piece.text else "help is left out")
        case "call":
            return Said(session=f"`{piece.text}` is called without parentheses, in IPython's way")
        case _:
            magic = Magic(use.name, use.argument, names)
            told = line_magic(magic)
            return _time_said(magic, told, names) if use.name == "time" else told


def _time_said(magic: Magic, told: Said, names: frozenset[str] | None) -> Said:
    """`%time` runs its code as a cell of its own, after IPython filled in what looks like `{name}`."""
    if told.ipython or not told.code:
        return told
    if expanded(magic.argument, names) != expanded(
        magic.argument.replace("{", "{{").replace("}", "}}"), frozenset()
    ):
        pass
    inner = _draft(told.code, names)
    if inner.fault:
        return Said(ipython="the code after `%time` is no Python")
    first = next((said for said in inner.said if said.ipython or said.session), Said())
    return replace(told, code=inner.python, ipython=first.ipython, session=first.session)


def _line(lead: str, piece: Piece, told: Said, use: MagicUse) -> str:
    shown = " ".join(
        ("%" if use.kind == "line" else "!" if "shell" in use.kind else "", use.name, use.argument)
    )
    comment = "  # " + re.sub(r"\s+", " ", shown.replace(" ", "", 1) if shown[0] != " " else shown).strip()
    if told.code and not told.ipython and not told.session:
        return lead + (told.code if told.has_value or not piece.is_assigned else "None" + comment)
    if piece.is_assigned:
        return f"{lead}None{comment}"
    if use.name in REPEATED and use.kind == "line":
        return lead + _measured(use, comment)
    return lead + (f"pass{comment}" if lead or told.ipython or told.session else comment.lstrip())


def _measured(use: MagicUse, comment: str) -> str:
    """Code that is measured: analysis sees what it reads and changes, and that it may bind nothing."""
    code = timed_code(Magic(use.name, use.argument)).strip()
    guarded = f"if __kernel__: {code}"
    return guarded if code and isinstance(parsed(guarded), ast.Module) else f"pass{comment}"


def _cell_magic(text: str, names: frozenset[str] | None) -> Draft:
    """A cell that begins with `%%name`."""
    blank, _, _ = text.partition("%%")
    head, _, body = text[len(blank) :].partition("\n")
    name, _, argument = head[2:].rstrip().partition(" ")
    use = MagicUse(blank.count("\n") + 1, "cell", name, f"{argument}\n{body}" if argument else body)
    magic = Magic(name, argument, names, body, is_cell=True)
    told = text_magic(magic)
    if told is not None:
        code = told.code or "pass" + "\n" * body.count("\n") + ("\n" if "\n" in text[len(blank) :] else "")
        return Draft(blank + code, (told,), (use,))
    inner = _shifted(_draft(body, names), blank.count("\n") + 1)
    draft = _python_cell(magic, inner)
    return replace(draft, python=blank + draft.python, magics=(use, *draft.magics))


def _shifted(draft: Draft, lines: int) -> Draft:
    fault = draft.fault and replace(draft.fault, line=draft.fault.line + lines)
    return replace(
        draft, magics=tuple(replace(use, line=use.line + lines) for use in draft.magics), fault=fault
    )


def _python_cell(magic: Magic, inner: Draft) -> Draft:
    """A cell magic whose body is Python, or may be."""
    if magic.name == "time" and not magic.argument.strip():
        return inner.plus("\n" + inner.python, [Said(note="`%%time` runs its code and prints no timing")])
    if magic.name == "capture":
        return _captured(magic, inner)
    told = Said(ipython=_why(magic))
    body = _indented("if __kernel__:", inner) if magic.name not in OTHER_LANGUAGES else None
    if body is None or inner.fault:
        return Draft("pass" + "\n" * (magic.body.count("\n") + 1), (told,))
    return replace(inner, python=body, said=(*inner.said, told))


def _why(magic: Magic) -> str:
    if magic.name in REPEATED:
        return f"`{magic.shown}` measures by running code many times"
    if magic.name == "time":
        return "`%%time` with code behind it is an error that IPython words"
    return f"`{magic.shown}` is not a magic that can be said in Python"


def _captured(magic: Magic, inner: Draft) -> Draft:
    words = expanded_words(magic)
    names = [word for word in words if not word.startswith("-")]
    flags = {"--no-stdout": "stdout=False", "--no-stderr": "stderr=False", "--no-display": "display=False"}
    options = [word for word in words if word.startswith("-")]
    if len(names) > 1 or not set(options) <= flags.keys() or not all(name.isidentifier() for name in names):
        return Draft(
            "pass" + "\n" * (magic.body.count("\n") + 1), (Said(ipython="`%%capture` has unknown options"),)
        )
    arguments = ", ".join(flags[option] for option in options)
    opening = f"with __kernel__.capture({arguments})" + "".join(f" as {name}" for name in names) + ":"
    body = _indented(opening, inner)
    return replace(inner, python=body if body is not None else inner.python)


def expanded_words(magic: Magic) -> list[str]:
    """The words behind a cell magic's name."""
    return magic.argument.split()


def _indented(opening: str, inner: Draft) -> str | None:
    """The code below an opening line; lines that begin within a string keep their margin."""
    tree = inner.fault or parsed(inner.python)
    if isinstance(tree, SyntaxFault):
        return None
    inside = string_lines(inner.python)
    lines = inner.python.split("\n")
    body = [
        line if number in inside or not line.strip() else INDENT + line for number, line in enumerate(lines)
    ]
    return "\n".join([opening if tree.body else f"{opening} pass", *body])


def _is_silent(tree: ast.Module, python: str) -> bool:
    if ";" not in python or not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return False
    last = tree.body[-1]
    lines = python.split("\n")[(last.end_lineno or 1) - 1 :]
    lines[0] = (
        lines[0].encode("utf-8", "surrogatepass")[last.end_col_offset :].decode("utf-8", "surrogatepass")
    )
    rest = "\n".join(lines).lstrip(" \t\f\\\n)")
    return rest.startswith(";")


def _depends_on_names(lifted: Lifted) -> bool:
    """Whether it matters to this cell which names the notebook binds."""
    if automagic(lifted.cell.source, frozenset()):
        return True
    return any(sign in use.argument for use in lifted.magics for sign in "{$")


def _names(cells: Iterable[Lifted]) -> frozenset[str]:
    trees = (parsed(lifted.python) for lifted in cells)
    return frozenset(name for tree in trees if isinstance(tree, ast.Module) for name in bound(tree))


def _with_history(lifted: Lifted, known: set[str]) -> tuple[Lifted, set[str]]:
    """The cell with what it reads from the history, and the history-like names bound after it."""
    if not HISTORY_IN_TEXT.search(lifted.python):
        return lifted, known
    tree = parsed(lifted.python)
    if isinstance(tree, SyntaxFault):
        return lifted, known
    reads, known = history_reads(tree, known)
    reads = [read for read in reads if read.id != "get_ipython"]
    if not reads:
        return lifted, known
    uses = tuple(MagicUse(read.lineno, "history", read.id, "") for read in reads)
    why = lifted.needs_session or f"`{reads[0].id}` is read from IPython's session"
    return replace(lifted, needs_session=why, magics=(*lifted.magics, *uses)), known


def _with_extensions(cells: list[Lifted]) -> Iterator[Lifted]:
    """Magics that an earlier cell brought live in the session that they were brought into."""
    brought = False
    for lifted in cells:
        foreign = [use for use in lifted.magics if use.kind in ("line", "cell") and _is_foreign(lifted, use)]
        if REGISTERS.search(lifted.python):
            lifted = replace(lifted, needs_session=lifted.needs_session or "the cell makes magics of its own")
        elif brought and foreign:
            why = f"`{foreign[0].name}` is a magic that an earlier cell brought"
            lifted = replace(lifted, needs_session=lifted.needs_session or why)
        brought = brought or bool(EXTENSION.match(lifted.needs_ipython or ""))
        yield lifted


def _is_foreign(lifted: Lifted, use: MagicUse) -> bool:
    return bool(lifted.needs_ipython) and use.name not in BUILT_IN and use.name not in MEASURED
