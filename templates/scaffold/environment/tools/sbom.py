"""Write sbom.json: what is installed, in CycloneDX' format."""

import json
import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def component(found: metadata.Distribution) -> dict:
    """One distribution."""
    name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
    told = {
        "type": "library",
        "name": name,
        "version": found.version,
        "purl": f"pkg:pypi/{name}@{found.version}",
        "bom-ref": f"{name}=={found.version}",
    }
    licence = found.metadata.get("License-Expression")
    return {**told, "licenses": [{"expression": licence}]} if licence else told


def sbom() -> dict:
    """All distributions of this environment, without times: the same environment gives the same text."""
    found = {one["bom-ref"]: one for one in map(component, metadata.distributions())}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [found[key] for key in sorted(found)],
    }


if __name__ == "__main__":
    text = json.dumps(sbom(), indent=1) + "\n"
    (ROOT / "sbom.json").write_text(text, encoding="utf-8")
    print(f"sbom.json: {len(sbom()['components'])} components", file=sys.stderr)
