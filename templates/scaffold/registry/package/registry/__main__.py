"""The commands that train, list, promote and roll back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..observing.served import NothingServedError
from ..pipeline import PIPELINE
from ..runner import parameters
from ..runner.runner import StageError
from .promoting import gate, promote, rollback
from .saving import DamagedError
from .training import train
from .versions import Registry, RegistryError, registry


def main(words: Sequence[str] | None = None) -> int:
    """0 done, 1 the answer is no, 2 wrong usage."""
    options = _parser().parse_args(words)
    try:
        return int(options.action(registry(), options) or 0)
    except StageError as error:
        print(error.report(), file=sys.stderr)
    except (RegistryError, DamagedError, NothingServedError) as error:
        print(error, file=sys.stderr)
    except parameters.UsageError as error:
        print(error, file=sys.stderr)
        return 2
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {PIPELINE.package}.registry")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("train", help="run the pipeline, register its model")
    one.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    one.add_argument("--if-none", action="store_true", help="only without a champion")
    one.set_defaults(action=_train)
    one = commands.add_parser("list", help="all versions")
    one.set_defaults(action=_list)
    one = commands.add_parser("promote", help="make a version the champion")
    one.add_argument("version", nargs="?", help="default: the newest")
    one.add_argument("--why", default="")
    one.add_argument("--who", default="")
    one.set_defaults(action=_promote)
    one = commands.add_parser("rollback", help="go back to the champion before")
    one.add_argument("--why", default="")
    one.add_argument("--who", default="")
    one.set_defaults(action=_rollback)
    return parser


def _train(store: Registry, options: argparse.Namespace) -> None:
    if options.if_none and "champion" in store.aliases():
        return
    given = parameters.from_options(PIPELINE, options.set, [])
    version = train(store, given)
    if "champion" not in store.aliases():
        promote(store, version, "the first version")
    _list(store, options)


def _list(store: Registry, _: argparse.Namespace) -> None:
    names = {version: name for name, version in store.aliases().items()}
    for version in store.ids():
        found = gate(store.manifest(version))
        metric = f"{found['name']} {found['value']:.4f}" if found else "no metric"
        print(f"{version}  {metric}  {names.get(version, '')}".rstrip())


def _promote(store: Registry, options: argparse.Namespace) -> None:
    version = options.version or (store.ids() or [""])[-1]
    promote(store, version, options.why, options.who)
    _list(store, options)


def _rollback(store: Registry, options: argparse.Namespace) -> None:
    print(rollback(store, options.why, options.who))


if __name__ == "__main__":
    sys.exit(main())
