"""The server: an opened or changed notebook is audited, and each cell gets its diagnostics."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nb2pipe import __version__
from nb2pipe.audit import Finding, Severity
from nb2pipe.errors import Nb2pipeError

from .checking import OpenCell, findings_of

LEVELS = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
SELECTOR = types.NotebookDocumentFilterWithNotebook(
    notebook="jupyter-notebook", cells=[types.NotebookCellLanguage(language="python")]
)


def serve() -> None:
    """Serve on stdin and stdout until the editor says goodbye."""
    made().start_io()


def made() -> LanguageServer:
    """A server that answers."""
    sync = types.NotebookDocumentSyncOptions(notebook_selector=[SELECTOR], save=True)
    server = LanguageServer("nb2pipe", __version__, notebook_document_sync=sync)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        publish(server, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        publish(server, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveNotebookDocumentParams) -> None:
        publish(server, params.notebook_document.uri)

    return server


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
    for address, findings in found.items():
        diagnostics = [_diagnostic(one, cells) for one in findings]
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(address, diagnostics))


def _open_cell(server: LanguageServer, cell: types.NotebookCell) -> OpenCell:
    is_code = cell.kind == types.NotebookCellKind.Code
    summary = cell.execution_summary
    text = server.workspace.get_text_document(cell.document).source
    return OpenCell(cell.document, text, is_code, summary.execution_order if summary is not None else None)


def _diagnostic(one: Finding, cells: list[OpenCell]) -> types.Diagnostic:
    code = [cell for cell in cells if cell.is_code]
    return types.Diagnostic(
        range=_range(code[one.spot.cell - 1].source, one.spot.line, one.spot.column),
        message=f"{one.message}\n{one.hint}",
        severity=LEVELS[one.severity],
        code=f"{one.code} {one.name}",
        source="nb2pipe",
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(
                    code[spot.cell - 1].uri, _range(code[spot.cell - 1].source, spot.line, spot.column)
                ),
                f"cell {spot.cell}",
            )
            for spot in one.related
        ],
    )


def _range(source: str, line: int, column: int) -> types.Range:
    """From the place to the end of its line."""
    lines = source.split("\n")
    at = min(max(line, 1), len(lines)) - 1
    start = min(max(column, 1) - 1, len(lines[at]))
    return types.Range(types.Position(at, start), types.Position(at, len(lines[at])))
