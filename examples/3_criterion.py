"""The training criterion: how wrong are the probabilities?

The truth about a point is a row c with a 1 for its class and 0 elsewhere; a classifier answers with a row
p. The probability that it gave to what really happened is the product of all pₖ^cₖ, and over independent
points the product of those. Sums are easier than products, and to be made small is the custom, so the
criterion is

    J = - Σ c ⊙ log p        (⊙: element by element; the sum runs over the classes, then over the points).

It costs nothing to be sure and right, log 2 to shrug between two classes, and a lot to be sure and wrong.

Prints the cost of four answers to the same question, and their sum J.
"""

import numpy as np

import tensorglass as tg

ANSWERS = np.array([[0.99, 0.01], [0.70, 0.30], [0.50, 0.50], [0.01, 0.99]])
TRUTH = np.array([[1, 0], [1, 0], [1, 0], [1, 0]])


def main():
    """Return the cost of each answer, and J."""
    with tg.Graph().as_default():
        p = tg.placeholder()
        c = tg.placeholder()

        of_each = tg.negative(tg.reduce_sum(tg.multiply(c, tg.log(p)), axis=1))
        J = tg.reduce_sum(of_each)

        costs, total = tg.Session().run([of_each, J], {p: ANSWERS, c: TRUTH})

    for row, cost in zip(ANSWERS, costs, strict=True):
        print(f"p = ({row[0]:.2f}, {row[1]:.2f})  cost {cost:.6f}")
    print(f"J = {total:.6f}")
    return costs, total


if __name__ == "__main__":
    main()
