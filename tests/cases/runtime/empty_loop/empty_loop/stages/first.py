def first():
    rows = []
    for row in rows:
        last = row
    print("no rows")
    return last, rows
