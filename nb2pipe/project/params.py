"""params.yaml: the parameters with the notebook's values, written so that every YAML reader gives the same types."""

import json
import re

from nb2pipe.planning import Plan

_NEEDS_POINT = re.compile(r"^-?\d+e", re.IGNORECASE)


def params_yaml(plan: Plan) -> str:
    """The text of params.yaml; a comment on each line says what the parameter is and which stages use it."""
    head = "# Parameters of the pipeline, with the notebook's values."
    lines = [f"{head} `python -m {plan.package} params` explains them.", ""]
    for parameter in plan.parameters:
        users = [stage.name for stage in plan.stages if parameter.name in stage.params]
        used = f"used by {', '.join(users)}" if users else "not used"
        comment = "; ".join(part for part in (parameter.comment, used) if part)
        lines.append(f"{parameter.name}: {yaml_scalar(parameter.value)}  # {comment}")
    if not plan.parameters:
        lines.append("{}")
    return "\n".join(lines) + "\n"


def yaml_scalar(value: object) -> str:
    """One immutable value in YAML 1.1 and 1.2 alike: strings always quoted, floats always with a point."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=True)
    text = repr(value)
    if isinstance(value, float) and _NEEDS_POINT.match(text):
        text = re.sub("e", ".0e", text, count=1)
    return re.sub(r"e(\d)", r"e+\1", text) if isinstance(value, float) else text
