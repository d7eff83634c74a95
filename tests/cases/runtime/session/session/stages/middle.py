"""Middle."""


def middle(x):
    y = x * 2
    return y
