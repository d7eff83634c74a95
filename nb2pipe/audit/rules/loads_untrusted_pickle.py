"""A pickle that came from the network is loaded.

Loading runs the code of whoever made it.
"""

import re
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, Thing, ancestors
from nb2pipe.audit.commands import ADDRESS, commands
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB903",
    "loads-untrusted-pickle",
    Severity.WARNING,
    message="`{what}` runs whatever code the downloaded file {path} holds",
    hint="load a format that holds data only, or check the file's digest first",
)
GOOD = [cells("import pickle\npickle.dump([1], open('m.pkl', 'wb'))", "m = pickle.load(open('m.pkl', 'rb'))")]
BAD = [
    (
        cells(
            "import urllib.request as u\nu.urlretrieve('https://example.org/m.pkl', 'm.pkl')",
            "import pickle\nm = pickle.load(open('m.pkl', 'rb'))",
        ),
        ["2:2 `pickle.load` runs whatever code the downloaded file 'm.pkl' holds"],
    )
]

# They fetch from a store of objects, without an address.
FROM_STORE = ("download_file", "download_fileobj", "fget_object", "hf_hub_download")


def check(view: View) -> Iterator[Finding]:
    """The loads of what was downloaded."""
    loads = [call for call in view.trace.calls if view.know.loads_pickle(call.name, call.given)]
    if not loads:
        return
    fetched = _fetched(view)
    network = {id(call.result) for call, _ in view.touches if _goes_out(call)}
    for call in loads:
        things = [
            one for argument in (*call.args, *call.keywords.values()) for one in ancestors(argument, 60)
        ]
        texts = [one.const for one in things if isinstance(one.const, str)]
        path = next(
            (text for text in texts if ADDRESS.match(text) or text.rpartition("/")[2] in fetched), None
        )
        if path is not None or any(id(one) in network for one in things):
            yield RULE.at(Spot(*call.place), what=call.name, path=repr(path) if path else "")


def _goes_out(call: Call) -> bool:
    return any(touch.resource == "network" for touch in call.touches)


def _goes_out_thing(view: View, thing: Thing) -> bool:
    return bool(thing.origin) and any(
        touch.resource == "network" for touch in view.know.touches(thing.origin, thing.given)
    )


def _fetched(view: View) -> set[str]:
    """The names of files that the notebook downloads."""
    found = set()
    for call in view.trace.calls:
        if call.name.endswith(
            (
                "urlretrieve",
                "download_url_to_file",
                "download",
                "download_file",
                "download_fileobj",
                "fget_object",
                "get_file",
                "hf_hub_download",
                "download_url",
            )
        ):
            texts = [one.const for one in (*call.args, *call.keywords.values()) if isinstance(one.const, str)]
            if (
                _goes_out(call)
                or call.name.endswith(FROM_STORE)
                or any(ADDRESS.match(text) for text in texts)
            ):
                found |= {text.rpartition("/")[2] for text in texts}
    for call in view.trace.calls:
        is_write = call.method in ("write", "write_bytes") and call.receiver is not None
        if is_write and any(
            _goes_out_thing(view, one) for argument in call.args for one in ancestors(argument, 40)
        ):
            sources = list(ancestors(call.receiver, 12)) if call.receiver is not None else []
            found |= {
                one.const.rpartition("/")[2]
                for one in sources
                if isinstance(one.const, str) and "." in one.const
            }
    for command in commands(view):
        if re.search(r"\b(?:wget|curl|gdown)\b", command.text):
            found |= {word.rpartition("/")[2].strip("'\"") for word in command.text.split() if "." in word}
    return found - {""}
