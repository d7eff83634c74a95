"""The certificate of a server is not checked.

The data can be replaced on the way.
"""

import re
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Thing
from nb2pipe.audit.commands import commands
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB905",
    "unverified-tls",
    Severity.WARNING,
    message="{what} does not check the server's certificate",
    hint="leave verification on, and give the certificate of your own authority where there is one",
)
GOOD = [cells("import requests\nr = requests.get('https://example.org')")]
BAD = [
    (
        cells("import requests\nr = requests.get('https://example.org', verify=False)"),
        ["1:2 `requests.get` does not check the server's certificate"],
    )
]
LOOSE = re.compile(
    r"\bcurl\b[^\n|;]*\s(?:-\w*k\w*|--insecure)\b|\bwget\b[^\n|;]*--no-check-certificate|http\.sslVerify\s*=?\s*false|--trusted-host"
)
# Arguments of that name turn the check off, whatever is called.
SWITCHED_OFF = ("verify_certs", "verify_ssl", "ssl_verify", "verify_certificate", "ssl_verify_peer")
# Variables that turn the check off, and with which value.
SWITCHES = {
    "PYTHONHTTPSVERIFY": ("0",),
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "CURL_CA_BUNDLE": ("",),
    "REQUESTS_CA_BUNDLE": ("",),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "HF_HUB_DISABLE_SSL_VERIFICATION": ("1",),
}
CONTEXTS = ("ssl._create_unverified_context", "ssl._create_stdlib_context")


def check(view: View) -> Iterator[Finding]:
    """The first call, setting or command of each cell that turns the check off."""
    seen: set[int] = set()
    for spot, what in _switched_off(view):
        if spot.cell not in seen:
            seen.add(spot.cell)
            yield RULE.at(spot, what=what)


def _switched_off(view: View) -> Iterator[tuple[Spot, str]]:
    for call in view.trace.calls:
        if view.know.skips_verification(call.name, call.given) or any(
            call.given.get(word) is False for word in SWITCHED_OFF
        ):
            yield Spot(call.place.cell, call.place.line), f"`{call.name}`"
    for use in view.trace.uses:
        is_off = use.is_written and use.value is not None and use.value.origin in CONTEXTS
        if is_off and use.name == "ssl._create_default_https_context":
            yield Spot(use.place.cell, use.place.line), "this setting"
    for change in view.trace.changes:
        if change.how == "attribute" and change.value is not None and _is_off(change.key, change.value):
            yield Spot(change.place.cell, change.place.line), "this setting"
    for call in view.by_name.get("os.environ.__setitem__", ()):
        key, value = call.given.get(0), call.given.get(1)
        if isinstance(key, str) and value in SWITCHES.get(key, ()):
            yield Spot(call.place.cell, call.place.line), f"setting {key}"
    for command in commands(view):
        if LOOSE.search(command.text):
            yield command.spot, "this command"


def _is_off(attribute: object, value: Thing) -> bool:
    """`session.verify = False`, `context.verify_mode = ssl.CERT_NONE`."""
    return (attribute == "verify" and value.const is False) or (
        attribute == "verify_mode" and value.origin == "ssl.CERT_NONE"
    )
