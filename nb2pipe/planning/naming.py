"""Names: of the package after the notebook, of the stages after headings, or after what they do and produce."""

import ast
import builtins
import itertools
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence

from nb2pipe.analysis import CellFacts
from nb2pipe.notebooks.walking import walked

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_RESERVED = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | vars(builtins).keys()

_SIGNS = """
export: to_csv to_excel to_parquet to_json to_pickle to_sql dump save save_model savefig
evaluate: score accuracy_score confusion_matrix classification_report mean_squared_error r2_score predict
evaluate: predict_proba roc_auc_score cross_val_score mean_absolute_error f1_score evaluate roc_curve
train: fit compile train partial_fit GridSearchCV
split: train_test_split KFold StratifiedKFold
prepare: fit_transform transform get_dummies LabelEncoder OneHotEncoder StandardScaler MinMaxScaler
clean: dropna fillna drop_duplicates drop replace rename astype isnull isna interpolate
load: read_csv read_excel read_json read_sql read_parquet read_table load_iris load_digits load_data
load: load_dataset fetch_openml make_blobs make_classification loadtxt genfromtxt
plot: plot scatter hist show bar barplot histplot distplot heatmap boxplot countplot pairplot subplots
plot: lineplot scatterplot imshow figure
explore: head describe info value_counts shape tail unique nunique corr columns dtypes sample
"""


def _roles() -> dict[str, frozenset[str]]:
    """Role -> the calls and attributes that are its signs; the first role that fits counts."""
    found: dict[str, frozenset[str]] = {}
    for line in _SIGNS.strip().split("\n"):
        role, _, words = line.partition(": ")
        found[role] = found.get(role, frozenset()) | frozenset(words.split())
    return found


ROLES = _roles()


def headings(markdown: str) -> list[tuple[int, str]]:
    """The headings of a markdown cell as (level, text); those in code fences are none."""
    found: list[tuple[int, str]] = []
    is_fenced, before = False, ""
    for line in markdown.split("\n"):
        if _FENCE.match(line):
            is_fenced = not is_fenced
        elif not is_fenced and (match := _HEADING.match(line)):
            found.append((len(match[1]), plain(match[2])))
        elif (
            not is_fenced
            and (match := _SETEXT.match(line))
            and before.strip()
            and not before.startswith("    ")
        ):
            found.append((1 if match[1][0] == "=" else 2, plain(before)))
        before = "" if _HEADING.match(line) else line
    return [one for one in found if one[1]]


def plain(text: str) -> str:
    """Markdown's emphasis, links and tags taken off."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"[*`$]+", "", text).strip()


def identifier(text: str, limit: int = 40) -> str:
    """Text as a lower-case ASCII identifier of whole words; "" when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    words = words[1:] if len(words) > 1 and words[0].isdigit() else words
    kept: list[str] = []
    for word in words:
        if kept and len("_".join([*kept, word])) > limit:
            break
        kept.append(word[:limit])
    name = "_".join(kept)
    return name if name and not name[0].isdigit() else f"part_{name}" if name else ""


def role_of(cell: CellFacts) -> str:
    """What a cell mainly does, by the calls in it; "" when it says nothing."""
    words: set[str] = set()
    for statement in cell.statements:
        for node in walked(statement.node):
            if isinstance(node, ast.Attribute):
                words.add(node.attr)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                words.add(node.func.id)
    return next((role for role, signs in ROLES.items() if words & signs), "")


def stage_names(wanted: Sequence[str], taken: Iterable[str]) -> list[str]:
    """Unique stage names, none of them a keyword, a builtin or a name that the notebook uses."""
    used = {*taken, *_RESERVED, "stages", "pipeline", "runner", "functions", "test"}
    given: dict[str, None] = {}
    for number, wish in enumerate(wanted, start=1):
        name = wish or f"step_{number}"
        numbered = (f"{name}_{count}" for count in range(2, len(wanted) + 3))
        candidates = numbered if name in given else itertools.chain((name, f"{name}_stage"), numbered)
        given[next(one for one in candidates if one not in used and one not in given)] = None
    return list(given)


def package_name(stem: str, taken: Iterable[str]) -> str:
    """The notebook's name as an identifier that hides no module."""
    ascii_text = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", ascii_text, flags=re.ASCII).strip("_").lower() or "notebook"
    name = f"notebook_{name}" if name[0].isdigit() else name
    hidden = {*taken, *sys.stdlib_module_names, *keyword.kwlist, "tests", "test", "stages", "nb2pipe"}
    return f"{name}_pipeline" if name in hidden else name
