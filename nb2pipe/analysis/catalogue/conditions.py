"""The small language in which a catalogue says what a call is about: `name:argument,argument?condition`.

Arguments are positions and keywords; `self` is the receiver. A condition joins claims with `&`:
`shuffle=True` (given so), `solver=sag|saga` (one of them), `mode~r|rb` (one of them, or not given),
`+out` (given at all), `!random_state` (not given, or None).
"""

from collections.abc import Mapping
from functools import cache

Given = Mapping[int | str, object]


@cache
def arguments(rest: str) -> tuple[int | str, ...]:
    """The arguments that a mark is about."""
    words = rest.partition("?")[0].split(",")
    return tuple(int(word) if word.isdecimal() else word for word in words if word)


def holds(condition: str, given: Given) -> bool | None:
    """Whether the condition holds for these arguments; None when their text does not tell."""
    if not condition:
        return True
    answers = [_claim_holds(claim, given) for claim in condition.split("&")]
    if False in answers:
        return False
    return None if None in answers else True


def _claim_holds(claim: str, given: Given) -> bool | None:
    if claim[0] in "!+":
        return _is_given(claim[1:], given, claim[0] == "+")
    mark = "~" if "~" in claim else "="
    key, _, values = claim.partition(mark)
    place = int(key) if key.isdecimal() else key
    if place not in given:
        return None if "**" in given else mark == "~"
    return None if given[place] is ... else str(given[place]) in values.split("|")


def _is_given(key: str, given: Given, wanted: bool) -> bool | None:
    place = int(key) if key.isdecimal() else key
    if place in given:
        return (given[place] is not None) == wanted
    return None if "**" in given else not wanted
