"""Where the templates lie, and jinja2 over them. Text of a notebook is data for them, never a template."""

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

_PACKAGE = Path(__file__).resolve().parent.parent


@functools.cache
def folder() -> Path:
    """The templates: inside the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


@functools.cache
def _environment() -> "jinja2.Environment":
    import jinja2  # only where something is rendered

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html", "html.j2"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["py"] = repr
    environment.filters["quoted"] = json.dumps  # a YAML string, whatever it holds
    environment.filters["ascii"] = _ascii
    environment.filters["oneline"] = _one_line
    return environment


def _ascii(text: str) -> str:
    """A name for systems that know no other letters; what it is made of must make it unique anyway."""
    return "".join(letter if letter.isascii() else "x" for letter in text)


def _one_line(text: str) -> str:
    """Text for a comment: nothing in it ends the line, whichever reader says what a line is."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def render(template: str, **values: Any) -> str:
    """The text of a template, named by its path below the templates' folder."""
    return _environment().get_template(template).render(**values)


def runtime_files() -> dict[str, str]:
    """The modules that go unchanged into every project: name -> text."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted((folder() / "project/runtime").glob("*.py"))
    }


def rendered_tree(name: str, **values: Any) -> dict[str, str]:
    """All files below a folder of templates: those that end in .j2 are rendered, the others go as they are."""
    root = folder() / name
    tree = {}
    for path in sorted(one for one in root.rglob("*") if one.is_file() and "__pycache__" not in one.parts):
        below = path.relative_to(root).as_posix()
        if below.endswith(".j2"):
            tree[below.removesuffix(".j2")] = render(f"{name}/{below}", **values)
        else:
            tree[below] = path.read_text(encoding="utf-8")
    return tree
