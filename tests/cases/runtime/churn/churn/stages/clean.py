"""Clean."""

import random


def clean(rows, alias, rate):
    rows.append([rate, round(random.random(), 6)])
    print(alias is rows, len(alias))
