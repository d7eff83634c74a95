"""What the catalogue of libraries answers, and that its files hold what the reader understands."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from nb2pipe.analysis import catalogue as room
from nb2pipe.analysis.catalogue import FileUse, NamesInText, Removed, Touch, catalogue, reading, tables

FILES = sorted(Path(room.__file__).parent.glob("*.toml"))
ROLES = frozenset("none read write draw seed advance".split())
USES = frozenset("opens reads writes appends removes moves lists".split())


# --- the files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_holds_known_keys_only(path: Path) -> None:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    tables = reading.PLAIN | reading.LABELLED
    assert content.keys() <= tables | reading.LIBRARY
    assert content.get("bare", {}).keys() <= set(reading.CERTAINTIES)
    for section in content.get("types", {}).values():
        assert section.keys() <= tables | reading.METHODS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_table_can_be_read(path: Path) -> None:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    for section in (content, *content.get("types", {}).values()):
        for kind in reading.LABELLED & section.keys():
            lines = [line for line in section[kind].splitlines() if line and line[0] != "#"]
            assert [line for line in lines if " | " not in line] == []


def all_marks(kind: str) -> list[tuple[str, tables.Mark]]:
    return [(name, mark) for name, marks in catalogue().tables[kind].names.items() for mark in marks]


@pytest.mark.parametrize("kind", sorted(reading.PLAIN | reading.LABELLED))
def test_every_name_and_condition_is_spelled_well(kind: str) -> None:
    claim = re.compile(r"[!+]\w+|\w+[=~][^&=~]+")
    for name, mark in all_marks(kind):
        assert re.fullmatch(r"(\.|\.\./)?[\w/][\w./*-]*", name), name
        assert all(claim.fullmatch(one) for one in mark.condition.split("&") if one), (name, mark)
        assert re.fullmatch(r"[\w,:.]*", mark.rest.partition("?")[0]), (name, mark)


def test_labels_are_known() -> None:
    labels = [mark.label.split() for _, mark in all_marks("resources")]
    assert [label for label in labels if label[1] not in ROLES or label[2:3] not in ([], ["at"])] == []
    assert {mark.label for _, mark in all_marks("files")} <= USES
    versions = {mark.label.partition(" ") for _, mark in all_marks("removed")}
    assert [one for one in versions if not (re.fullmatch(r"\d+\.\d+", one[0]) and one[2])] == []


def test_types_inherit_from_known_types() -> None:
    bases = {base for methods in catalogue().types.values() for base in methods.bases}
    assert bases <= catalogue().types.keys()


# --- libraries and names


@pytest.mark.parametrize(
    ("alias", "meant"),
    [
        ("pd", "pandas"),
        ("np", "numpy"),
        ("plt", "matplotlib.pyplot"),
        ("tf", "tensorflow"),
        ("smf", "statsmodels.formula.api"),
        ("df", None),
        ("x", None),
    ],
)
def test_usual_name(alias: str, meant: str | None) -> None:
    assert catalogue().usual_name(alias) == meant


@pytest.mark.parametrize(
    ("root", "distribution"),
    [
        ("sklearn", "scikit-learn"),
        ("cv2", "opencv-python"),
        ("PIL", "pillow"),
        ("numpy", "numpy"),
        ("mine", "mine"),
    ],
)
def test_distribution(root: str, distribution: str) -> None:
    assert catalogue().distribution(root) == distribution


@pytest.mark.parametrize(
    ("root", "is_known"),
    [("json", True), ("bs4", True), ("torch", True), ("cleaning", False), ("features", False)],
)
def test_is_known(root: str, is_known: bool) -> None:
    assert catalogue().is_known(root) == is_known


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("tensorflow.keras.models.Sequential", "keras.Sequential"),
        ("pylab.plot", "matplotlib.pyplot.plot"),
        ("pandas.core.frame.DataFrame", "pandas.DataFrame"),
        ("tqdm.notebook.tqdm", "tqdm.tqdm"),
        ("builtins.open", "open"),
        ("mine.pandas", "mine.pandas"),
    ],
)
def test_canonical(name: str, canonical: str) -> None:
    assert catalogue().canonical(name) == canonical


def test_import_readers() -> None:
    assert {"torch", "tensorflow"} <= catalogue().import_readers("CUDA_VISIBLE_DEVICES")
    assert catalogue().import_readers("MPLBACKEND") >= {"matplotlib"}
    assert catalogue().import_readers("BUCKET") == frozenset()


# --- mutation


@pytest.mark.parametrize(
    ("method", "receiver", "given", "mutation"),
    [
        ("append", "list", {}, "sure"),
        ("append", None, {}, "likely"),
        ("append", "str", {}, "no"),
        ("upper", None, {}, "no"),
        ("drop", "pandas.DataFrame", {}, "no"),
        ("drop", "pandas.DataFrame", {"inplace": True}, "sure"),
        ("drop", "pandas.DataFrame", {"inplace": False}, "no"),
        ("drop", "pandas.DataFrame", {"inplace": ...}, "possible"),
        ("drop", None, {"inplace": True}, "sure"),
        ("drop", "pandas.DataFrame", {"**": ...}, "possible"),
        ("add", "pandas.DataFrame", {}, "no"),
        ("add", "set", {}, "sure"),
        ("pop", "pandas.DataFrame", {}, "sure"),
        ("update", "collections.Counter", {}, "sure"),
        ("subtract", "collections.Counter", {}, "sure"),
        ("fit", "sklearn.linear_model.LinearRegression", {}, "sure"),
        ("predict", "sklearn.linear_model.LinearRegression", {}, "no"),
        ("fit", "statsmodels.Model", {}, "sure"),
        ("reshape", "numpy.ndarray", {}, "no"),
        ("sort", "numpy.ndarray", {}, "sure"),
        ("read", "io.IOBase", {}, "sure"),
        ("set_title", "matplotlib.axes.Axes", {}, "sure"),
        ("step", "torch.optim.Optimizer", {}, "sure"),
        ("frobnicate", None, {}, "possible"),
        ("frobnicate", "numpy.ndarray", {}, "no"),
        ("frobnicate", "pandas.DataFrame", {}, "possible"),
        ("append", "list[str]", {}, "sure"),
        ("append", "mine.Basket", {}, "likely"),
        ("__iadd__", "list", {}, "sure"),
        ("__iadd__", "tuple", {}, "no"),
        ("__len__", None, {}, "no"),
    ],
)
def test_mutation(method: str, receiver: str | None, given: dict[int | str, Any], mutation: str) -> None:
    assert catalogue().mutation(method, receiver, given) == mutation


@pytest.mark.parametrize(("method", "mutates"), [("append", True), ("upper", False), ("frobnicate", None)])
def test_mutates(method: str, mutates: bool | None) -> None:
    assert catalogue().mutates(method, None) is mutates


@pytest.mark.parametrize(
    ("name", "given", "changed"),
    [
        ("random.shuffle", {}, (0, "x")),
        ("numpy.random.shuffle", {}, (0, "x")),
        ("heapq.heappush", {}, (0,)),
        ("numpy.add", {"out": ...}, ("out",)),
        ("numpy.add", {}, ()),
        ("torch.nn.init.xavier_uniform_", {}, (0, "tensor")),
        ("numpy.random.Generator.shuffle", {}, (0, "x")),
        ("seaborn.histplot", {"ax": ...}, ("ax",)),
        ("sorted", {}, ()),
    ],
)
def test_changed_arguments(name: str, given: dict[int | str, Any], changed: tuple[int | str, ...]) -> None:
    assert catalogue().changed_arguments(name, given) == changed


# --- types and aliases


@pytest.mark.parametrize(
    ("name", "given", "returned"),
    [
        ("pandas.read_csv", {}, "pandas.DataFrame"),
        ("pandas.read_csv", {"chunksize": 10}, None),
        ("pandas.DataFrame.copy", {}, "pandas.DataFrame"),
        ("pandas.Series.copy", {}, "pandas.Series"),
        ("pandas.DataFrame.groupby", {}, "pandas.GroupBy"),
        ("pandas.DataFrame.dropna", {"inplace": True}, "NoneType"),
        ("pandas.DataFrame", {}, "pandas.DataFrame"),
        ("sklearn.svm.SVC", {}, "sklearn.svm.SVC"),
        ("sklearn.svm.SVC.predict", {}, "numpy.ndarray"),
        ("sklearn.model_selection.train_test_split", {}, "list"),
        ("numpy.zeros", {}, "numpy.ndarray"),
        ("numpy.random.default_rng", {}, "numpy.random.Generator"),
        ("matplotlib.pyplot.subplots", {}, "tuple[matplotlib.figure.Figure, matplotlib.axes.Axes]"),
        ("matplotlib.pyplot.subplots", {0: 2}, "tuple[matplotlib.figure.Figure, numpy.ndarray]"),
        ("open", {}, "io.IOBase"),
        (".groupby", {}, "pandas.GroupBy"),
        ("mine.load", {}, None),
    ],
)
def test_returns(name: str, given: dict[int | str, Any], returned: str | None) -> None:
    assert catalogue().returns(name, given) == returned


@pytest.mark.parametrize(
    ("receiver", "key", "kind", "sharing"),
    [
        ("pandas.DataFrame", "str", "pandas.Series", "view"),
        ("pandas.DataFrame", "mask", "pandas.DataFrame", "fresh"),
        ("numpy.ndarray", "slice", "numpy.ndarray", "view"),
        ("list", "slice", "list", "elements"),
        ("str", "int", "str", "fresh"),
    ],
)
def test_item(receiver: str, key: str, kind: str, sharing: str) -> None:
    assert catalogue().item(receiver, key) == room.Item(kind, sharing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "sharing"),
    [
        ("sklearn.svm.SVC.fit", "self"),
        ("numpy.ndarray.reshape", "view"),
        ("numpy.ndarray.copy", "fresh"),
        ("list.copy", "elements"),
        ("dict.setdefault", "view"),
        ("pandas.DataFrame.copy", "fresh"),
        ("pandas.DataFrame.values", "view"),
        ("mine.Basket.items", None),
        (".copy", None),  # types disagree
    ],
)
def test_sharing(name: str, sharing: str | None) -> None:
    assert catalogue().sharing(name) == sharing


def test_shared_arguments_and_elements() -> None:
    assert catalogue().shared_arguments("numpy.asarray") == (0, "a")
    assert catalogue().shared_elements("sorted") == (0,)
    assert catalogue().shared_arguments("copy.deepcopy") == catalogue().shared_elements("copy.deepcopy") == ()


@pytest.mark.parametrize(
    ("name", "given", "is_iterator"),
    [
        ("zip", {}, True),
        ("pandas.read_csv", {"chunksize": 5}, True),
        ("pandas.read_csv", {}, False),
        ("pathlib.Path.glob", {}, True),
        ("range", {}, False),
    ],
)
def test_is_iterator(name: str, given: dict[int | str, Any], is_iterator: bool) -> None:
    assert catalogue().is_iterator(name, given) == is_iterator


@pytest.mark.parametrize(
    "name", ["open", "sqlite3.connect", "threading.Lock", "sqlalchemy.create_engine", "zip"]
)
def test_unpicklable(name: str) -> None:
    assert bool(catalogue().why_unpicklable(name)) == (name != "zip")


# --- the outside world


@pytest.mark.parametrize(
    ("name", "given", "touches"),
    [
        ("random.random", {}, (Touch("random", "draw"),)),
        ("numpy.random.seed", {0: 1}, (Touch("numpy.random", "seed"),)),
        ("numpy.random.default_rng", {}, (Touch("entropy", "draw"),)),
        ("numpy.random.default_rng", {0: 1}, ()),
        ("sklearn.model_selection.train_test_split", {}, (Touch("numpy.random", "draw"),)),
        ("sklearn.model_selection.train_test_split", {"random_state": 0}, ()),
        ("sklearn.model_selection.train_test_split", {"shuffle": False}, ()),
        (
            "sklearn.model_selection.train_test_split",
            {"**": ...},
            (Touch("numpy.random", "draw", is_sure=False),),
        ),
        ("sklearn.ensemble.RandomForestClassifier", {}, (Touch("numpy.random", "draw", "fit"),)),
        ("sklearn.linear_model.LogisticRegression", {}, ()),
        (
            "sklearn.linear_model.LogisticRegression",
            {"solver": "saga"},
            (Touch("numpy.random", "draw", "fit"),),
        ),
        ("sklearn.linear_model.Lasso", {}, (Touch("numpy.random", "advance", "fit"),)),
        ("sklearn.model_selection.KFold", {"shuffle": True}, (Touch("numpy.random", "draw", "split"),)),
        ("sklearn.model_selection.KFold", {}, ()),
        ("pandas.DataFrame.sample", {}, (Touch("numpy.random", "draw"),)),
        ("pandas.DataFrame.plot.bar", {}, (Touch("figure", "write"),)),
        ("os.chdir", {}, (Touch("cwd", "write"),)),
        ("datetime.datetime.now", {}, (Touch("clock", "read"),)),
        ("time.strftime", {0: "%Y", 1: ...}, ()),
        ("matplotlib.pyplot.whatever", {}, (Touch("figure", "write"),)),
        ("matplotlib.pyplot.get_cmap", {}, ()),
        ("matplotlib.pyplot.style.use", {}, (Touch("matplotlib.rcParams", "write"),)),
        ("pandas.set_option", {}, (Touch("pandas.options", "write"),)),
        ("requests.get", {}, (Touch("network", "read"),)),
        ("xgboost.XGBClassifier", {}, ()),
        ("len", {}, ()),
    ],
)
def test_touches(name: str, given: dict[int | str, Any], touches: tuple[Touch, ...]) -> None:
    assert catalogue().touches(name, given) == touches


@pytest.mark.parametrize(
    ("name", "given", "uses"),
    [
        ("open", {}, (FileUse("reads", (0, "file")),)),
        ("open", {1: "wb"}, (FileUse("writes", (0, "file")),)),
        ("open", {"mode": "a"}, (FileUse("appends", (0, "file")),)),
        ("open", {1: "r+"}, (FileUse("reads", (0, "file")), FileUse("writes", (0, "file")))),
        ("open", {1: ...}, (FileUse("reads", (0, "file"), False), FileUse("writes", (0, "file"), False))),
        ("pandas.DataFrame.to_csv", {}, (FileUse("writes", (0, "path_or_buf")),)),
        (".to_csv", {"mode": "a"}, (FileUse("appends", (0, "path_or_buf")),)),
        ("pathlib.Path.read_text", {}, (FileUse("reads", ("self",)),)),
        ("matplotlib.pyplot.savefig", {}, (FileUse("writes", (0, "fname")),)),
        ("os.remove", {}, (FileUse("removes", (0, "path")),)),
        ("len", {}, ()),
    ],
)
def test_file_uses(name: str, given: dict[int | str, Any], uses: tuple[FileUse, ...]) -> None:
    assert catalogue().file_uses(name, given) == uses


@pytest.mark.parametrize(
    ("name", "order"),
    [("os.listdir", "arbitrary"), ("pathlib.Path.glob", "arbitrary"), ("sorted", "ignored"), ("list", "")],
)
def test_order(name: str, order: str) -> None:
    assert catalogue().order(name) == order


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("google.colab.drive.mount", "Colab"),
        ("/kaggle/input/titanic/train.csv", "Kaggle"),
        ("dbutils", "Databricks"),
        ("google.cloud", ""),
        ("/data/train.csv", ""),
    ],
)
def test_platform(name: str, platform: str) -> None:
    assert catalogue().platform(name) == platform


def test_what_needs_a_person_or_one_process() -> None:
    know = catalogue()
    assert know.waits_for_input("getpass.getpass")
    assert not know.waits_for_input("print")
    assert know.exits("sys.exit")
    assert not know.exits("sys.path")
    assert know.is_widget("ipywidgets.interact")
    assert not know.is_widget("ipywidgets.HTML")
    assert know.why_one_process("gc.collect")
    assert not know.why_one_process("json.loads")
    assert not know.why_one_process("multiprocessing.cpu_count")


# --- meaning


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sklearn.preprocessing.StandardScaler", "transformer"),
        ("sklearn.preprocessing.Normalizer", "stateless"),
        ("sklearn.linear_model.Ridge", "predictor"),
        ("sklearn.pipeline.make_pipeline", "pipeline"),
        ("sklearn.model_selection.GridSearchCV", "search"),
        ("sklearn.model_selection.train_test_split", "splitter"),
        ("imblearn.over_sampling.SMOTE", "balancer"),
        ("pandas.DataFrame", ""),
    ],
)
def test_estimator(name: str, role: str) -> None:
    assert catalogue().estimator(name) == role


@pytest.mark.parametrize(
    ("name", "given", "version"),
    [
        ("numpy.float", {}, "1.24"),
        ("numpy.bool", {}, None),  # back since numpy 2
        ("numpy.float64", {}, None),
        ("pandas.DataFrame.append", {}, "2.0"),
        (".append", {}, None),
        (".ix", {}, "1.0"),
        ("pandas.DataFrame.applymap", {}, None),
        ("sklearn.externals.joblib.load", {}, "0.23"),
        ("sklearn.preprocessing.OneHotEncoder", {"sparse": False}, "1.4"),
        ("sklearn.preprocessing.OneHotEncoder", {}, None),
        ("seaborn.distplot", {}, None),
        ("seaborn.factorplot", {}, "0.11"),
        ("matplotlib.pyplot.style.use", {0: "seaborn-whitegrid"}, "3.8"),
        ("matplotlib.pyplot.style.use", {0: "ggplot"}, None),
        ("tensorflow.placeholder", {}, "2.0"),
        ("collections.Mapping", {}, "3.10"),
        ("collections.Counter", {}, None),
    ],
)
def test_removed(name: str, given: dict[int | str, Any], version: str | None) -> None:
    found = catalogue().removed(name, given)
    assert (found and found.version) == version


def test_removed_names_the_module_that_is_gone() -> None:
    found = catalogue().removed("sklearn.externals.joblib.load")
    assert found == Removed("sklearn.externals.joblib", "0.23", "joblib")


@pytest.mark.parametrize(
    ("name", "given", "loads"),
    [
        ("pickle.load", {}, True),
        ("torch.load", {}, True),
        ("torch.load", {"weights_only": True}, False),
        ("numpy.load", {}, False),
        ("numpy.load", {"allow_pickle": True}, True),
        ("yaml.load", {"Loader": "yaml.SafeLoader"}, False),
        ("yaml.safe_load", {}, False),
    ],
)
def test_loads_pickle(name: str, given: dict[int | str, Any], loads: bool) -> None:
    assert catalogue().loads_pickle(name, given) == loads


def test_skips_verification() -> None:
    assert catalogue().skips_verification("requests.get", {"verify": False})
    assert not catalogue().skips_verification("requests.get", {"verify": ...})


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pandas.DataFrame.query", NamesInText("query", (0, "expr"))),
        (".query", NamesInText("query", (0, "expr"))),
        ("statsmodels.formula.api.ols", NamesInText("formula", (0, "formula"))),
        ("print", None),
    ],
)
def test_names_in_text(name: str, found: NamesInText | None) -> None:
    assert catalogue().names_in_text(name) == found
