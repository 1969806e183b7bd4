"""An affine map, z = A x + b: the smallest graph that computes something.

Calling `add` and `matmul` computes nothing yet. It builds a graph: nodes for A, x and b, an edge from A and
from x to their product, from there and from b to the sum. The variables A and b keep their values; x is a
placeholder, an empty place until a run feeds it. The session then walks along the edges: the product first,
the sum after it.

Prints z for x = (1, 2), and for two more points with the same graph.
"""

import tensorglass as tg


def main():
    """Return z for x = (1, 2)."""
    with tg.Graph().as_default():
        A = tg.Variable([[1, 0], [0, -1]])
        b = tg.Variable([1, 1])

        x = tg.placeholder()

        y = tg.matmul(A, x)
        z = tg.add(y, b)

        session = tg.Session()
        output = session.run(z, {x: [1, 2]})
        print("z(1, 2) =", output)

        for point in [0, 0], [-3, 5]:
            print(f"z({point[0]}, {point[1]}) =", session.run(z, {x: point}))
    return output


if __name__ == "__main__":
    main()
