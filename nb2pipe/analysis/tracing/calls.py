"""Calls -> what they give, change and touch: of libraries by the catalogue, of the notebook's own code by walking it."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .elements import element
from .records import Certainty
from .state import Tracer
from .things import Given, Scope, Thing

DEPTH = 5  # calls within calls that are followed
VISITS = 6  # how often one function is walked
CHOOSERS = frozenset("next min max random.choice".split())
STRUCTURE = frozenset(
    "drop dropna rename sort_values sort_index reset_index set_index drop_duplicates insert pop __setitem__ __delitem__ update eval set_axis".split()
)
FRAMES = ("pandas.DataFrame", "pandas.Series")
# Builtins that only look at what they are given.
HARMLESS = frozenset(
    "print len str repr int float bool sum abs round type isinstance sorted list tuple dict set any all range zip map"
    " filter enumerate display hasattr getattr id format callable issubclass min max reversed open input".split()
)


def call(t: Tracer, node: ast.Call) -> Thing:
    """What a call gives."""
    from .expressions import evaluate

    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = evaluate(t, function.value)
        if receiver.kind != "name":
            return _method(t, node, receiver, function.attr)
        called = Thing(kind="name", origin=t.know.canonical(f"{receiver.origin}.{function.attr}"))
    else:
        called = _plain_name(t, function) or evaluate(t, function)
    args, keywords, given = arguments(t, node)
    return apply(t, node, called, args, keywords, given)


def _plain_name(t: Tracer, function: ast.expr) -> Thing | None:
    """A name that is called; it is no use of its own."""
    return t.load(function.id) if isinstance(function, ast.Name) else None


def arguments(t: Tracer, node: ast.Call) -> tuple[list[Thing], dict[str, Thing], dict[int | str, Any]]:
    """The arguments as things, and what the text tells of their values."""
    from .expressions import evaluate

    args, keywords, given = [], {}, {}
    for number, one in enumerate(node.args):
        thing = evaluate(t, one)
        args.append(thing)
        given["**" if isinstance(one, ast.Starred) else number] = thing.const
    for keyword in node.keywords:
        thing = evaluate(t, keyword.value)
        if keyword.arg is None:
            given["**"] = ...
        else:
            keywords[keyword.arg] = thing
            given[keyword.arg] = thing.const
    return args, keywords, given


def apply(
    t: Tracer,
    node: ast.AST,
    called: Thing,
    args: list[Thing],
    keywords: dict[str, Thing],
    given: Mapping[int | str, Any],
) -> Thing:
    """Call a thing."""
    if called.kind == "name":
        return named(t, node, called.origin, args, keywords, given)
    if called.kind == "function":
        _run_callbacks(t, args, keywords)
        return invoke(t, called, args, keywords)
    if called.kind == "class":
        return _instance(t, node, called, args, keywords)
    if called.kind == "bound":
        bound = Thing(kind="function", node=called.node, scope=called.scope, place=called.place)
        return invoke(t, bound, [called.owner or called, *args], keywords)
    own = member(t, called, "__call__")
    if own is not None:
        return invoke(t, own, [called, *args], keywords)
    name = f"{called.type or ''}.__call__"
    result = t.made(None, name, node, (called, *args[:8]))
    t.called(name, node, called, tuple(args), keywords, given, result)
    _run_callbacks(t, args, keywords)
    for one in called.alts:
        if one.kind == "function":
            invoke(t, one, args, keywords)
    return result


def named(
    t: Tracer,
    node: ast.AST,
    name: str,
    args: list[Thing],
    keywords: dict[str, Thing],
    given: Given,
) -> Thing:
    """Call a library's function or class."""
    know = t.know
    if name in CHOOSERS and args:
        _changed_arguments(t, node, name, args, keywords, given)
        result = (
            element(t, args[0], node)
            if len(args) == 1 or name == "next"
            else t.made(None, name, node, tuple(args))
        )
        t.called(name, node, None, tuple(args), keywords, given, result)
        _run_callbacks(t, args, keywords, args[0])
        return result
    sources = (*args[:8], *list(keywords.values())[:8])
    result = t.made(know.returns(name, given), name, node, sources, given)
    result.const = _text(name, args)
    t.called(name, node, None, tuple(args), keywords, given, result)
    _changed_arguments(t, node, name, args, keywords, given)
    _shared(t, node, name, args, keywords, given, result)
    _run_callbacks(t, args, keywords, args[1] if len(args) > 1 else None)
    return result


def _shared(
    t: Tracer,
    node: ast.AST,
    name: str,
    args: list[Thing],
    keywords: dict[str, Thing],
    given: Given,
    result: Thing,
) -> None:
    """What the result holds of its arguments, or is a view of."""
    role = t.know.estimator(name)
    for place in t.know.shared_arguments(name, given):
        source = _argument(args, keywords, place)
        if source is None or source.is_plain:
            continue
        if role and role != "pipeline":
            result.sources = (*result.sources, source) if source not in result.sources else result.sources
        elif role == "pipeline" or name.startswith("functools.partial"):
            result.share(source)
            for one in source.parts or ():
                result.share(one)
        elif result.type == source.type or source.type is None:
            result.share(source)
    if name == "enumerate" and args:
        pair = t.made("tuple", "element", node, (args[0],))
        pair.hold(t.made("int", "element", node), 0)
        pair.hold(element(t, args[0], node), 1)
        result.hold(pair)
    elif name == "zip":
        pair = t.made("tuple", "element", node, tuple(args))
        for number, one in enumerate(args):
            pair.hold(element(t, one, node), number)
        result.hold(pair)
    else:
        for place in t.know.shared_elements(name, given):
            source = _argument(args, keywords, place)
            for one in source.parts or () if source is not None else ():
                result.hold(one)
            if (
                source is not None
                and name in ("list", "tuple", "sorted", "reversed")
                and isinstance(source.const, list)
            ):
                result.const = source.const


def _changed_arguments(
    t: Tracer, node: ast.AST, name: str, args: list[Thing], keywords: dict[str, Thing], given: Given
) -> None:
    from .expressions import is_iterator

    how = f"argument:{name.rpartition('.')[2]}"
    for place in t.know.changed_arguments(name, given):
        thing = _argument(args, keywords, place)
        if thing is not None:
            t.change(thing, how, "sure", node, through=_node_of(node, place))
    if name == "setattr" and len(args) == 3 and isinstance(args[1].const, str):
        args[0].hold(args[2], f".{args[1].const}")
    for number, thing in enumerate(args):
        if (
            thing.names
            and is_iterator(t, thing)
            and name not in ("iter", "print", "type", "next", "isinstance", "display")
        ):
            if name in t.know.tables["iterators"].names or t.know.is_iterator(name):
                continue  # wrapped, not read yet
            t.change(thing, "iterated", "sure", node, through=_node_of(node, number))


def _node_of(node: ast.AST, place: int | str) -> ast.AST | None:
    if isinstance(node, ast.Call):
        if isinstance(place, int):
            return node.args[place] if place < len(node.args) else None
        return next((one.value for one in node.keywords if one.arg == place), None)
    return None


def _argument(args: Sequence[Thing], keywords: Mapping[str, Thing], place: int | str) -> Thing | None:
    if isinstance(place, int):
        return args[place] if place < len(args) else None
    return keywords.get(place)


def _run_callbacks(
    t: Tracer, args: list[Thing], keywords: dict[str, Thing], over: Thing | None = None
) -> None:
    """Functions that are handed to a call are run by it."""
    for one in (*args, *keywords.values()):
        if one.kind in ("function", "bound") and one.node is not None:
            given = [element(t, over, one.node)] if over is not None and over is not one else []
            if one.kind == "bound":
                given = [one.owner or one, *given]
            with t.guarded():
                invoke(t, one, given, {})


def _method(t: Tracer, node: ast.Call, receiver: Thing, method: str) -> Thing:
    """Call a method of an object."""
    own = receiver.keyed.get(f".{method}") if receiver.keyed else None
    own = own or member(t, receiver, method)
    args, keywords, given = arguments(t, node)
    if own is not None:
        if (
            own.kind == "function"
            and own.node is not None
            and not (receiver.keyed and f".{method}" in receiver.keyed)
        ):
            _run_callbacks(t, args, keywords)
            return invoke(t, own, args if _is_static(own.node) else [receiver, *args], keywords)
        return apply(t, node, own, args, keywords, given)
    known = bool(receiver.type) and t.know.knows_type(receiver.type or "")
    name = f"{receiver.type}.{method}" if known else f".{method}"
    result = t.made(
        t.know.returns(name, given), name, node, (receiver, *args[:8], *list(keywords.values())[:8]), given
    )
    if receiver.type == "str" or (not known and isinstance(receiver.const, str)):
        result.const = _of_text(receiver.const, method, args)
    t.called(name, node, receiver, tuple(args), keywords, given, result)
    _change_receiver(t, node, receiver, method, name, args, given)
    if known:
        _changed_arguments(t, node, name, args, keywords, given)
    _share_with_receiver(t, node, name, receiver, method, args, given, result, is_known=known)
    _run_callbacks(t, args, keywords, receiver)
    return result


def _change_receiver(
    t: Tracer, node: ast.Call, receiver: Thing, method: str, name: str, args: list[Thing], given: Given
) -> None:
    type_ = receiver.type if receiver.type and t.know.knows_type(receiver.type) else None
    certainty = t.know.mutation(method, type_, given)
    if certainty == "no" or (certainty == "possible" and type_ is not None and method not in t.know.bare):
        return
    if certainty == "likely" and type_ is None and not _looks_changing(method, args, given, receiver):
        certainty = "possible"
    how = "inplace" if "inplace" in given else f"method:{method}"
    is_structure = receiver.type in FRAMES and method in STRUCTURE
    if receiver.type == "pandas.Series" and receiver.origin in ("item",) and how == "inplace":
        is_structure = False
    sure: Certainty = certainty
    value = args[-1] if args else None
    if method in ("append", "add", "appendleft", "insert", "put", "extend", "update", "setdefault", "push"):
        for one in args:
            _take_up(t, receiver, one, method)
    t.change(
        receiver,
        how,
        sure,
        node,
        through=node.func,
        is_structure=is_structure,
        key=given.get(0, ...),
        value=value,
    )


def _looks_changing(method: str, args: list[Thing], given: Given, receiver: Thing) -> bool:
    """Whether a method of an object of unknown type is used as the changing one of its name is."""
    if method == "append" and (
        "ignore_index" in given or (args and args[0].type in FRAMES and receiver.type in FRAMES)
    ):
        return False  # pandas' old append gives a new frame
    if method in ("remove", "discard", "add", "insert"):
        return bool(args)
    return True


def _take_up(t: Tracer, receiver: Thing, one: Thing, method: str) -> None:
    if method in ("extend", "update"):
        for part in one.parts or ():
            receiver.hold(part)
        for key, part in (one.keyed or {}).items():
            if isinstance(key, str) and method == "update":
                receiver.hold(part, key)
    elif not one.is_plain:
        receiver.hold(one)


def _share_with_receiver(
    t: Tracer,
    node: ast.AST,
    name: str,
    receiver: Thing,
    method: str,
    args: list[Thing],
    given: Given,
    result: Thing,
    *,
    is_known: bool,
) -> None:
    if result.type in ("int", "float", "str", "bool", "NoneType"):
        return
    if not is_known and method in ("items", "values", "keys"):
        for one in receiver.parts or ():
            result.hold(_pair(t, node, one) if method == "items" else one)
        return
    if method == "items" and receiver.type in ("dict", "collections.OrderedDict", "collections.defaultdict"):
        result.hold(_pair(t, node, element(t, receiver, node)))
        return
    sharing = t.know.sharing(name, given)
    if method == "__enter__":
        sharing = "self"
    if sharing == "self":
        result.alts = (receiver,)
        receiver.holders = [*(receiver.holders or ()), result][:40]
        result.type = result.type or receiver.type
    elif sharing == "elements" or (
        sharing == "view" and receiver.type in ("dict", "list", "collections.deque")
    ):
        if method in ("get", "pop", "setdefault") and args and args[0].const is not ... and receiver.keyed:
            found = receiver.keyed.get(args[0].const)
            if found is not None:
                result.alts, result.type = (found,), found.type
                return
        for one in receiver.parts or ():
            result.hold(one)
    elif sharing == "view" and receiver.type != "pandas.GroupBy":
        result.share(receiver)


def _pair(t: Tracer, node: ast.AST, one: Thing) -> Thing:
    pair = t.made("tuple", "element", node, (one,))
    pair.hold(t.made(None, "key", node), 0)
    pair.hold(one, 1)
    return pair


# -- the notebook's own functions and classes --------------------------------------------------------------------------
def member(t: Tracer, receiver: Thing, name: str) -> Thing | None:
    """A method or class attribute of an instance of a notebook class (or of the class itself)."""
    owner = receiver if receiver.kind == "class" else receiver.owner if receiver.kind == "value" else None
    for _ in range(6):
        if owner is None or owner.kind != "class" or owner.keyed is None:
            return None
        if name in owner.keyed:
            return owner.keyed[name]
        owner = next((one for one in owner.sources if one.kind == "class"), None)
    return None


def _instance(
    t: Tracer, node: ast.AST, called: Thing, args: list[Thing], keywords: dict[str, Thing]
) -> Thing:
    base = next((one.origin for one in called.sources if one.kind == "name"), None)
    made = t.made(t.know.canonical(base) if base else None, called.origin, node, tuple(args[:8]))
    made.owner = called
    if made.type is None or not t.know.knows_type(made.type):
        made.type = made.type or f"__main__.{called.origin}"
    for name in ("__init__", "__post_init__"):
        initial = member(t, called, name)
        if initial is not None and initial.node is not None:
            invoke(t, initial, [made, *args] if name == "__init__" else [made], keywords)
            return made
    for number, one in enumerate(args):
        made.hold(one, number)
    for name, one in keywords.items():
        made.hold(one, f".{name}")
    return made


def _is_static(node: ast.AST) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id == "staticmethod" for one in getattr(node, "decorator_list", ())
    )


def invoke(t: Tracer, function: Thing, args: Sequence[Thing], keywords: Mapping[str, Thing]) -> Thing:
    """Walk a notebook function's body with these arguments; what it returns."""
    node = function.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return Thing()
    visits = t.visits.get(node, 0)
    if node in t.active or len(t.active) >= DEPTH or visits >= VISITS:
        for name in t.functions_read.get(node, ()):
            t.reads[t.run.cell, name] = None
        return Thing(sources=tuple(args[:4]), origin=getattr(node, "name", "lambda"))
    t.visits[node] = visits + 1
    t.active.append(node)
    scope = Scope(outer=function.scope or t.globals, declared=_declared(node))
    _bind_parameters(t, scope, node, args, keywords)
    saved = t.scope, t.cell, t.returned, t.yielded
    t.scope, t.returned, t.yielded = scope, [], []
    t.cell = function.place.cell or t.cell
    try:
        return _walk_body(t, node)
    finally:
        t.scope, t.cell, t.returned, t.yielded = saved
        t.active.pop()


def _walk_body(t: Tracer, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Thing:
    from .expressions import evaluate
    from .statements import body

    if isinstance(node, ast.Lambda):
        return evaluate(t, node.body)
    body(t, node.body)
    if t.yielded:
        made = t.made("generator", "generator", node)
        for one in t.yielded:
            made.hold(one)
        return made
    return t.merged(t.returned) or Thing(type="NoneType", const=None)


def _declared(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    if isinstance(node, ast.Lambda):
        return frozenset()
    return frozenset(name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names)


def _bind_parameters(
    t: Tracer,
    scope: Scope,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    args: Sequence[Thing],
    keywords: Mapping[str, Thing],
) -> None:
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    every = [*names, *(one.arg for one in node.args.kwonlyargs)]
    for name in every:
        scope.names[name] = Thing(origin="parameter")
    defaults = zip(reversed(names), reversed(node.args.defaults), strict=False)
    for name, default in (*defaults, *zip(every[len(names) :], node.args.kw_defaults, strict=False)):
        if isinstance(default, ast.Constant):
            scope.names[name] = Thing(type=type(default.value).__name__, const=default.value)
    scope.names.update(zip(names, args, strict=False))
    scope.names.update({name: one for name, one in keywords.items() if name in every})
    if node.args.vararg:
        rest = Thing(type="tuple", origin="parameter")
        for number, one in enumerate(args[len(names) :]):
            rest.hold(one, number)
        scope.names[node.args.vararg.arg] = rest
    if node.args.kwarg:
        more = Thing(type="dict", origin="parameter")
        for name, one in keywords.items():
            if name not in every:
                more.hold(one, name)
        scope.names[node.args.kwarg.arg] = more


# -- texts that the source tells ---------------------------------------------------------------------------------------
def _text(name: str, args: list[Thing]) -> Any:
    """The value of a call that only puts texts together, else `...`."""
    consts = [one.const for one in args]
    if name in ("os.path.join", "pathlib.Path", "pathlib.PurePath") and all(
        isinstance(one, str) for one in consts
    ):
        return (
            "/".join(
                one.rstrip("/") if number < len(consts) - 1 else one for number, one in enumerate(consts)
            )
            or "."
        )
    if name in ("str", "os.path.abspath", "os.path.expanduser", "os.fspath") and len(consts) == 1:
        return consts[0] if isinstance(consts[0], (str, int)) else ...
    return ...


def _of_text(text: Any, method: str, args: list[Thing]) -> Any:
    if not isinstance(text, str):
        return ...
    consts = [one.const for one in args]
    if method == "split" and all(isinstance(one, str) for one in consts):
        try:
            return text.split(*consts[:1])
        except ValueError:
            return ...
    if method in ("strip", "lower", "upper") and not args:
        return getattr(text, method)()
    return ...
