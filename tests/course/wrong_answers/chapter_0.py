"""Typical wrong answers to the exercises of chapter 0, and a part of the hint that each must get."""

WRONG = [
    ("0.1", "shifted", "Step on"),
    ("0.1", "logarithm", "not a NaN yet"),
    ("0.1", "total", "inherits"),
    ("0.1", 3, "in quotes"),
    ("0.2", ["total", "score", "inverse", "logarithm", "square", "shifted", "x"], "order of asking"),
    ("0.2", ["x", "shifted", "square", "logarithm", "score", "inverse", "total"], "comes after the nodes"),
    ("0.2", ["x", "shifted", "square", "logarithm", "inverse", "score"], "All seven"),
    ("0.2", {"x", "shifted"}, "["),
    ("0.3", {"score", "total"}, "earlier line"),
    ("0.3", {"logarithm", "score"}, "What uses"),
    ("0.3", {"x", "logarithm", "score", "total"}, "backwards"),
]
