"""A rule for reading: what, why, a bad and a good example, the way out; for the terminal and for the manual."""

from nb2pipe.audit import Entry, Example, entries
from nb2pipe.audit.examples import findings_of

FAMILIES = {
    "1": "Order",
    "2": "State and mutation",
    "3": "Files and the outside world",
    "4": "Randomness and time",
    "5": "IPython magics and the shell",
    "6": "Environment and portability",
    "7": "Data and leakage",
    "8": "What hinders conversion",
    "9": "Secrets and unsafe calls",
}
NEVER_SHOWN = "NB901", "NB902"  # their examples look like secrets


def as_text(entry: Entry) -> str:
    """The rule for the terminal."""
    what, _, why = entry.text.strip().partition("\n\n")
    rule = entry.rule
    lines = [f"{rule.code} {rule.name} ({rule.severity})", "", what, "", " ".join(why.split())]
    for words, example in _examples(entry):
        lines += ["", f"{words}:", *(f"    {line}" for line in _source(example))]
    return "\n".join(
        [*lines, "", f"Way out: {_hint(entry)}.", f"Leave it out: # nb2pipe: allow {rule.name} - why"]
    )


def as_page(entry: Entry) -> str:
    """The rule as a page of the manual."""
    what, _, why = entry.text.strip().partition("\n\n")
    rule = entry.rule
    lines = [f"# {rule.code} {rule.name}", "", f"Severity: **{rule.severity}**. {what}", "", why.strip()]
    for words, example in _examples(entry):
        lines += ["", f"## {words}", "", "```python", *_source(example), "```"]
    if rule.code not in NEVER_SHOWN:
        reports = [f"- cell {place}" for place in (entry.bad[0][1] if entry.bad else [])]
        lines += ["", "The audit says of the bad example:", "", *reports]
    lines += ["", "## Way out", "", f"{_hint(entry)[:1].upper()}{_hint(entry)[1:]}."]
    lines += ["", f"To accept it in one cell: `# nb2pipe: allow {rule.name} - why`."]
    return "\n".join(lines) + "\n"


def index() -> str:
    """The manual's list of rules."""
    lines = ["# The rules of `nb2pipe audit`", "", "Made by `make rules` from the rules themselves.", ""]
    family = ""
    for one in entries():
        rule = one.rule
        if rule.code[2] != family:
            family = rule.code[2]
            lines += [
                "",
                f"## {family}xx {FAMILIES[family]}",
                "",
                "| code | name | severity | what |",
                "|---|---|---|---|",
            ]
        what = one.text.strip().partition("\n\n")[0]
        lines.append(f"| {rule.code} | [{rule.name}]({rule.name}.md) | {rule.severity} | {what} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """All pages of the manual's part on rules, by file name."""
    return {"README.md": index(), **{f"{one.rule.name}.md": as_page(one) for one in entries()}}


def _examples(entry: Entry) -> list[tuple[str, Example]]:
    bad = [] if entry.rule.code in NEVER_SHOWN else [("Bad", entry.bad[0][0])]
    return [*bad, ("Good", entry.good[0])]


def _source(example: Example) -> list[str]:
    """The cells one after another, each below a line that names it."""
    lines = []
    for number, text in enumerate(example.cells, 1):
        count = f" [{example.counts[number - 1] or ' '}]" if example.counts else ""
        lines += [f"# cell {number}{count}", *text.split("\n")]
    return lines


def _hint(entry: Entry) -> str:
    """The way out, as the audit says it of the bad example."""
    found = findings_of(entry, entry.bad[0][0])
    return found[0].hint if found else entry.rule.hint
