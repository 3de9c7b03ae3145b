"""Numbers that a training logged, read from what was handed in: pure functions on bytes, which may be anybody's."""
