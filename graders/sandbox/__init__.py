"""Where untrusted code runs, seen from the trusted side.

``open_sandbox`` is the way in; ``session`` says what comes out of it.
"""
