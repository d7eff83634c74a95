"""Where IPython's own syntax stands in a cell: one pass over tokens, so that strings and expressions stay alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

TOKEN = re.compile(
    r"""
    (?P<string>(?:[bBuU]|[bB]?[rR]|[rR][bB]|[fF][rR]?|[rR][fF])?
        (?:\"\"\"(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:\"\"\"|\Z)
         | '''(?:[^'\\]|\\[\s\S]|'(?!''))*+(?:'''|\Z)
         | "(?:[^"\\\n]|\\[\s\S])*+"
         | '(?:[^'\\\n]|\\[\s\S])*+'))
    | (?P<comment>\#[^\n]*)
    | (?P<continued>\\\n)
    | (?P<newline>\n)
    | (?P<bracket>[([{)\]}])
    | (?P<operator>\*\*=|//=|>>=|<<=|->|:=|[-+*/%&|^@=!<>]=|//|=|\?\?|[!%?,;/])
    | (?P<name>\w+)
    | (?P<blank>[ \t\f]+)
    | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
ESCAPES = frozenset("!?%,;/")
HELP = re.compile(r"(%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)(\?\??)$")
Form = Literal["magic", "shell", "capture", "help", "call"]
FORMS: dict[str, Form] = {"%": "magic", "!": "shell", "?": "help", ",": "call", ";": "call", "/": "call"}
_TRIPLE_START = re.compile("[a-zA-Z]{0,2}(?:\"\"\"|''')")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of IPython syntax: lines `first` to `last` (from 0), from column `column` of the first on."""

    first: int
    last: int
    column: int
    form: Form
    text: str  # without the escape; continued lines joined
    is_assigned: bool = False


class _Token(NamedTuple):
    kind: str
    text: str
    line: int
    column: int


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of IPython syntax in the order of the text."""
    scan = _Scan(text)
    while scan.position < len(text):
        piece = scan.piece_of_statement()
        if piece is not None:
            yield piece
            scan.go_to_line(piece.last + 1)


def string_lines(text: str) -> frozenset[int]:
    """The lines (from 0) that begin within a string, so that their indentation is text."""
    inside: set[int] = set()
    line = 0
    for token in TOKEN.finditer(text):
        breaks = token[0].count("\n")
        if token.lastgroup == "string" and breaks:
            inside.update(range(line + 1, line + breaks + 1))
        line += breaks
    return frozenset(inside)


class _Scan:
    """A pass over the text; every logical line is looked at once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.position = 0
        self.line = 0

    def go_to_line(self, line: int) -> None:
        self.line = line
        self.position = self.starts[line] if line < len(self.starts) else len(self.text)

    def piece_of_statement(self) -> Piece | None:
        """The piece in the next logical line, or None; moves behind it."""
        tokens: list[_Token] = []
        assign = -1
        depth = 0
        for token in self._tokens():
            if token.kind == "newline":
                if depth:
                    continue
                break
            tokens.append(token)
            if len(tokens) == 1 and token.text in ESCAPES | {"??"}:
                return self._escaped(token)
            if token.kind == "bracket":
                depth = depth + 1 if token.text in "([{" else max(0, depth - 1)
            elif assign < 0 and token.text == "=" and not depth:
                assign = len(tokens)
            elif assign > 0 and self._is_assigned(tokens[assign:]):
                return self._assigned(tokens[0], tokens[assign])
        return self._help(tokens)

    def _tokens(self) -> Iterator[_Token]:
        """The tokens from here on, blanks and comments left out; the place moves along."""
        for found in TOKEN.finditer(self.text, self.position):
            kind, string = str(found.lastgroup), found[0]
            token = _Token(kind, string, self.line, found.start() - self.starts[self.line])
            self.position = found.end()
            self.line += string.count("\n")
            if kind == "string" and string[-3:] not in ('"""', "'''") and _TRIPLE_START.match(string):
                self.position = len(self.text)  # an open triple quote swallows the rest
                return
            if kind not in ("blank", "continued"):
                yield token

    def _is_assigned(self, after: list[_Token]) -> bool:
        """Whether what follows the first `=` is `!...` or `%name`."""
        if after[0].text == "!":
            # a line that begins with `=` is the end of a longer statement
            return not self.lines[after[0].line].lstrip().startswith("=")
        return (
            len(after) == 2
            and after[0].text == "%"
            and after[1].kind == "name"
            and not after[1].text[0].isdigit()
        )

    def _escaped(self, token: _Token) -> Piece | None:
        last, text = self._rest(token)
        helped = self._helped(token, text, last)
        if helped:
            return helped
        if text[:1] == "/" and text[1:2] in ("", " "):
            return None  # nothing to call
        pair = text[:2]
        if pair in ("!!", "??"):
            return Piece(token.line, last, token.column, "capture" if pair == "!!" else "help", text[2:])
        return Piece(token.line, last, token.column, FORMS[text[:1]], text if text[:1] in ",;/" else text[1:])

    def _assigned(self, first: _Token, escape: _Token) -> Piece:
        last, text = self._rest(escape)
        form: Form = "shell" if escape.text == "!" else "magic"
        helped = self._helped(first, text, last)
        return helped or Piece(escape.line, last, escape.column, form, text[1:], is_assigned=True)

    def _helped(self, first: _Token, text: str, last: int) -> Piece | None:
        """`%magic?` and `x = !foo?` ask for help: the question mark at the end wins."""
        asks = self.lines[last].endswith("?") and "#" not in text and text.strip("?")
        found = HELP.search(text) if asks else None
        if found is None or text[0] == "?":
            return None
        return Piece(first.line, last, first.column, "help", found[1])

    def _help(self, tokens: list[_Token]) -> Piece | None:
        if len(tokens) < 2 or tokens[-1].text not in ("?", "??"):
            return None
        first, last = tokens[0], tokens[-1].line
        found = HELP.search("\n".join(self.lines[first.line : last + 1])[first.column :])
        return Piece(first.line, last, first.column, "help", found[1]) if found else None

    def _rest(self, token: _Token) -> tuple[int, str]:
        """The last line of a piece that goes on over backslashes, and its text on one line."""
        last = token.line
        while self.lines[last].endswith("\\") and last + 1 < len(self.lines):
            last += 1
        parts = [self.lines[token.line][token.column :], *self.lines[token.line + 1 : last + 1]]
        return last, " ".join([*(part.rstrip()[:-1] for part in parts[:-1]), parts[-1].rstrip()])
