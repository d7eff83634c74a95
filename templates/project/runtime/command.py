"""The command line: `python -m <package> run | stage | graph | params`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from . import ending, parameters, run_folder
from .runner import Pipeline, Session, StageError, progress


def main(pipeline: Pipeline, argv: Sequence[str]) -> int:
    """0 done, 1 a stage failed, 2 wrong usage, 130 interrupted."""
    code = _main(pipeline, argv)
    ending.leave_threads(code)
    return code


def _main(pipeline: Pipeline, argv: Sequence[str]) -> int:
    try:
        options = _parser(pipeline).parse_args(argv)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        return int(options.action(pipeline, options) or 0)
    except parameters.UsageError as error:
        print(f"{pipeline.package}: {error}", file=sys.stderr)
        return 2
    except StageError as error:
        sys.stdout.flush()
        print(error.report(), file=sys.stderr)
        return 1
    except run_folder.NoFolderError as error:
        print(f"{pipeline.package}: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a full disk
        print(f"{pipeline.package}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if not getattr(options, "job", None):  # those that a run starts end with it
            print(f"{pipeline.package}: interrupted", file=sys.stderr)
        return 130
    finally:
        ending.be_silent()


def _parser(pipeline: Pipeline) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {pipeline.package}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the whole pipeline")
    run.set_defaults(action=_run)
    _add_values(run)
    run.add_argument(
        "--isolated", action="store_true", help="each stage in its own process"
    )
    run.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="independent stages at a time"
    )
    run.add_argument("--cache", action=argparse.BooleanOptionalAction, default=False)
    run.add_argument("--from", dest="start", metavar="STAGE", help="go on from here")
    run.add_argument("--only", metavar="STAGE", help="run only this stage")
    run.add_argument("--workdir", metavar="DIR", help="where relative paths begin")
    stage = commands.add_parser("stage", help="run one stage, for an engine")
    stage.set_defaults(action=_stage)
    stage.add_argument("name", metavar="NAME")
    stage.add_argument("--store", required=True, metavar="DIR|URL")
    stage.add_argument(
        "--open", action="store_true", help="frames as parquet, arrays as npy"
    )
    stage.add_argument("--job", help=argparse.SUPPRESS)  # from `run --isolated`
    _add_values(stage)
    graph = commands.add_parser("graph", help="the stages and what flows between them")
    graph.set_defaults(action=_graph)
    formats = ("text", "mermaid", "dot", "json")
    graph.add_argument("--format", choices=formats, default="text")
    params = commands.add_parser("params", help="the parameters and their values")
    params.set_defaults(action=_params)
    _add_settings(params)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings"
    )
    parser.add_argument("--params", action="append", default=[], metavar="FILE")


def _add_values(parser: argparse.ArgumentParser) -> None:
    _add_settings(parser)
    parser.add_argument("--out", metavar="DIR", help="for figures and displayed values")


def _values(pipeline: Pipeline, options: argparse.Namespace) -> dict[str, Any]:
    given = parameters.from_options(pipeline, options.settings, options.params)
    return parameters.checked(pipeline, given)


def _run(pipeline: Pipeline, options: argparse.Namespace) -> int:
    values = _values(pipeline, options)
    for name in (options.start, options.only):
        _known_stage(pipeline, name)
    if options.jobs < 1:
        raise parameters.UsageError("--jobs wants a number above 0")
    folder = run_folder.RunFolder(pipeline, values, options.out)
    if options.workdir:
        try:
            os.chdir(options.workdir)
        except OSError as error:
            raise parameters.UsageError(f"--workdir: {error}") from None
    stored = options.start or options.only or options.cache or options.jobs > 1
    if options.isolated or stored:
        from . import isolated

        return isolated.run(pipeline, values, folder, options)
    _run_here(pipeline, values, folder)
    return 0


def _run_here(
    pipeline: Pipeline, values: Mapping[str, Any], folder: run_folder.RunFolder
) -> None:
    with Session(pipeline, values, folder.path) as session:
        for number, stage in enumerate(pipeline.stages, 1):
            begun = time.monotonic()
            session.run(stage)
            progress(pipeline, number, stage, time.monotonic() - begun)
        sys.stdout.flush()


def _stage(pipeline: Pipeline, options: argparse.Namespace) -> int:
    from . import isolated

    _known_stage(pipeline, options.name)
    values = _values(pipeline, options)
    if "://" not in options.store:
        return isolated.run_one(pipeline, values, options)
    from . import remote

    with remote.copied(options.store, isolated.state_before(pipeline, options)) as here:
        options.store = str(here)
        return isolated.run_one(pipeline, values, options)


def _known_stage(pipeline: Pipeline, name: str | None) -> None:
    names = [stage.name for stage in pipeline.stages]
    if name is not None and name not in names:
        known = ", ".join(names)
        raise parameters.UsageError(f"no stage {name!r}; there are: {known}")


def _graph(pipeline: Pipeline, options: argparse.Namespace) -> int:
    makers = {"text": _text, "mermaid": mermaid, "dot": _dot, "json": _json}
    print(makers[options.format](pipeline))
    return 0


def _params(pipeline: Pipeline, options: argparse.Namespace) -> int:
    for name, value in _values(pipeline, options).items():
        print(f"{name}: {json.dumps(value)}")
    return 0


def _json(pipeline: Pipeline) -> str:
    keys = "name", "kind", "cells", "inputs", "outputs", "params", "carries"
    stages = [{key: getattr(stage, key) for key in keys} for stage in pipeline.stages]
    return json.dumps({"stages": stages}, indent=1)


def _text(pipeline: Pipeline) -> str:
    width = max((len(stage.name) for stage in pipeline.stages), default=0)
    lines = []
    for stage in pipeline.stages:
        cells = ", ".join(map(str, stage.cells))
        flow = f"{' '.join(stage.inputs)} -> {' '.join(stage.outputs)}".strip()
        lines.append(f"{stage.name:{width}}  cells {cells}  {flow}")
    return "\n".join(lines)


def _flows(pipeline: Pipeline) -> dict[tuple[str, str], list[str]]:
    """(maker, reader) -> names."""
    makers: dict[str, str] = {}
    flows: dict[tuple[str, str], list[str]] = {}
    for stage in pipeline.stages:
        for name in stage.inputs:
            if name in makers:
                flows.setdefault((makers[name], stage.name), []).append(name)
        makers.update(dict.fromkeys(stage.outputs, stage.name))
    return flows


def mermaid(pipeline: Pipeline) -> str:
    """The stages and what flows between them, as a drawing for Markdown."""
    lines = ["flowchart TD"]
    lines += [f"    {stage.name}[{stage.name}]" for stage in pipeline.stages]
    for (maker, reader), names in _flows(pipeline).items():
        lines.append(f"    {maker} -->|{', '.join(names)}| {reader}")
    return "\n".join(lines)


def _dot(pipeline: Pipeline) -> str:
    lines = ["digraph pipeline {"]
    lines += [f'    "{stage.name}";' for stage in pipeline.stages]
    for (maker, reader), names in _flows(pipeline).items():
        label = ", ".join(names)
        lines.append(f'    "{maker}" -> "{reader}" [label="{label}"];')
    return "\n".join([*lines, "}"])
