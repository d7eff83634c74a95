"""The formats of an audit: what stands before the notebooks, for each of them, between them, and after them."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from nb2pipe.audit import Finding
from nb2pipe.graph import VariableGraph
from nb2pipe.notebooks import Notebook

from . import audit_text

if TYPE_CHECKING:
    from nb2pipe.verification.observed import Observed


class AuditedNotebook(Protocol):
    """One audited notebook."""

    @property
    def path(self) -> str:
        """The path as it was given."""

    @property
    def notebook(self) -> Notebook | None:
        """The notebook, None where it could not be read."""

    @property
    def graph(self) -> VariableGraph | None:
        """Its variable graph."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found."""

    @property
    def error(self) -> str | None:
        """Why it could not be read."""

    @property
    def run(self) -> "Observed | None":
        """What runs of it showed, where they were asked for."""


class Row(NamedTuple):
    """What the summary needs of one notebook."""

    path: str
    rules: Counter[str]
    severities: Counter[str]
    error: str | None
    is_not_run: bool = False  # although it was asked for


class Format(NamedTuple):
    """How a report is put together."""

    head: Callable[[], str]
    part: Callable[[AuditedNotebook], str]
    between: str
    tail: Callable[[Sequence[Row]], str]


def format_named(name: str, *, colours: bool = False) -> Format:
    """The format of this name."""
    return {
        "text": _text(colours),
        "json": JSON,
        "markdown": MARKDOWN,
        "sarif": SARIF,
        "github": GITHUB,
        "html": HTML,
    }[name]


def _nothing() -> str:
    return ""


def _text(colours: bool) -> Format:
    return Format(_nothing, _coloured_part if colours else _text_part, "\n", _text_tail)


def _text_part(one: AuditedNotebook) -> str:
    order = one.graph.order if one.graph is not None else None
    return audit_text.as_text(one.path, one.notebook, order, one.findings, one.error)


def _coloured_part(one: AuditedNotebook) -> str:
    order = one.graph.order if one.graph is not None else None
    return audit_text.as_text(one.path, one.notebook, order, one.findings, one.error, colours=True)


def _text_tail(rows: Sequence[Row]) -> str:
    if len(rows) < 2:
        return "\n"
    read = [(row.path, row.rules, row.severities) for row in rows if row.error is None]
    return "\n" + audit_text.table(read, len(rows) - len(read)) + "\n"


def _json_head() -> str:
    from . import audit_json

    return audit_json.head()


def _json_part(one: AuditedNotebook) -> str:
    from . import audit_json

    return audit_json.body(
        audit_json.record(one.path, one.notebook, one.graph, one.findings, one.error, one.run)
    )


def _json_tail(_: Sequence[Row]) -> str:
    from . import audit_json

    return audit_json.tail()


def _markdown_part(one: AuditedNotebook) -> str:
    from . import audit_markdown

    order = one.graph.order if one.graph is not None else None
    return audit_markdown.as_markdown(one.path, order, one.findings, one.error)


def _markdown_tail(rows: Sequence[Row]) -> str:
    from . import audit_markdown

    if len(rows) < 2:
        return ""
    found: Counter[str] = Counter()
    for row in rows:
        found.update(row.severities)
    unreadable = sum(row.error is not None for row in rows)
    return audit_markdown.total(
        unreadable, [(name, found[name]) for name in ("error", "warning", "info")], len(rows)
    )


def _sarif_head() -> str:
    from . import audit_sarif

    return audit_sarif.head()


def _sarif_part(one: AuditedNotebook) -> str:
    from . import audit_sarif

    return audit_sarif.results(one.path, one.notebook, one.findings)


def _sarif_tail(_: Sequence[Row]) -> str:
    from . import audit_sarif

    return audit_sarif.tail()


def _github_part(one: AuditedNotebook) -> str:
    from . import audit_github

    return audit_github.as_github(one.path, one.findings, one.error)


def _html_part(one: AuditedNotebook) -> str:
    from . import audit_page

    return audit_page.section(one.path, one.notebook, one.graph, one.findings, one.error)


def _html_head() -> str:
    from . import audit_page

    return audit_page.head()


def _html_tail(rows: Sequence[Row]) -> str:
    from . import audit_page

    return audit_page.tail([(row.path, row.severities, row.error) for row in rows])


def _newline(_: Sequence[Row]) -> str:
    return "\n"


JSON = Format(_json_head, _json_part, ",\n", _json_tail)
MARKDOWN = Format(_nothing, _markdown_part, "\n", _markdown_tail)
SARIF = Format(_sarif_head, _sarif_part, ",\n", _sarif_tail)
GITHUB = Format(_nothing, _github_part, "\n", _newline)
HTML = Format(_html_head, _html_part, "\n", _html_tail)
