"""Random streams: who draws from which, and who seeds it, in the order of the run."""

from collections.abc import Iterator
from dataclasses import dataclass

from nb2pipe.analysis.tracing import Call

from .model import View, once

STREAMS = {
    "random": "random",
    "numpy.random": "numpy.random",
    "torch": "torch",
    "tensorflow": "tensorflow",
    "faker": "faker",
    "polars": "polars",
}
SEEDED = {
    "random": "random.seed(0)",
    "numpy.random": "np.random.seed(0)",
    "torch": "torch.manual_seed(0)",
    "tensorflow": "tf.random.set_seed(0)",
    "faker": "Faker.seed(0)",
    "polars": "pl.set_random_seed(0)",
}
GENERATORS = ("numpy.random.", "random.Random", "uuid.uuid", "secrets.", "os.urandom", "mimesis.")
# Streams of an object of their own: they draw where a method of it is first called.
OWN_OBJECT = ("entropy", "faker")
# What their functions draw is seeded by `random_state`.
BY_ARGUMENT = ("sklearn.", "imblearn.")
# They draw inside a call whose arguments say how: a seed among those is the cure.
ESTIMATORS = frozenset(
    "transformer predictor clusterer pipeline search splitter fold_splitter balancer stateless learning_function".split()
)


@dataclass(frozen=True, slots=True)
class Draw:
    """One use of a stream."""

    call: Call
    stream: str
    role: str  # draw, seed
    is_estimator: bool


def first_use(view: View, made: Call) -> Call:
    """The first call of a generator's own methods; the call that made it where there is none."""
    return next((call for call in view.calls if call.receiver is made.result), made)


@once
def draws(view: View) -> list[Draw]:
    """All draws and seeds of the notebook's run, in order."""
    return list(_draws(view))


def _draws(view: View) -> Iterator[Draw]:
    for call in view.calls:
        if call.method == "seed_instance":
            yield Draw(call, "faker", "seed", is_estimator=False)
        if call.name.startswith("__") or (call.name[0] == "." and call.method not in ("sample", "rvs")):
            continue  # a method of an object of unknown type
        for touch in call.touches:
            if touch.role not in ("draw", "seed") or not (touch.is_sure or touch.role == "seed"):
                continue
            stream = STREAMS.get(touch.resource, "")
            if touch.resource == "entropy" and call.name.startswith(GENERATORS):
                stream = "entropy"
            if stream:
                is_estimator = view.know.estimator(call.name) in ESTIMATORS or call.name.startswith(
                    BY_ARGUMENT
                )
                yield Draw(call, stream, touch.role, is_estimator)
        if call.name.endswith(("seed_everything", "set_random_seed", "set_seed", "seed_all")):
            for stream in ("random", "numpy.random", "torch", "tensorflow"):
                yield Draw(call, stream, "seed", is_estimator=False)
    # A notebook's own `seed_everything()` is walked where it is called: its seeds are calls like others.
