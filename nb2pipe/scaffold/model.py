"""What a part of a repository is, and what it may know when its files are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nb2pipe.planning import Plan
from nb2pipe.rendering import FileTree, rendered_tree

PLACEHOLDER = "@your-team"  # an owner that nobody has filled in
ABOUT = "about.md"  # of a part's files, what it adds to the README
_OBSERVED_TESTS = "tests/test_observed"  # they compare with an observed run: without one they are not there


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user chose; kept in the repository."""

    parts: tuple[str, ...] = ()
    owner: str = PLACEHOLDER
    backup: str = PLACEHOLDER
    serve: str = ""  # the estimator that is served, where it is not found: "model", "models[best]"


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known before the files are made."""

    plan: Plan
    notebook: str  # its file name
    folder: str  # where it lies in the repository: "notebook", or below that, where it reads files above its folder
    story: tuple[str, ...]  # its markdown cells
    inputs: tuple[str, ...]  # the local files that it reads, below the repository's notebook/
    written: tuple[str, ...]  # folders that it writes to, and that nothing else is in
    too_big: tuple[str, ...]  # those of them that do not go into the repository
    python: str  # version of the interpreter that was pinned: "3.11"
    names: tuple[str, ...]  # of all parts that come
    requirements: tuple[str, ...]  # lines of requirements.txt
    constraints: tuple[str, ...]  # pins of everything behind them
    observed: Mapping[str, str] = field(default_factory=dict)  # files that an observed run made

    @property
    def package(self) -> str:
        """The name of the pipeline's package."""
        return self.plan.package

    @property
    def recorded(self) -> dict[str, list[str] | str]:
        """What an update has to know again, and no notebook tells."""
        return {
            "python": self.python,
            "inputs": list(self.inputs),
            "written": list(self.written),
            "too_big": list(self.too_big),
            "requirements": list(self.requirements),
            "constraints": list(self.constraints),
        }

    @property
    def unpinned(self) -> tuple[str, ...]:
        """Requirements that the interpreter did not have."""
        return tuple(line for line in self.requirements if "==" not in line)


@dataclass(frozen=True, slots=True)
class Target:
    """A target of the Makefile."""

    name: str
    about: str
    commands: tuple[str, ...]  # {package} stands for the package's name
    in_ci: bool = False  # CI makes it after the tests


@dataclass(frozen=True, slots=True)
class Part:
    """One promise of a repository: its files, its requirements, its targets."""

    name: str  # also the folder of its templates
    promise: str  # one sentence
    needs: tuple[str, ...] = ()  # parts that come with it
    requires: tuple[str, ...] = ()  # what its code imports
    develops: tuple[str, ...] = ()  # what its tests and checks import
    targets: tuple[Target, ...] = ()
    checks: tuple[str, ...] = ()  # targets that `make check` makes as well
    ignores: tuple[str, ...] = ()  # lines of .gitignore
    records: tuple[str, ...] = ()  # what it needs of an observed run, as observing/keepers.py names it
    is_observed: bool = False  # whether its files are filled from a run
    is_listed: bool = True  # whether a user can ask for it


def part_files(part: Part, ground: Ground, answers: Answers) -> FileTree:
    """The files of a part's folder of templates, and its ABOUT; `package/` stands for the pipeline's package."""
    tree = rendered_tree(
        f"scaffold/{part.name}",
        package=ground.package,
        names=ground.names,
        ground=ground,
        answers=answers,
        plan=ground.plan,
    )
    return {
        _placed(path, ground.package): text
        for path, text in tree.items()
        if ground.observed or not path.startswith(_OBSERVED_TESTS)
    }


def _placed(path: str, package: str) -> str:
    first, _, rest = path.partition("/")
    return f"{package}/{rest}" if first == "package" and rest else path
