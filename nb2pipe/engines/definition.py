"""The one definition of a pipeline, read from the text of its pipeline.py; nothing of it is run."""

import ast
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nb2pipe.errors import InputError

# A proof sees one run on one machine: other data takes more memory, and a busy machine more time.
_SPARE_MEMORY, _STEP_MB, _LEAST_MB = 1.5, 64, 256
_SPARE_TIME, _LEAST_SECONDS = 10, 600


@dataclass(frozen=True, slots=True)
class StageOf:
    """One stage as pipeline.py declares it."""

    name: str
    kind: str
    cells: tuple[int, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: tuple[str, ...]
    file: str  # its code, below the package


@dataclass(frozen=True, slots=True)
class Definition:
    """What an adapter may know of a pipeline."""

    package: str
    title: str
    workdir: str  # where the notebook's relative paths begin, seen from the project
    stages: tuple[StageOf, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    constants: tuple[str, ...] = ()
    has_functions: bool = False  # whether the package has a functions.py
    # Stage -> memory_mb and seconds to ask an engine for; stages that no proof has seen ask for nothing.
    resources: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def annotations(self) -> Mapping[str, str]:
        """The type of each parameter, as Python writes it."""
        return {
            name: "object" if one is None else type(one).__name__ for name, one in self.parameters.items()
        }

    @property
    def typed(self) -> Mapping[str, str]:
        """The parameters that have a type; None has none."""
        return {name: kind for name, kind in self.annotations.items() if kind != "object"}

    @property
    def renamed(self) -> Mapping[str, str]:
        """Longer names for the parameters that have one letter."""
        short = [name for name in self.parameters if len(name) == 1]
        return {f"param_{name}": name for name in short if f"param_{name}" not in self.parameters}

    @property
    def argo_values(self) -> Mapping[str, str]:
        """The parameters as the texts that --set takes; those that have none keep their values."""
        return {name: str(value) for name, value in self.parameters.items() if _is_plain(name, value)}

    @property
    def argo_pods(self) -> Mapping[str, str]:
        """What is changed of the pods of stages that ask for something, as JSON."""
        return {name: json.dumps(_pod(asked)) for name, asked in self.resources.items()}

    @property
    def class_name(self) -> str:
        """The package's name as that of a class."""
        return "".join(part.capitalize() for part in self.package.split("_")) + "Flow"

    def folder(self, index: int) -> str:
        """The name under which a run keeps what a stage left."""
        return f"{index + 1:03}-{self.stages[index].name}"

    def needs(self, index: int) -> tuple[str, ...]:
        """The parameters that a stage must run again for.

        Constants are variables too: the first stage puts them into the state, and the others take them from there.
        """
        own = [name for name in self.stages[index].params if name not in self.constants]
        return tuple(dict.fromkeys([*(self.constants if index == 0 else ()), *own]))


def _pod(asked: Mapping[str, int]) -> dict[str, object]:
    requests = {"requests": {"memory": f"{asked['memory_mb']}Mi"}} if "memory_mb" in asked else {}
    return {
        "activeDeadlineSeconds": asked["seconds"],
        "containers": [{"name": "main", "resources": requests}],
    }


def _is_plain(name: str, value: object) -> bool:
    """Whether a manifest that has its own templates takes it as it is."""
    return value is not None and name.isascii() and "{{" not in str(value)


def resources_of(proof: str) -> dict[str, dict[str, int]]:
    """Stage -> what to ask an engine for, in the text of a proof.json: what was seen there, and something to spare."""
    try:
        stages = json.loads(proof or "{}").get("stages", ())
        return {str(one["stage"]): _asked(one["memory_mb"], one["seconds"]) for one in stages}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # a report of another version


def _asked(memory_mb: float, seconds: float) -> dict[str, int]:
    memory = max(_LEAST_MB, math.ceil(memory_mb * _SPARE_MEMORY / _STEP_MB) * _STEP_MB)
    limit = max(_LEAST_SECONDS, math.ceil(seconds * _SPARE_TIME))
    return {**({"memory_mb": memory} if memory_mb else {}), "seconds": limit}


def definition_of(text: str, workdir: str, proof: str = "") -> Definition:
    """The definition in the text of a pipeline.py; InputError where it has none that can be read."""
    asked = resources_of(proof)
    try:
        tree = ast.parse(text)
        call = next(_calls(tree, "Pipeline"))
        fields = {one.arg: one.value for one in call.keywords if one.arg}
        stages = [_stage(one) for one in _calls(fields["stages"], "Stage")]
        known = {name: ast.literal_eval(node) for name, node in fields.items() if name != "stages"}
        return Definition(
            package=str(known["package"]),
            title=(ast.get_docstring(tree) or known["package"]).partition("\n")[0],
            workdir=workdir,
            stages=tuple(stages),
            parameters=dict(known.get("parameters", {})),
            constants=tuple(known.get("constants", ())),
            has_functions=bool(known.get("definitions")),
            resources={one.name: asked[one.name] for one in stages if one.name in asked},
        )
    except (SyntaxError, ValueError, KeyError, StopIteration, TypeError, AttributeError):
        raise InputError(
            "pipeline.py has no definition that can be read: it must build one Pipeline(...) from literals"
        ) from None


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _stage(node: ast.Call) -> StageOf:
    known = {one.arg: ast.literal_eval(one.value) for one in node.keywords if one.arg}
    name = str(ast.literal_eval(node.args[0])) if node.args else str(known["name"])
    if not name.isidentifier():
        raise ValueError(name)
    return StageOf(
        name=name,
        kind=str(known.get("kind", "function")),
        cells=tuple(known.get("cells", ())),
        inputs=tuple(known.get("inputs", ())),
        outputs=tuple(known.get("outputs", ())),
        params=tuple(known.get("params", ())),
        file=f"stages/{name}.{'ipy' if known.get('ipython') else 'py'}",
    )
