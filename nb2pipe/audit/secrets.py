"""What secrets look like. A secret is never repeated in a message."""

import re
from collections.abc import Iterator

# The shapes that the services themselves document.
SHAPES = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{18,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Slack webhook": r"https://hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "a Stripe key": r"\b[sr]k_live_[0-9A-Za-z]{16,}",
    "an OpenAI key": r"\bsk-(?:(?:proj|ant|svcacct)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "a SendGrid key": r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s:/@'\"{}<>]{1,60}:(?P<password>[^\s@/'\"{}<>$]{3,})@[\w.-]+",
    "an Azure storage key": r"AccountKey=[A-Za-z0-9+/]{40,}",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{10,}",
    "a PyPI token": r"\bpypi-[A-Za-z0-9_-]{40,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a Telegram bot token": r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,}",
    "a key in an address": r"[?&](?:api_?key|access_token|auth_token|token|secret|apikey|appid)=(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{20,}",
    "a bearer token": r"\b(?:Bearer|Basic) (?=[A-Za-z+/_.-]*\d)(?=[\d+/_.-]*[A-Za-z])[A-Za-z0-9+/_.-]{20,}=*",
}
_ANY = re.compile("|".join(f"(?P<shape{number}>{shape})" for number, shape in enumerate(SHAPES.values())))
_QUICK = re.compile(
    r"AKIA|ASIA|gh[pousr]_|github_pat|glpat|xox|hooks\.slack|AIza|k_live_|sk-|hf_|SG\.|PRIVATE KEY|://|AccountKey|eyJ|pypi-|npm_|:AA|[?&]\w*(?:key|token|secret|appid)=|Bearer |Basic "
)
PLACEHOLDER = re.compile(
    r"your|example|placeholder|changeme|change_me|xxx|\*\*\*|\.\.\.|<|>|\{|\$|todo|insert|fill|dummy|redacted|hidden|secret_here|_here\b|^(?:none|null|test|password|passwd|secret|token|user|key|api_?key)$",
    re.IGNORECASE,
)
_PASSWORD_NAME = re.compile(r"(?:^|_)(?:password|passwd|pwd|passphrase|pass|pw)$", re.IGNORECASE)
_KEY_NAME = re.compile(
    r"(?:^|_)(?:api_?key|access_?key(?:_id)?|secret(?:_?access)?(?:_?key)?|client_?secret|consumer_?(?:key|secret)|auth_?token|access_?token(?:_secret)?|bearer(?:_token)?|token|apikey|api_?secret|api_?token|private_?key)$",
    re.IGNORECASE,
)


def shapes_in(text: str) -> Iterator[tuple[int, str]]:
    """What looks like a secret in a text: offset and what it is."""
    if not _QUICK.search(text):
        return
    for found in _ANY.finditer(text):
        number = next(
            int(name[5:]) for name, value in found.groupdict().items() if value and name.startswith("shape")
        )
        password = found["password"]
        if PLACEHOLDER.search(password or found[0]) and not (
            password is None and found[0][:4] in ("AKIA", "ghp_", "xoxb")
        ):
            continue
        yield found.start(), list(SHAPES)[number]


_SETTING = re.compile(
    r"\b(?P<name>[A-Za-z][A-Za-z0-9_]*)[\"']?\s*(?:=|:)\s*[\"']?(?P<value>[A-Za-z0-9+/_!@#%^&*.-]{6,})",
    re.ASCII,
)


def settings_in(text: str) -> Iterator[tuple[int, str]]:
    """What looks like `SECRET_KEY=value` in a text that is not Python: offset and name."""
    lowered = text[:200_000].lower()
    if "<script" in lowered or "<html" in lowered:
        return  # a page from the web: what it calls a token is for everybody who reads it
    is_telling = any(word in lowered for word in ("key", "secret", "token", "pass", "pwd"))
    for found in _SETTING.finditer(text[:200_000]) if is_telling else ():
        if is_secret_value(found["name"], found["value"]):
            yield found.start(), f"a value of `{found['name']}`"


def is_secret_value(name: str, value: object) -> bool:
    """Whether a text that gets this name is likely a password or key."""
    if (
        not isinstance(value, str)
        or PLACEHOLDER.search(value)
        or any(sign.isspace() for sign in value)
        or "/" in value[:2]
    ):
        return False
    name = name.replace("-", "_")
    if _PASSWORD_NAME.search(name):
        return len(value) >= 6 and not value.isalpha()
    if _KEY_NAME.search(name):
        return (
            len(value) >= 16
            and any(map(str.isdigit, value))
            and any(map(str.isalpha, value))
            and "://" not in value
        )
    return False
