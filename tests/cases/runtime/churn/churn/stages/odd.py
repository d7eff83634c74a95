# Odd: functions that share a variable
def make_counter():
    count = total

    def up():
        nonlocal count
        count += 1
        return count

    return up


counter = make_counter()
print(counter(), counter.__module__)
seen = fill(rows)  # noqa: F821
row = Row(seen)  # noqa: F821
total = len(rows)  # noqa: F821
