def third(last) -> None:
    print(last)
