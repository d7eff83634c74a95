"""A cell's text on its way to plain Python: each piece of IPython syntax is replaced by what it says."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nb2pipe.notebooks import commands, unsaid
from nb2pipe.notebooks.automagic import automagic
from nb2pipe.notebooks.cell_magics import text_magic
from nb2pipe.notebooks.expansion import is_filled_in
from nb2pipe.notebooks.faults import parsed
from nb2pipe.notebooks.kernel_calls import as_magics
from nb2pipe.notebooks.line_magics import MEASURED, REPEATED, line_magic, timed_code, timeit_times
from nb2pipe.notebooks.model import TIMED, MagicUse, SyntaxFault
from nb2pipe.notebooks.said import Magic, Said
from nb2pipe.notebooks.scanning import Piece, pieces, string_lines

CELL_MAGIC = re.compile(r"\s*%%(?!\w+\?)")
CAPTURE_FLAGS = {
    "--no-stdout": "stdout=False",
    "--no-stderr": "stderr=False",
    "--no-display": "display=False",
}
MARGIN = "    "


@dataclass(frozen=True, slots=True)
class Draft:
    """A text on its way to plain Python, and what was learned on the way."""

    python: str
    said: tuple[Said, ...] = ()
    magics: tuple[MagicUse, ...] = ()
    fault: SyntaxFault | None = None

    def plus(self, python: str, said: Iterable[Said] = (), magics: Iterable[MagicUse] = ()) -> "Draft":
        """The draft with another text, and with more that was learned."""
        return replace(self, python=python, said=(*self.said, *said), magics=(*self.magics, *magics))


def drafted(text: str, names: frozenset[str] | None, *, is_cell: bool = False) -> Draft:
    """The text with all of its IPython syntax said in Python; only a whole cell can be an automagic line."""
    if CELL_MAGIC.match(text):
        return _cell_magic(text, names)
    if is_cell and (line := automagic(text, names)):
        text = line
    tree = parsed(text)
    draft = Draft(text)
    if isinstance(tree, SyntaxFault):
        found = list(pieces(text))
        if not found:
            return replace(draft, fault=tree)
        draft = _spliced(draft, found, names)
    return _kernel_calls(draft, names) if "get_ipython" in draft.python else draft


def _kernel_calls(draft: Draft, names: frozenset[str] | None) -> Draft:
    """`get_ipython().run_line_magic(...)` said as the magic that it is; other uses need the session."""
    tree = parsed(draft.python)
    if isinstance(tree, SyntaxFault):
        return draft
    found, others = as_magics(tree, draft.python)
    if others:
        said = Said(session="`get_ipython()` hands out the session itself")
        draft = draft.plus(draft.python, [said], [MagicUse(others[0], "history", "get_ipython", "")])
    for piece, body in found:
        draft = _called_cell_magic(draft, piece, body, names) if body else _spliced(draft, [piece], names)
    return draft


def _called_cell_magic(draft: Draft, piece: Piece, body: str, names: frozenset[str] | None) -> Draft:
    one_line = _on_one_line(_cell_magic(f"%%{piece.text}\n{body}", names))
    if one_line is None:
        return draft.plus(draft.python, [Said(session="`get_ipython()` runs a cell magic")])
    lines = draft.python.split("\n")
    indent = lines[piece.first][: piece.column]
    lines[piece.first : piece.last + 1] = [indent + one_line.python, *[""] * (piece.last - piece.first)]
    moved = [replace(use, line=piece.first + 1) for use in one_line.magics]
    return draft.plus("\n".join(lines), one_line.said, moved)


def _on_one_line(draft: Draft) -> Draft | None:
    """The same code on one line, where that needs no more than semicolons."""
    tree = draft.fault or parsed(draft.python)
    if isinstance(tree, SyntaxFault) or any(hasattr(node, "body") for node in tree.body):
        return None
    try:
        return replace(draft, python="; ".join(map(ast.unparse, tree.body)) or "pass")
    except RecursionError:
        return None


def _spliced(draft: Draft, found: list[Piece], names: frozenset[str] | None) -> Draft:
    """The text with each of the pieces replaced by what it says."""
    lines = draft.python.split("\n")
    said: list[Said] = []
    magics: list[MagicUse] = []
    for piece in found:
        lead = lines[piece.first][: piece.column]
        use = _use(piece, lead)
        told = _said(piece, use, names)
        shown = " ".join("".join(lines[piece.first : piece.last + 1])[piece.column :].split())
        rest = [""] * (piece.last - piece.first)
        is_open = bool(lead) or _goes_on_indented(lines, piece.last + 1)
        lines[piece.first : piece.last + 1] = [lead + _line(told, use, names, shown, is_open=is_open), *rest]
        magics.append(use)
        said.append(told)
    return draft.plus("\n".join(lines), said, magics)


def _use(piece: Piece, lead: str) -> MagicUse:
    target = lead.split("=", maxsplit=1)[0].split(":", maxsplit=1)[0].strip() if piece.is_assigned else ""
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
            return Said(_call(piece.text))
        case _:
            magic = Magic(use.name, use.argument, names)
            told = line_magic(magic)
            return _timed(magic, told) if use.name == "time" else told


def _call(text: str) -> str:
    """`,f a b`, `;f a b` and `/f a b`: a call without brackets, with the arguments quoted or not."""
    name, _, arguments = text[1:].partition(" ")
    match text[0]:
        case ",":
            return f"{name}(" + '"{}")'.format('", "'.join(arguments.split()))
        case ";":
            return f'{name}("{arguments}")'
        case _:
            return f"{name}({', '.join(arguments.split())})"


def _timed(magic: Magic, told: Said) -> Said:
    """`%time` runs its code like a cell, after IPython has filled in what looks like `{name}`."""
    if told.ipython or not told.code:
        return told
    if is_filled_in(magic.argument, magic.names):
        return Said(ipython="IPython fills values into the code behind `%time`")
    inner = drafted(told.code, magic.names)
    if inner.fault or "\n" in inner.python:
        return Said(ipython="the code behind `%time` is no plain line of Python")
    first = next((said for said in inner.said if said.ipython or said.session), Said())
    return replace(told, code=inner.python, ipython=first.ipython, session=first.session)


def _goes_on_indented(lines: list[str], after: int) -> bool:
    following = (lines[number] for number in range(after, len(lines)) if lines[number].strip())
    return next(following, "x")[0] in " \t"


def _line(told: Said, use: MagicUse, names: frozenset[str] | None, shown: str, *, is_open: bool) -> str:
    """The line of Python in the place of the piece; what cannot be said leaves a comment."""
    is_said = not told.ipython and not told.session
    if told.code and is_said and (told.has_value or not use.target):
        return told.code
    comment = f"# {shown}"
    if use.target:
        return f"None  {comment}"
    if not is_said and use.kind == "line":
        return unsaid.line(Magic(use.name, use.argument, names), comment)
    return f"pass  {comment}" if is_open or not is_said else comment


def _cell_magic(text: str, names: frozenset[str] | None) -> Draft:
    """A cell that begins with `%%name`."""
    blank, _, _ = text.partition("%%")
    head, _, body = text[len(blank) :].partition("\n")
    name, _, argument = head[2:].rstrip().partition(" ")
    line = blank.count("\n") + 1
    use = MagicUse(line, "cell", name, f"{argument}\n{body}" if argument else body)
    magic = Magic(name, argument, names, body, is_cell=True)
    told = text_magic(magic)
    if told is None:
        draft = _python_cell(magic, _shifted(_checked(drafted(body, names)), line))
    else:
        lines = "\n" * text[len(blank) :].count("\n")
        draft = Draft(told.code or unsaid.line(magic, "pass") + lines, (told,))
    return replace(draft, python=blank + draft.python, magics=(use, *draft.magics))


def _checked(draft: Draft) -> Draft:
    """The draft, with the fault that its text still has."""
    tree = draft.fault or parsed(draft.python)
    return replace(draft, fault=tree) if isinstance(tree, SyntaxFault) else draft


def _shifted(draft: Draft, lines: int) -> Draft:
    fault = draft.fault and replace(draft.fault, line=draft.fault.line + lines)
    return replace(
        draft, magics=tuple(replace(use, line=use.line + lines) for use in draft.magics), fault=fault
    )


def _python_cell(magic: Magic, inner: Draft) -> Draft:
    """A cell magic whose body is Python, or may be."""
    if magic.name == "time" and not magic.argument.strip():
        return inner.plus(f"\n{inner.python}", [Said(note="`%%time` runs its code and prints no timing")])
    if magic.name == "capture":
        return _captured(magic, inner)
    if magic.name == "timeit" and (measured := _measured(magic, inner)):
        return measured
    told = _why(magic)
    body = None if magic.name in unsaid.OTHER_LANGUAGES else _indented("if __kernel__:", inner)
    if body is None:
        return Draft(unsaid.line(magic, "pass") + "\n" * (magic.body.count("\n") + 1), (told,))
    return replace(inner, python=body, said=(*inner.said, told))


def _measured(magic: Magic, inner: Draft) -> Draft | None:
    """`%%timeit`: the body becomes a function, since what it assigns stays in a scope of its own."""
    times = timeit_times(magic)
    body = _indented(f"def {TIMED}():", inner)
    if times is None or body is None or timed_code(magic).strip() or TIMED in inner.python:
        return None
    return inner.plus(f"{body}\n__kernel__.timeit({TIMED}{times})", [Said(note=MEASURED)])


def _why(magic: Magic) -> Said:
    if magic.name in REPEATED and not magic.argument.strip(" -nrptcqov0123456789"):
        return Said(ipython=f"`{magic.shown}` measures by running code many times")
    if magic.name in REPEATED:
        return Said(session=f"`{magic.shown}` has code of its own behind it")
    if magic.name == "time":
        return Said(ipython="`%%time` with code behind it is an error that IPython words")
    return Said(ipython=f"`{magic.shown}` is not a magic that can be said in Python")


def _captured(magic: Magic, inner: Draft) -> Draft:
    words = magic.argument.split()
    names = [word for word in words if not word.startswith("-")]
    options = [word for word in words if word.startswith("-")]
    unknown = len(names) > 1 or not CAPTURE_FLAGS.keys() >= set(options)
    if unknown or not all(map(str.isidentifier, names)):
        said = Said(ipython=f"`%%capture {magic.argument}` is not understood")
        return replace(inner, python=_indented("if __kernel__:", inner) or "", said=(*inner.said, said))
    arguments = ", ".join(CAPTURE_FLAGS[option] for option in options)
    opening = f"with __kernel__.capture({arguments})" + "".join(f" as {name}" for name in names) + ":"
    shown = replace(inner, python=_last_shown(inner.python)) if names and not inner.fault else inner
    return replace(inner, python=_indented(opening, shown) or "")


def _last_shown(code: str) -> str:
    """The code with its last expression displayed by a call, because a `with` block displays nothing."""
    tree = parsed(code)
    last = tree.body[-1] if isinstance(tree, ast.Module) and tree.body else None
    if not isinstance(last, ast.Expr):
        return code
    lines = [line.encode() for line in code.split("\n")]
    end = (last.end_lineno or 1) - 1
    opening, closing = (b"((", b"))") if isinstance(last.value, ast.Tuple) else (b"(", b")")
    lines[end] = lines[end][: last.end_col_offset] + closing + lines[end][last.end_col_offset or 0 :]
    start = lines[last.lineno - 1]
    lines[last.lineno - 1] = (
        start[: last.col_offset] + b"__kernel__.show_result" + opening + start[last.col_offset :]
    )
    return b"\n".join(lines).decode()


def _indented(opening: str, inner: Draft) -> str | None:
    """The code below an opening line; lines that begin within a string keep their margin."""
    tree = inner.fault or parsed(inner.python)
    if isinstance(tree, SyntaxFault):
        return None
    inside = string_lines(inner.python)
    lines = inner.python.split("\n")
    body = [
        line if number in inside or not line.strip() else MARGIN + line for number, line in enumerate(lines)
    ]
    return "\n".join([opening if tree.body else f"{opening} pass", *body])
