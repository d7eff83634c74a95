"""What is copied beside a running notebook or pipeline and looks at its values there, without changing them.

Only the standard library is imported, and the syntax is Python 3.9's: the interpreter is the user's.
"""
