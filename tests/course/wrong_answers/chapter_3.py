"""Typical wrong answers to the exercises of chapter 3, and a part of the hint that each should get."""

import numpy as np

REACH = {(0, 1, 1, 0), (1, 0, 0, 1)}


def _softmax(scores, axis=-1):
    powers = np.exp(scores)
    return powers / powers.sum(axis=axis, keepdims=True)


def _in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    return scores


def _with_loop(X, W, b):
    return np.array([_softmax(x @ W + b) for x in X])


def _with_while(X, W, b):
    rows, i = [], 0
    while i < len(X):
        rows.append(_softmax(X[i] @ W + b))
        i += 1
    return np.array(rows)


def _hidden_loop(X, W, b):
    return np.apply_along_axis(lambda x: _softmax(x @ W + b), 1, X)


WRONG = [
    ("3.1", {"AND": (1, 1, -1.5), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)}, "surer"),
    ("3.1", {"AND": (10, 10, -15), "OR": (10, 10, 0), "NAND": (-10, -10, 15)}, "With b = 0"),
    ("3.1", {"AND": (10, 10, -15), "OR": (10, 10, -5), "NAND": (10, 10, -15)}, "opposite"),
    ("3.1", {"AND": (10, 10, -5), "OR": (10, 10, -5), "NAND": (-10, -10, 15)}, "four scores"),
    ("3.1", {"AND": (10, 10), "OR": (10, 10, -5), "NAND": (-10, -10, 15)}, "(w1, w2, b)"),
    ("3.2", lambda scores: scores / scores.max(axis=1, keepdims=True), "divided by the maximum"),
    ("3.2", lambda scores: scores - scores.max(), "axis, keepdims"),
    ("3.2", lambda scores: scores - scores.max(axis=0), "column"),
    ("3.2", lambda scores: scores - scores.max(axis=1), "keepdims=True"),
    ("3.2", lambda scores: scores - scores.mean(axis=1, keepdims=True), "mean"),
    ("3.2", lambda scores: scores, "that came in"),
    ("3.2", _in_place, "Make a new one"),
    ("3.3", _with_loop, "all points at once"),
    ("3.3", _with_while, "all points at once"),
    ("3.3", _hidden_loop, "all points at once"),
    ("3.3", lambda X, W, b: X @ W + b, "their softmax"),
    ("3.3", lambda X, W, b: _softmax(X @ W + b, axis=None), "whole batch"),
    ("3.3", lambda X, W, b: _softmax(X @ W + b, axis=0), "columns"),
    ("3.3", lambda X, W, b: _softmax(X @ W), "bias is missing"),
    ("3.3", lambda X, W, b: 1 / (1 + np.exp(-(X @ W + b))), "sigmoid"),
    ("3.4", {(0, 1, 1, 0)}, "out of reach"),
    ("3.4", REACH | {(1, 1, 1, 0)}, "four corners"),
    ("3.4", {(0, 0, 0, 0), (1, 1, 1, 1)} | REACH, "four corners"),
    ("3.4", {"XOR"}, "Write {"),
]
