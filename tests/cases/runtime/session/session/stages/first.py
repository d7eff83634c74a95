"""First."""


def first():
    base = 20
    return base
