"""The few names that files written for Python 2 and 3 take from the `future` distribution."""
