import sys


def third(last) -> None:
    print(last, sys._getframe().f_code.co_name)
