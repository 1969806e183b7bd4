"""Typical wrong answers to the exercises of chapter 26, and a part of the hint that each should get."""

import numpy as np

from tensorglass.course.exercises.chapter_26 import _TYPES, POINTS, TARGETS, WEIGHTS


def ported(dtype=np.float64, sign=-1, mean=False, whole_list=False):
    def answer(tf):
        with tf.Graph().as_default(), tf.Session() as session:
            x = tf.placeholder(dtype, [None, 2])
            W = tf.Variable(WEIGHTS.astype(dtype))
            J = sign * tf.reduce_sum(tf.constant(TARGETS.astype(dtype)) * tf.log(tf.nn.softmax(tf.matmul(x, W))))
            J = J / len(POINTS) if mean else J
            gradient = tf.gradients(J, [W])
            session.run(tf.global_variables_initializer())
            return session.run([J, gradient if whole_list else gradient[0]], {x: POINTS})

    return answer


def only_the_loss(tf):
    return ported()(tf)[0]


RIGHT = {expression: names[0] for expression, names in _TYPES.items()}

WRONG = [
    ("26.1", ported(np.float32), "Say the type"),
    ("26.1", ported(sign=1), "minus the sum"),
    ("26.1", ported(mean=True), "mean over the points"),
    ("26.1", ported(whole_list=True), "take its first element"),
    ("26.1", only_the_loss, "gives both"),
    ("26.2", {**RIGHT, "a * b": "Multiply"}, "shorter"),
    ("26.2", {**RIGHT, "a / b": "Div"}, "whole numbers"),
    ("26.2", {**RIGHT, "tf.matmul(a, b)": "matmul"}, "Upper and lower case"),
    ("26.2", {**RIGHT, "-a": ""}, "Build it in a graph"),
    ("26.3", 5, "more than one operation"),
    ("26.3", 10, "random_normal is six"),
    ("26.3", 15, "One off"),
]
