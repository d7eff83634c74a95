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


def write(name: str, lines: list[str]) -> None:
    """Write a lock."""
    ordered = sorted(lines, key=str.lower)
    (ROOT / name).write_text("".join(f"{one}\n" for one in ordered), encoding="utf-8")
    print(f"{name}: {len(lines)} packages")


def main(requirements: list[str]) -> None:
    """Lock these files of requirements; for an image, also those of them that a run needs."""
    lines = {one["metadata"]["name"]: line(one) for one in resolved(requirements)}
    write("requirements.lock", list(lines.values()))
    if (ROOT / "Dockerfile").exists():
        run = [name for name in requirements if name != "requirements-dev.txt"]
        needed = {one["metadata"]["name"] for one in resolved(run)}
        write(
            "requirements-run.lock", [lines[name] for name in lines if name in needed]
        )


if __name__ == "__main__":
    main(sys.argv[1:])
