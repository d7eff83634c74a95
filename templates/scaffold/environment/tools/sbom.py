"""Write the bill of materials of .venv in CycloneDX 1.6: every package with version, licence, hash and what needs it."""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from environment import plain  # beside this script

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = json.loads((ROOT / "nb2pipe.lock").read_text("utf-8"))["package"]


def bill() -> dict[str, Any]:
    """The whole bill; the same environment gives the same text."""
    found = {
        plain(d.metadata["Name"]): d
        for d in metadata.distributions()
        if d.metadata["Name"]
    }
    needs = {
        name: sorted(_needed(one) & found.keys()) for name, one in sorted(found.items())
    }
    direct = sorted(_named(_requirements()) & found.keys())
    used, hashes = _closure(direct, needs), _hashes()
    refs = {name: _purl(name, found[name].version) for name in needs}
    components = [
        _component(found[name], refs[name], name in used, hashes) for name in needs
    ]
    graph = [{"ref": PACKAGE, "dependsOn": [refs[name] for name in direct]}]
    graph += [
        {"ref": refs[name], "dependsOn": [refs[one] for one in needs[name]]}
        for name in needs
    ]
    told = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": PACKAGE, "name": PACKAGE}
        },
        "components": components,
        "dependencies": graph,
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(told, sort_keys=True))
    return {**told, "serialNumber": f"urn:uuid:{number}"}


def _component(
    one: metadata.Distribution, ref: str, is_used: bool, hashes: Mapping[str, str]
) -> dict[str, Any]:
    name = plain(one.metadata["Name"])
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": ref,
        "name": name,
        "version": one.version,
        "purl": ref,
        # Excluded: only tests and checks need it.
        "scope": "required" if is_used else "excluded",
    }
    if licences := _licences(one):
        made["licenses"] = licences
    if digest := hashes.get(f"{name}=={one.version}"):
        made["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return made


def _licences(one: metadata.Distribution) -> list[dict[str, Any]]:
    told = one.metadata
    if expression := told.get("License-Expression"):
        return [{"expression": expression}]
    classes = [
        text.split(" :: ")[-1]
        for text in told.get_all("Classifier") or ()
        if text.startswith("License ::")
    ]
    first = (told.get("License") or "").strip().splitlines()
    names = classes or [line for line in first[:1] if line and line != "UNKNOWN"]
    return [{"license": {"name": name}} for name in names]


def _requirements() -> list[str]:
    files = [
        path
        for path in sorted(ROOT.glob("requirements*.txt"))
        if path.name != "requirements-dev.txt"
    ]
    return [line for path in files for line in path.read_text("utf-8").splitlines()]


def _needed(one: metadata.Distribution) -> set[str]:
    return _named(line for line in one.requires or () if "extra ==" not in line)


def _named(lines: Iterable[str]) -> set[str]:
    return {
        plain(found[0])
        for line in lines
        if (found := re.match(r"[A-Za-z0-9._-]+", line.strip()))
    }


def _closure(names: Iterable[str], needs: Mapping[str, Iterable[str]]) -> set[str]:
    waiting, found = list(names), set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def _hashes() -> dict[str, str]:
    """The hashes that `make lock` wrote down: name==version -> sha256."""
    path = ROOT / "requirements.lock"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    pairs = [
        line.split(" --hash=sha256:") for line in lines if " --hash=sha256:" in line
    ]
    return {
        f"{plain(pin.partition('==')[0])}=={pin.partition('==')[2]}": digest
        for pin, digest in pairs
    }


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{quote(name)}@{quote(version)}"


def main(words: list[str]) -> None:
    """Write it to the file that is named, or to evidence/sbom.cdx.json."""
    path = Path(words[0]) if words else ROOT / "evidence" / "sbom.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    told = bill()
    path.write_text(json.dumps(told, indent=1, ensure_ascii=True) + "\n", "utf-8")
    print(f"{path.name}: {len(told['components'])} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
