"""Names that calls look up in their caller's frame by a string: queries, formulas."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from nb2pipe.notebooks.walking import walked

if TYPE_CHECKING:
    from .scopes import NameUse

_QUERY_NAME = re.compile(r"@([^\W\d]\w*)")
_IDENTIFIER = re.compile(r"(?<![\w.'\"])([^\W\d]\w*)")

# Stand for names in strings that are put together elsewhere: `query = "a > @x"; df.query(query)`.
QUERIES, FORMULAS = "@*", "~*"
_FORMULA_CALLS = frozenset(
    "ols wls gls glm logit probit poisson mixedlm quantreg rlm gee phreg negativebinomial mnlogit from_formula"
    " dmatrix dmatrices".split()
)


def names_in_string(call: ast.Call) -> Iterator[str]:
    """Names that a call looks up in its caller's frame by a string: `df.query("a > @x")`, formulas, `pd.eval`."""
    attribute = called(call)
    is_query = attribute in ("query", "eval") and isinstance(call.func, ast.Attribute)
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    is_code = is_query and isinstance(owner, ast.Name) and owner.id in ("pd", "pandas")
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        for text in _literal_texts(argument):
            if attribute in ("query", "eval"):
                yield from _QUERY_NAME.findall(text)
                yield from _IDENTIFIER.findall(text) if is_code else ()
            elif "~" in text or attribute in ("dmatrix", "dmatrices", "C"):
                yield from _IDENTIFIER.findall(text)
    if (is_query or attribute in _FORMULA_CALLS) and not _is_literal(_text_of(call)):
        yield QUERIES if is_query and not is_code else FORMULAS


def _text_of(call: ast.Call) -> ast.expr | None:
    given = {one.arg: one.value for one in call.keywords}
    return call.args[0] if call.args else given.get("expr", given.get("formula"))


def _is_literal(node: ast.expr | None) -> bool:
    """Whether all of a text stands here."""
    if isinstance(node, ast.BinOp):
        return _is_literal(node.left) and _is_literal(node.right)
    return node is None or isinstance(node, ast.Constant)


def called(node: ast.Call) -> str:
    """The last part of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _literal_texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.BinOp):
        yield from _literal_texts(node.left)
        yield from _literal_texts(node.right)


class Words:
    """The names that the strings of a notebook mention, wherever they stand."""

    def __init__(self, trees: Iterable[ast.AST]) -> None:
        self._trees = list(trees)

    @cached_property
    def _texts(self) -> list[str]:
        nodes = (node for tree in self._trees for node in walked(tree))
        return [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]

    @cached_property
    def _found(self) -> dict[str, frozenset[str]]:
        texts = self._texts
        return {
            QUERIES: frozenset(name for text in texts for name in _QUERY_NAME.findall(text)),
            FORMULAS: frozenset(name for text in texts for name in _IDENTIFIER.findall(text)),
        }

    def fill_in(self, use: "NameUse") -> None:
        """Put the names in the place of what stands for them."""
        for marker in (QUERIES, FORMULAS):
            if marker in use.in_strings or marker in use.reads:
                use.in_strings.discard(marker)
                use.reads.pop(marker, None)
                use.firm.discard(marker)
                use.in_strings |= self._found[marker]
            if marker in use.deferred:
                spot = use.deferred.pop(marker)
                for name in self._found[marker]:
                    use.deferred.setdefault(name, spot)
