"""Report."""

from churn.functions import fill


def report(rows, alias, counter, row):
    print(rows is alias, counter(), row, fill(rows) is row.value)
    lines = [str(one) for one in rows]
    return lines
