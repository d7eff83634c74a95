def second(last, rows):
    for row in [*rows, 5]:
        last = row
    return last
