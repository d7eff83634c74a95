"""The productions of notebook_grammar: what random notebooks are made of."""

from notebook_grammar import Scope, integer, production

# -- plain values ---------------------------------------------------------------------------------------------------------


@production(6)
def bind_number(scope: Scope) -> list[str]:
    value = integer(scope)
    return [f"{scope.bind(scope.new('int', 'n'), 'int')} = {value}"]


@production(2)
def bind_constant(scope: Scope) -> list[str]:
    return [f"{scope.bind(scope.fresh('LIMIT_'), 'constant')} = {scope.number()}"]


@production(3, "constant")
def use_constant(scope: Scope) -> list[str]:
    return [
        f"{scope.bind(scope.new('int', 'n'), 'int')} = {scope.one('constant')} * {integer(scope, 1)} % 997"
    ]


@production(3, "int")
def change_number(scope: Scope) -> list[str]:
    return [f"{scope.one('int')} += {integer(scope, 1)}"]


@production(4)
def bind_list(scope: Scope) -> list[str]:
    items = ", ".join(integer(scope, 1) for _ in range(scope.number(3, 6)))
    return [f"{scope.bind(scope.new('list', 'xs'), 'list')} = [{items}]"]


@production(5, "list")
def change_list(scope: Scope) -> list[str]:
    name, value = scope.one("list"), integer(scope, 1)
    return [
        scope.rng.choice(
            [
                f"{name}.append({value})",
                f"{name}.insert(0, {value})",
                f"{name}.sort()",
                f"{name}.reverse()",
                f"{name}[{value} % len({name})] = {value}",
                f"{name}.extend([{value}, 7])",
                f"{name} += [{value}]",
                f"if len({name}) > 3:\n    {name}.pop()",
                f"if len({name}) > 3:\n    del {name}[1]",
                f"{name}[:2] = [{value}, 5, 4]",
            ]
        )
    ]


@production(4, "list")
def alias_list(scope: Scope) -> list[str]:
    source = scope.one("list")
    return [f"{scope.bind(scope.fresh('al'), 'list')} = {source}"]


@production(3, "list")
def derive_list(scope: Scope) -> list[str]:
    source = scope.one("list")
    made = scope.rng.choice(
        [f"[one * 2 for one in {source}]", f"{source}[:]", f"sorted({source})", f"list(reversed({source}))"]
    )
    return [f"{scope.bind(scope.new('list', 'ys'), 'list')} = {made}"]


@production(3, "list")
def nest_lists(scope: Scope) -> list[str]:
    items = ", ".join(scope.one("list") for _ in range(scope.number(2, 3)))
    return [f"{scope.bind(scope.fresh('nest'), 'nested')} = [{items}]"]


@production(4, "nested")
def change_through_nest(scope: Scope) -> list[str]:
    name = scope.one("nested")
    return [
        scope.rng.choice(
            [
                f"{name}[0].append({integer(scope, 1)})",
                f"for part in {name}:\n    part.append({scope.number()})",
                f"for place, part in enumerate({name}):\n    part[0] = place",
                f"{name}[-1][0] += 1",
            ]
        )
    ]


@production(3)
def bind_dict(scope: Scope) -> list[str]:
    pairs = ", ".join(f"'{key}': {integer(scope, 1)}" for key in "abcd"[: scope.number(1, 4)])
    return [f"{scope.bind(scope.new('dict', 'd'), 'dict')} = {{{pairs}}}"]


@production(4, "dict")
def change_dict(scope: Scope) -> list[str]:
    name, value = scope.one("dict"), integer(scope, 1)
    return [
        scope.rng.choice(
            [
                f"{name}['{scope.rng.choice('abxyz')}'] = {value}",
                f"{name}.update(a={value}, e=1)",
                f"{name}.setdefault('q', []).append({value})",
                f"{name}.pop('b', None)",
                f"for key in list({name}):\n    {name}[key] = {name}[key] if key == 'q' else {scope.number()}",
            ]
        )
    ]


@production(2, "list")
def dict_of_lists(scope: Scope) -> list[str]:
    name = scope.bind(scope.fresh("held"), "dict")
    return [
        f"{name} = {{'first': {scope.one('list')}, 'second': {scope.one('list')}}}",
        f"{name}['first'].append(1)",
    ]


@production(2)
def bind_text(scope: Scope) -> list[str]:
    name = scope.bind(scope.new("text", "t"), "text")
    return [f'{name} = f"<{{{integer(scope, 1)}:>4}}> {scope.number()}"']


@production(2, "text")
def print_text(scope: Scope) -> list[str]:
    name = scope.one("text")
    return [
        scope.rng.choice([f"print({name})", f"print({name}, end=' ')", f"print(*{name}.split(), sep='-')"])
    ]


@production(3, "int")
def print_number(scope: Scope) -> list[str]:
    return [f"print('now', {integer(scope)})"]


@production(2)
def bind_set(scope: Scope) -> list[str]:
    name = scope.bind(scope.new("set", "s"), "set")
    return [f"{name} = {{{integer(scope, 1)}, {integer(scope, 1)}, 3}}", f"{name}.add({scope.number()})"]


@production(2, "list")
def unpack(scope: Scope) -> list[str]:
    first, rest = scope.bind(scope.fresh("h"), "int"), scope.bind(scope.fresh("rest"), "list")
    return [f"{first}, *{rest} = {scope.one('list')} + [1]"]


@production(1.5)
def bind_deque(scope: Scope) -> list[str]:
    scope.need("from collections import deque")
    name = scope.bind(scope.fresh("dq"), "deque")
    return [f"{name} = deque([{integer(scope, 1)}, 2, 3], maxlen=3)", f"{name}.append({integer(scope, 1)})"]


@production(1.5, "list")
def count_items(scope: Scope) -> list[str]:
    scope.need("from collections import Counter")
    name = scope.bind(scope.fresh("tally"), "counter")
    return [f"{name} = Counter({scope.one('list')})", f"{name}.update([1, 1, {scope.number()}])"]


@production(1.5, "list")
def start_iterator(scope: Scope) -> list[str]:
    name = scope.bind(scope.fresh("it"), "iterator")
    return [f"{name} = iter(list({scope.one('list')}))", f"next({name})"]


# -- control flow -----------------------------------------------------------------------------------------------------------


@production(3, "int")
def branch(scope: Scope) -> list[str]:
    name = scope.bind(scope.new("int", "b"), "int")
    return [
        f"if {integer(scope, 1)} > {scope.number()}:",
        f"    {name} = {integer(scope, 1)}",
        "else:",
        f"    {name} = {scope.number()}",
    ]


@production(2, "int")
def bind_perhaps(scope: Scope) -> list[str]:
    name = scope.one("int")
    return [f"if {integer(scope, 1)} % 2:", f"    {name} = {integer(scope, 1)}"]


@production(2, "list")
def loop(scope: Scope) -> list[str]:
    total, item = scope.bind(scope.fresh("sum"), "int"), scope.bind(scope.fresh("each"), "int")
    return [
        f"{total} = 0",
        f"for {item} in {scope.one('list')}:",
        f"    {total} += {item} % {scope.number()}",
    ]


@production(1.5)
def catch(scope: Scope) -> list[str]:
    name = scope.bind(scope.fresh("got"), "int")
    return [
        "try:",
        f"    {name} = int('x') + 1",
        "except ValueError as problem:",
        f"    {name} = len(str(problem))",
    ]


@production(1, "int")
def delete_name(scope: Scope) -> list[str]:
    name = scope.fresh("gone")
    return [f"{name} = {integer(scope, 1)}", f"print({name})", f"del {name}"]


@production(1, "list")
def walrus(scope: Scope) -> list[str]:
    name = scope.bind(scope.fresh("w"), "int")
    return [f"print([{name} := one % 5 for one in {scope.one('list')}])"]


# -- functions and classes --------------------------------------------------------------------------------------------------


def _define(scope: Scope, body: list[str], arguments: str = "x", prefix: str = "f") -> list[str]:
    name = scope.bind(scope.fresh(prefix), "function")
    scope.functions[name] = 1
    return [f"def {name}({arguments}):", *(f"    {line}" for line in body)]


@production(2)
def define_plain(scope: Scope) -> list[str]:
    return _define(scope, [f"return (x * {scope.number()} + {scope.number()}) % 991"])


@production(3, "int")
def define_reading_global(scope: Scope) -> list[str]:
    return _define(scope, [f"return (x + {scope.one('int')}) % 991"])


@production(2, "list")
def define_changing_global_list(scope: Scope) -> list[str]:
    name = scope.one("list")
    return _define(scope, [f"{name}.append(x % 7)", f"return len({name})"])


@production(1.5, "int")
def define_rebinding_global(scope: Scope) -> list[str]:
    name = scope.one("int")
    return _define(scope, [f"global {name}", f"{name} = (x + 1) % 991", f"return {name}"])


@production(1.5)
def define_with_memory(scope: Scope) -> list[str]:
    return _define(scope, ["seen.append(x)", "return len(seen)"], "x, seen=[]")


@production(1.5, "function")
def define_calling(scope: Scope) -> list[str]:
    return _define(scope, [f"return {scope.one('function')}(x) + 1"])


@production(2, "function")
def call_and_print(scope: Scope) -> list[str]:
    return [f"print({scope.one('function')}({integer(scope, 1)}))"]


@production(1.5, "int")
def bind_lambda(scope: Scope) -> list[str]:
    name = scope.bind(scope.fresh("g"), "function")
    return [f"{name} = lambda x: x + {scope.one('int')}"]


@production(2)
def make_closure(scope: Scope) -> list[str]:
    maker, name = scope.fresh("make"), scope.bind(scope.fresh("tick"), "closure")
    return [
        f"def {maker}(start):",
        "    def step():",
        "        nonlocal start",
        f"        start += {scope.number()}",
        "        return start",
        "    return step",
        f"{name} = {maker}({integer(scope, 1)})",
        f"print({name}())",
    ]


@production(2, "closure")
def call_closure(scope: Scope) -> list[str]:
    return [f"{scope.bind(scope.fresh('k'), 'int')} = {scope.one('closure')}()"]


@production(2.5)
def define_class(scope: Scope) -> list[str]:
    kind, name = scope.fresh("Box"), scope.bind(scope.fresh("box"), "object")
    return [
        f"class {kind}:",
        f"    shared = [{scope.number()}]",
        "    def __init__(self, total):",
        "        self.total = total",
        "        self.items = [total]",
        "    def add(self, value):",
        "        self.total += value",
        "        self.items.append(value)",
        "        return self",
        f"{name} = {kind}({integer(scope, 1)})",
    ]


@production(3, "object")
def change_object(scope: Scope) -> list[str]:
    name = scope.one("object")
    return [
        scope.rng.choice(
            [
                f"{name}.add({integer(scope, 1)})",
                f"{name}.total = {integer(scope, 1)}",
                f"{name}.items[0] = {scope.number()}",
                f"type({name}).shared.append({scope.number()})",
                f"{name}.shared = {name}.shared + [1]",
            ]
        )
    ]


@production(2, "object")
def alias_object(scope: Scope) -> list[str]:
    source = scope.one("object")
    return [f"{scope.bind(scope.fresh('ob'), 'object')} = {source}"]


@production(1.5, "object", "list")
def object_holds_list(scope: Scope) -> list[str]:
    return [f"{scope.one('object')}.items = {scope.one('list')}"]


# -- numpy and random streams ---------------------------------------------------------------------------------------------


@production(2)
def bind_array(scope: Scope) -> list[str]:
    scope.need("import numpy as np")
    name = scope.bind(scope.new("array", "m"), "array")
    return [f"{name} = np.arange({scope.number(4, 8)}) * {integer(scope, 1)}"]


@production(3, "array")
def change_array(scope: Scope) -> list[str]:
    name = scope.one("array")
    return [
        scope.rng.choice(
            [
                f"{name} += {scope.number()}",
                f"{name}[1] = {integer(scope, 1)}",
                f"{name}[:2] *= 2",
                f"np.add({name}, 1, out={name})",
                f"{name}.sort()",
            ]
        )
    ]


@production(2.5, "array")
def view_array(scope: Scope) -> list[str]:
    source, name = scope.one("array"), scope.bind(scope.fresh("view"), "array")
    made = scope.rng.choice(
        [f"{source}[1:]", f"{source}[::2]", source, f"{source}.copy()", f"{source}.reshape(-1)"]
    )
    return [f"{name} = {made} if len({source}) > 3 else {source}"]


@production(2)
def draw_global(scope: Scope) -> list[str]:
    scope.need("import random")
    draw = scope.rng.choice(
        ["random.randint(0, 99)", "random.choice([3, 5, 8])", "int(random.random() * 100)"]
    )
    return [f"{scope.bind(scope.fresh('r'), 'int')} = {draw}"]


@production(2)
def draw_numpy(scope: Scope) -> list[str]:
    scope.need("import numpy as np")
    return [f"{scope.bind(scope.fresh('q'), 'array')} = np.random.randint(0, 50, {scope.number(4, 6)})"]


@production(1)
def seed_streams(scope: Scope) -> list[str]:
    scope.need("import random")
    scope.need("import numpy as np")
    return [f"random.seed({scope.number()})", f"np.random.seed({scope.number()})"]


@production(1.5)
def own_stream(scope: Scope) -> list[str]:
    scope.need("import random")
    name = scope.bind(scope.fresh("rs"), "stream")
    return [
        f"{name} = random.Random({scope.number()})",
        f"{scope.bind(scope.fresh('r'), 'int')} = {name}.randint(0, 9)",
    ]


@production(1.5)
def own_generator(scope: Scope) -> list[str]:
    scope.need("import numpy as np")
    name = scope.bind(scope.fresh("rg"), "generator")
    return [f"{name} = np.random.default_rng({scope.number()})", f"print({name}.integers(100))"]


@production(1.5, "generator")
def draw_generator(scope: Scope) -> list[str]:
    return [f"{scope.bind(scope.fresh('r'), 'int')} = int({scope.one('generator')}.integers(100))"]


# -- pandas -----------------------------------------------------------------------------------------------------------------


@production(3)
def bind_frame(scope: Scope) -> list[str]:
    scope.need("import pandas as pd")
    rows = [[scope.number() for _ in range(4)] for _ in range(2)]
    name = scope.bind(scope.new("frame", "df"), "frame")
    return [f"{name} = pd.DataFrame({{'a': {rows[0]}, 'b': {rows[1]}, 'c': list('wxyz')}})"]


@production(6, "frame")
def change_frame(scope: Scope) -> list[str]:
    name, value = scope.one("frame"), integer(scope, 1)
    return [
        scope.rng.choice(
            [
                f"{name}['n{scope.number()}'] = {name}['a'] + {value}",
                f"{name}['a'] = {name}['a'] * 2",
                f"{name}.loc[{name}.index[0], 'a'] = {value}",
                f"{name}.sort_values('a', inplace=True)",
                f"{name}.drop(columns=['b'], errors='ignore', inplace=True)",
                f"{name}.rename(columns={{'c': 'kind'}}, inplace=True)",
                f"{name}.reset_index(drop=True, inplace=True)",
                f"{name}.insert(0, 'i{scope.fresh('')}', {value})",
                f"{name} = {name}.assign(z={value})",
                f"{name} = {name}[{name}['a'] > -1].copy()",
                f"{name}['a'] += 1",
            ]
        )
    ]


@production(2.5, "frame")
def alias_frame(scope: Scope) -> list[str]:
    source = scope.one("frame")
    made = scope.rng.choice([source, source, f"{source}.copy()"])
    return [f"{scope.bind(scope.fresh('al'), 'frame')} = {made}"]


@production(2, "frame")
def loop_over_frames(scope: Scope) -> list[str]:
    return [
        f"for part in [{scope.one('frame')}, {scope.one('frame')}]:",
        f"    part['k{scope.number()}'] = {integer(scope, 1)}",
    ]


@production(1.5, "frame", "int")
def query_frame(scope: Scope) -> list[str]:
    return [f"print(len({scope.one('frame')}.query('a > @{scope.one('int')}')))"]


@production(1.5, "frame", "function")
def apply_to_frame(scope: Scope) -> list[str]:
    name = scope.one("frame")
    return [
        f"{name}['f{scope.number()}'] = {name}['a'].map(lambda one: int(one) % 7).apply({scope.one('function')})"
    ]


@production(1.5, "frame")
def print_frame(scope: Scope) -> list[str]:
    name = scope.one("frame")
    return [
        scope.rng.choice(
            [f"print({name})", f"print({name}.describe())", f"print({name}.groupby('a').size())"]
        )
    ]


@production(1, "frame")
def show_frame(scope: Scope) -> list[str]:
    return [f"{scope.one('frame')}.head()"]


@production(0.7)
def set_option(scope: Scope) -> list[str]:
    scope.need("import pandas as pd")
    return [f"pd.set_option('display.precision', {scope.number(2, 5)})", "print(pd.Series([1 / 3]))"]


# -- the world outside --------------------------------------------------------------------------------------------------------


@production(2)
def write_file(scope: Scope) -> list[str]:
    name = f"{scope.fresh('note')}.txt"
    scope.files.append(name)
    return [f"with open('{name}', 'w') as file:", f"    print('line', {integer(scope, 1)}, file=file)"]


@production(2)
def append_file(scope: Scope) -> list[str]:
    if not scope.files:
        return list(write_file(scope))
    return [
        f"with open('{scope.rng.choice(scope.files)}', 'a') as file:",
        f"    print({integer(scope, 1)}, file=file)",
    ]


@production(1.5)
def read_file(scope: Scope) -> list[str]:
    made = [] if scope.files else write_file(scope)
    return [
        *made,
        f"{scope.bind(scope.new('text', 't'), 'text')} = open('{scope.rng.choice(scope.files)}').read()",
    ]


@production(1, "frame")
def through_csv(scope: Scope) -> list[str]:
    name = f"{scope.fresh('table')}.csv"
    scope.files.append(name)
    source = scope.one("frame")
    return [
        f"{source}.to_csv('{name}', index=False)",
        f"{scope.bind(scope.fresh('df'), 'frame')} = pd.read_csv('{name}')",
    ]


@production(1)
def environment_variable(scope: Scope) -> list[str]:
    scope.need("import os")
    return [
        f"os.environ['SETTING_{scope.number(1, 3)}'] = '{scope.number()}'",
        f"print(os.environ.get('SETTING_{scope.number(1, 3)}'))",
    ]


@production(1.5)
def draw_figure(scope: Scope) -> list[str]:
    scope.need("import matplotlib.pyplot as plt")
    axes = scope.bind(scope.fresh("ax"), "axes")
    return [f"{scope.fresh('fig')}, {axes} = plt.subplots()", f"{axes}.plot([1, {integer(scope, 1)}, 3])"]


@production(1.5, "axes")
def change_figure(scope: Scope) -> list[str]:
    name = scope.one("axes")
    return [
        scope.rng.choice(
            [
                f"{name}.plot([{scope.number()}, 2])",
                f"{name}.set_title('T{scope.number()}')",
                f"print(len({name}.lines))",
            ]
        )
    ]


@production(1)
def plot_current(scope: Scope) -> list[str]:
    scope.need("import matplotlib.pyplot as plt")
    return [
        f"plt.plot([1, 2, {scope.number()}])",
        f"plt.title('now {scope.number()}')",
        "print(len(plt.gca().lines))",
    ]


# -- IPython ------------------------------------------------------------------------------------------------------------------


@production(1.2)
def shell_line(scope: Scope) -> list[str]:
    return [f"!echo shell {scope.number()}"]


@production(1.2)
def shell_to_variable(scope: Scope) -> list[str]:
    return [f"{scope.bind(scope.fresh('out'), 'lines')} = !echo a{scope.number()}; echo b"]


@production(1, "int")
def shell_with_variable(scope: Scope) -> list[str]:
    return [f"!echo value {{{scope.one('int')}}}"]


@production(1)
def line_magic(scope: Scope) -> list[str]:
    name = scope.bind(scope.fresh("n"), "int")
    return [
        scope.rng.choice(
            [f"%time {name} = {integer(scope, 1)}", f"%env WORD={scope.number()}\n{name} = {scope.number()}"]
        )
    ]


@production(1, alone=True)
def timed_cell(scope: Scope) -> list[str]:
    return ["%%time", f"{scope.bind(scope.fresh('n'), 'int')} = {integer(scope, 1)}"]


@production(0.8, alone=True)
def captured_cell(scope: Scope) -> list[str]:
    return [
        f"%%capture {scope.fresh('cap')}",
        f"print({integer(scope, 1)})",
        f"{scope.bind(scope.fresh('n'), 'int')} = {integer(scope, 1)}",
    ]


@production(0.8, alone=True)
def written_cell(scope: Scope) -> list[str]:
    name = f"{scope.fresh('cell')}.txt"
    scope.files.append(name)
    return [f"%%writefile {name}", f"text {scope.number()}"]


@production(0.8, alone=True)
def shell_cell(scope: Scope) -> list[str]:
    return ["%%bash", f"echo from bash {scope.number()}"]


@production(1, "int")
def last_value(scope: Scope) -> list[str]:
    return [f"display({integer(scope, 1)})"]
