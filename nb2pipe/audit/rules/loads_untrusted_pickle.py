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
DOWNLOADING = ("urlretrieve", "download_url_to_file", "download", "get_file", "download_url", *FROM_STORE)


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
    fetching = (one for one in commands(view) if re.search(r"\b(?:wget|curl|gdown)\b", one.text))
    words = (word for one in fetching for word in one.text.split() if "." in word)
    named = (word.rpartition("/")[2].strip("'\"") for word in words)
    return {*_downloaded(view), *_saved(view), *named} - {""}


def _downloaded(view: View) -> Iterator[str]:
    """`urlretrieve("https://...", "m.pkl")`."""
    for call in view.trace.calls:
        if not call.name.endswith(DOWNLOADING):
            continue
        texts = [one.const for one in (*call.args, *call.keywords.values()) if isinstance(one.const, str)]
        if _goes_out(call) or call.name.endswith(FROM_STORE) or any(ADDRESS.match(text) for text in texts):
            yield from (text.rpartition("/")[2] for text in texts)


def _saved(view: View) -> Iterator[str]:
    """`open("m.pkl", "wb").write(requests.get(...).content)`."""
    for call in view.trace.calls:
        if call.receiver is None or call.method not in ("write", "write_bytes"):
            continue
        if any(_goes_out_thing(view, one) for argument in call.args for one in ancestors(argument, 40)):
            for one in ancestors(call.receiver, 12):
                if isinstance(one.const, str) and "." in one.const:
                    yield one.const.rpartition("/")[2]
