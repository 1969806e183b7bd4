"""Typical wrong answers to the exercises of chapter 11, and a part of the hint that each should get."""

import numpy as np


def adam(form):
    def answer(w, gradient, steps, rate, beta1, beta2, epsilon):
        m = v = 0 * w
        points = [w] if form == "start" else []
        for t in range(0 if form == "zero" else 1, steps + (0 if form == "zero" else 1)):
            g = gradient(w)
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            with np.errstate(all="ignore"):
                rate_t = np.float64(rate) * np.sqrt(1 - beta2**t) / (1 - beta1**t)
                if form == "paper":
                    change = rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
                elif form == "uncorrected":
                    change = rate * m / (np.sqrt(v) + epsilon)
                elif form == "under":
                    change = rate_t * m / np.sqrt(v + epsilon)
                else:
                    change = rate_t * m / (np.sqrt(v) + epsilon)
            if form == "in place":
                w -= change
            else:
                w = w - change * (-1 if form == "uphill" else 1)
            points.append(w + change if form == "before" else w)
        return points

    return answer


RIGHT = {"A": "RMSProp", "B": "momentum", "C": "gradient descent", "D": "Adam", "E": "AdaGrad"}

WRONG = [
    ("11.1", adam("paper"), "TensorFlow's form"),
    ("11.1", adam("uncorrected"), "without bias correction"),
    ("11.1", adam("under"), "under the root"),
    ("11.1", adam("zero"), "The first step is t = 1"),
    ("11.1", adam("in place"), "changed in place"),
    ("11.1", adam("before"), "Append w after the step"),
    ("11.1", adam("start"), "starting point"),
    ("11.1", adam("uphill"), "uphill"),
    ("11.1", lambda *args, **kwargs: [], "after each step"),
    ("11.2", -0.005, "against its gradient"),
    ("11.2", 0.001, "with bias correction"),
    ("11.2", 0.00316, "0.999"),
    ("11.2", 0.035, "drops out"),
    ("11.2", 0.05, "root over v"),
    ("11.3", {**RIGHT, "D": "AdaGrad", "E": "Adam"}, "only get shorter"),
    ("11.3", {**RIGHT, "A": "Adam", "D": "RMSProp"}, "exactly the same length"),
    ("11.3", {**RIGHT, "B": "gradient descent", "C": "momentum"}, "same factor in every step"),
    ("11.3", dict.fromkeys("ABCDE"), "which of them are equally long"),
    ("11.3", {**RIGHT, "A": "rmsprob"}, "rmsprop"),
    ("11.4", 1203, "What does Adam remember"),
    ("11.4", 3609, "two more numbers"),
    ("11.4", 2406, "must be saved too"),
    ("11.4", 3452, "biases are variables"),
]
