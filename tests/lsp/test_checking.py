"""The language server: findings by cell, and the protocol as an editor speaks it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from nb2pipe.lsp import scripts
from nb2pipe.lsp.checking import OpenCell, findings_of


def cell(name: str, source: str, *, is_code: bool = True) -> OpenCell:
    return OpenCell(f"cell:{name}", source, is_code)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([cell("a", "x = 1"), cell("b", "print(x)")], {"cell:a": [], "cell:b": []}),
        ([cell("a", "print(x)"), cell("b", "x = 1")], {"cell:a": ["NB101"], "cell:b": []}),
        (
            [cell("t", "# Title", is_code=False), cell("a", "print(nowhere)")],
            {"cell:a": ["NB102"]},
        ),
        ([cell("a", "print(x)  # nb2pipe: allow NB102 - later")], {"cell:a": []}),
        ([cell("a", "for x in")], {"cell:a": ["NB607"]}),
        ([], {}),
    ],
)
def test_findings_by_cell(cells: list[OpenCell], expected: dict[str, list[str]]) -> None:
    found = {uri: [one.code for one in ones] for uri, ones in findings_of(cells).items()}
    assert found == expected


SCRIPT = (
    "# ---\n# jupyter: x\n# ---\n\n# %%\nprint(x)\n\n# %% [markdown]\n# text\n\n# %%\n\nx = 1\nprint(y)\n"
)


@pytest.mark.parametrize(
    ("text", "starts", "found"),
    [
        (SCRIPT, (5, 12), [("NB101", 1, 1), ("NB102", 2, 2)]),
        ("import os\n# %%\nprint(os)", (0, 2), []),
        ("# %%\n# %%\nprint(k)", (0, 2), [("NB102", 2, 1)]),
    ],
)
def test_findings_of_a_script(text: str, starts: tuple[int, ...], found: list[tuple[str, int, int]]) -> None:
    assert scripts.is_script(text)
    assert scripts.code_starts(text) == starts
    assert [(one.code, one.spot.cell, one.spot.line) for one in scripts.findings_in(text)] == found


def test_a_python_file_without_markers_is_no_script() -> None:
    assert not scripts.is_script("print(nowhere)")


def send(stream: IO[bytes], method: str, params: Any, number: int | None = None) -> None:
    """A message with its header."""
    message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {})
    body = json.dumps(message).encode()
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message."""
    length = 0
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(stream.read(length))


@contextmanager
def editor(able: dict[str, Any]) -> Iterator[tuple[IO[bytes], IO[bytes], Any]]:
    """A server that an editor with these capabilities has greeted: what it reads, what it writes, its greeting."""
    command = [sys.executable, "-m", "nb2pipe", "lsp"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        send(server.stdin, "initialize", {"processId": None, "rootUri": None, "capabilities": able}, 1)
        greeting = receive(server.stdout)
        send(server.stdin, "initialized", {})
        yield server.stdin, server.stdout, greeting
        send(server.stdin, "shutdown", None, 2)
        send(server.stdin, "exit", None)
        server.stdin.close()
        server.wait(20)


def diagnostics(stream: IO[bytes]) -> Any:
    """The next diagnostics; other messages are passed over."""
    while (message := receive(stream)).get("method") != "textDocument/publishDiagnostics":
        pass
    return message["params"]


@pytest.mark.slow
def test_editor_gets_diagnostics() -> None:
    sources = {"cell:a": "print(x)", "cell:b": "x = 1"}
    book = {
        "uri": "file:///nb.ipynb",
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": uri} for uri in sources],
    }
    texts = [
        {"uri": uri, "languageId": "python", "version": 1, "text": text} for uri, text in sources.items()
    ]
    with editor({"notebookDocument": {"synchronization": {"dynamicRegistration": False}}}) as (
        to,
        by,
        answer,
    ):
        assert answer["result"]["capabilities"]["notebookDocumentSync"]
        send(to, "notebookDocument/didOpen", {"notebookDocument": book, "cellTextDocuments": texts})
        found: dict[str, list[str]] = {}
        while len(found) < len(sources):
            params = diagnostics(by)
            found[params["uri"]] = [one["code"] for one in params["diagnostics"]]
    assert found == {"cell:a": ["NB101 reads-later-cell"], "cell:b": []}


@pytest.mark.slow
def test_editor_gets_diagnostics_of_a_script() -> None:
    book = {"uri": "file:///s.py", "languageId": "python", "version": 1, "text": SCRIPT}
    with editor({}) as (to, by, _):
        send(to, "textDocument/didOpen", {"textDocument": book})
        found = diagnostics(by)["diagnostics"]
    places = [(one["code"][:5], one["range"]["start"]["line"]) for one in found]
    assert places == [("NB101", 5), ("NB102", 13)]
