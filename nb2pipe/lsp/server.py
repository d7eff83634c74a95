"""The server: an opened or changed notebook is audited, and each cell gets its diagnostics."""

from collections.abc import Sequence

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nb2pipe import __version__
from nb2pipe.audit import Finding, Severity, Spot
from nb2pipe.errors import Nb2pipeError

from . import scripts
from .checking import OpenCell, findings_of

LEVELS = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
SELECTOR = types.NotebookDocumentFilterWithNotebook(
    notebook="jupyter-notebook", cells=[types.NotebookCellLanguage(language="python")]
)
NOTEBOOK_EVENTS = (
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_SAVE,
)
SCRIPT_EVENTS = (types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE)
NotebookNews = (
    types.DidOpenNotebookDocumentParams
    | types.DidChangeNotebookDocumentParams
    | types.DidSaveNotebookDocumentParams
)
ScriptNews = types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams


def serve() -> None:
    """Serve on stdin and stdout until the editor says goodbye."""
    made().start_io()


def made() -> LanguageServer:
    """A server that answers."""
    sync = types.NotebookDocumentSyncOptions(notebook_selector=[SELECTOR], save=True)
    server = LanguageServer("nb2pipe", __version__, notebook_document_sync=sync)

    def notebook(params: NotebookNews) -> None:
        publish(server, params.notebook_document.uri)

    def script(params: ScriptNews) -> None:
        publish_script(server, params.text_document.uri)

    for event in NOTEBOOK_EVENTS:
        server.feature(event)(notebook)
    for event in SCRIPT_EVENTS:
        server.feature(event)(script)
    return server


def publish_script(server: LanguageServer, uri: str) -> None:
    """Send the diagnostics of a percent script; another Python file is none of ours."""
    text = server.workspace.get_text_document(uri).source
    if not scripts.is_script(text):
        return
    try:
        found, starts = scripts.findings_in(text), scripts.code_starts(text)
    except Nb2pipeError:
        return
    lines = [(uri, text, start) for start in starts]
    diagnostics = [_diagnostic(one, lines) for one in found]
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))


def publish(server: LanguageServer, uri: str) -> None:
    """Send the diagnostics of all code cells."""
    notebook = server.workspace.get_notebook_document(notebook_uri=uri)
    if notebook is None:
        return
    cells = [_open_cell(server, cell) for cell in notebook.cells]
    try:
        found = findings_of(cells)
    except Nb2pipeError:  # half a character, and the like: the next change brings a better text
        return
    code = [(cell.uri, cell.source, 0) for cell in cells if cell.is_code]
    for address, findings in found.items():
        diagnostics = [_diagnostic(one, code) for one in findings]
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(address, diagnostics))


def _open_cell(server: LanguageServer, cell: types.NotebookCell) -> OpenCell:
    is_code = cell.kind == types.NotebookCellKind.Code
    summary = cell.execution_summary
    text = server.workspace.get_text_document(cell.document).source
    return OpenCell(cell.document, text, is_code, summary.execution_order if summary is not None else None)


def _diagnostic(one: Finding, code: Sequence[tuple[str, str, int]]) -> types.Diagnostic:
    """A finding as editors want it; `code` has each code cell's document, its text, and where in it the cell begins."""
    return types.Diagnostic(
        range=_place(one.spot, code).range,
        message=f"{one.message}\n{one.hint}",
        severity=LEVELS[one.severity],
        code=f"{one.code} {one.name}",
        source="nb2pipe",
        related_information=[
            types.DiagnosticRelatedInformation(_place(spot, code), f"cell {spot.cell}")
            for spot in one.related
        ],
    )


def _place(spot: Spot, code: Sequence[tuple[str, str, int]]) -> types.Location:
    """From the place to the end of its line."""
    uri, text, start = code[spot.cell - 1]
    lines = text.split("\n")
    at = min(start + max(spot.line, 1), len(lines)) - 1
    column = min(max(spot.column, 1) - 1, len(lines[at]))
    return types.Location(uri, types.Range(types.Position(at, column), types.Position(at, len(lines[at]))))
