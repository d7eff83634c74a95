"""Write requirements.lock: every package that pip would take, with its hash and no index."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def resolved(requirements: list[str]) -> list[dict]:
    """What pip would install for these files of requirements."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        wishes = [word for name in requirements for word in ("-r", name)]
        command = ["install", "--dry-run", "--ignore-installed", "--quiet"]
        command += ["-c", "constraints.txt", "--report", str(report), *wishes]
        subprocess.run([sys.executable, "-m", "pip", *command], cwd=ROOT, check=True)
        return json.loads(report.read_text(encoding="utf-8"))["install"]


def line(package: dict) -> str:
    """One package, pinned, with the hash of the file that pip chose."""
    told = package["metadata"]
    hashes = package["download_info"]["archive_info"]["hashes"]
    return f"{told['name']}=={told['version']} --hash=sha256:{hashes['sha256']}"


def main(requirements: list[str]) -> None:
    """Lock these files of requirements."""
    lines = sorted((line(one) for one in resolved(requirements)), key=str.lower)
    (ROOT / "requirements.lock").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"requirements.lock: {len(lines)} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
