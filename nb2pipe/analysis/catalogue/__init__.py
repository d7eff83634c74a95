"""What is known about other people's libraries, read from the TOML files beside this module.

Adding a library is adding one file. `catalogue()` is read once and never changes. Names are dotted from the
import root (`pandas.read_csv`), methods are `pandas.DataFrame.drop`; a leading dot (`.drop`) is a method of a
receiver whose type is not known. `given` holds the arguments of a call by position and keyword, with their
literal values; `...` stands for a value that the text does not tell, the key `"**"` for arguments it hides.

    know = catalogue()
    know.usual_name("pd")                                            "pandas"
    know.distribution("sklearn")                                     "scikit-learn"
    know.is_standard("json")                                         True
    know.canonical("tensorflow.keras.Model")                         "keras.Model"
    know.mutates("drop", "pandas.DataFrame", {"inplace": True})      True (False: does not, None: cannot say)
    know.mutation("append", None)                                    "likely" (also "sure", "possible", "no")
    know.changed_arguments("random.shuffle")                         (0, "x")
    know.returns("pandas.read_csv")                                  "pandas.DataFrame"
    know.item("pandas.DataFrame", "str")                             Item("pandas.Series", "view")
    know.sharing("numpy.ndarray.reshape")                            "view" (also "self", "elements", "fresh", None)
    know.shared_arguments("numpy.asarray")                           (0, "a")
    know.shared_elements("sorted")                                   (0,)
    know.is_iterator("zip")                                          True
    know.why_unpicklable("sqlite3.connect")                          "a database connection"
    know.touches("random.shuffle")                                   (Touch("random", "draw"),)
    know.file_uses("open", {0: "a.txt", 1: "w"})                     (FileUse("writes", (0, "file")),)
    know.accepts_address("pandas.read_csv")                          True
    know.order("os.listdir")                                         "arbitrary" (also "ignored", "")
    know.estimator("sklearn.preprocessing.StandardScaler")           "transformer"
    know.again("pandas.DataFrame.shift")                             "differs" (also "fails", "joins", "")
    know.removed("numpy.float")                                      Removed("numpy.float", "1.24", "float")
    know.platform("google.colab.drive")                              "Colab"
    know.waits_for_input("input")                                    True
    know.is_widget("ipywidgets.IntSlider")                           True
    know.loads_pickle("torch.load", {0: "m.pt"})                     True
    know.skips_verification("requests.get", {"verify": False})       True
    know.exits("sys.exit")                                           True
    know.names_in_text("pandas.DataFrame.query")                     NamesInText("query", (0, "expr"))
    know.import_readers("CUDA_VISIBLE_DEVICES")                      frozenset({"torch", "tensorflow", ...})
    know.why_one_process("gc.collect")                               "asks the garbage collector"
"""

from .conditions import Given
from .model import Catalogue, FileUse, Item, Library, NamesInText, Removed, Touch
from .reading import catalogue

__all__ = [
    "Catalogue",
    "FileUse",
    "Given",
    "Item",
    "Library",
    "NamesInText",
    "Removed",
    "Touch",
    "catalogue",
]
