"""Load."""

import random

from churn.runner import kernel


def load(LIMIT, title):
    random.seed(7)
    rows = [[n, n * n] for n in range(LIMIT)]
    alias = rows
    total = sum(n for _, n in rows)
    print(title, total, random.random())
    kernel.show_result(rows)
    return rows, alias, total
