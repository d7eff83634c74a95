"""`get_ipython().run_line_magic('matplotlib', 'inline')` and its kin, as nbconvert writes magics."""

import ast
from collections.abc import Iterator

from nb2pipe.notebooks.scanning import Form, Piece
from nb2pipe.notebooks.walking import walked


def as_magics(tree: ast.Module, code: str) -> tuple[list[tuple[Piece, str]], list[int]]:
    """The calls that stand for a magic, each with its body; and the lines of all other uses of get_ipython."""
    lines = code.split("\n")
    found = [(piece, body, name) for node in walked(tree) for piece, body, name in _magic(node, lines)]
    said = {id(name) for _, _, name in found}
    others = [
        node.lineno
        for node in walked(tree)
        if isinstance(node, ast.Name) and node.id == "get_ipython" and id(node) not in said
    ]
    return [(piece, body) for piece, body, _ in found], sorted(others)


def _magic(node: ast.AST, lines: list[str]) -> Iterator[tuple[Piece, str, ast.Name]]:
    match node:
        case ast.Expr(value=ast.Call() as call):
            assigned = False
        case ast.Assign(targets=[ast.Name()], value=ast.Call() as call):
            assigned = True
        case _:
            return
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython") as name, args=[]), attr=method),
            keywords=[],
        ) if _stands_alone(node, call, lines):
            texts = [
                part.value
                for part in call.args
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            told = _told(method, texts) if len(texts) == len(call.args) else None
            if told is not None and "\n" not in told[1]:
                form, text, body = told
                yield _piece(call, form, text, assigned), body, name


def _told(method: str, texts: list[str]) -> tuple[Form, str, str] | None:
    match method, texts:
        case (("run_line_magic" | "magic"), [*words]) if 1 <= len(words) <= 2:
            return "magic", " ".join(words).lstrip("%").rstrip(), ""
        case "run_cell_magic", [name, argument, body] if body:
            return "magic", f"{name} {argument}".rstrip(), body
        case "system", [command]:
            return "shell", command, ""
        case "getoutput", [command]:
            return "capture", command, ""
    return None


def _piece(call: ast.Call, form: Form, text: str, assigned: bool) -> Piece:
    return Piece(call.lineno - 1, (call.end_lineno or call.lineno) - 1, call.col_offset, form, text, assigned)


def _stands_alone(statement: ast.AST, call: ast.Call, lines: list[str]) -> bool:
    """Whether the lines of the statement hold nothing else."""
    assert isinstance(statement, ast.stmt)
    before = lines[statement.lineno - 1].encode()[: statement.col_offset].strip()
    after = lines[(call.end_lineno or call.lineno) - 1].encode()[call.end_col_offset or 0 :].strip()
    return not before and (not after or after.startswith(b"#")) and lines[call.lineno - 1].isascii()
