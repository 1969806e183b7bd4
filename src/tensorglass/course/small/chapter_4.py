"""A training criterion: one number that says how wrong the network is."""

import numpy as np


class negative(Operation):
    """z = −x"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return -x


class multiply(Operation):
    """z = x · y, element by element"""

    def __init__(self, x, y, name=None):
        super().__init__([x, y], name)

    def compute(self, x, y):
        return x * y


class divide(Operation):
    """z = x / y, element by element"""

    def __init__(self, x, y, name=None):
        super().__init__([x, y], name)

    def compute(self, x, y):
        return x / y


class log(Operation):
    """z = ln x"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return np.log(x)


class reduce_sum(Operation):
    """z = Σ x along an axis, or over everything"""

    def __init__(self, x, axis=None, keepdims=False, name=None):
        super().__init__([x], name)
        self.axis, self.keepdims = axis, keepdims

    def compute(self, x):
        return x.sum(axis=self.axis, keepdims=self.keepdims)


Node.__neg__ = lambda x: negative(x)
Node.__sub__ = lambda x, y: add(x, negative(y))
Node.__rsub__ = lambda x, y: add(y, negative(x))
Node.__mul__ = lambda x, y: multiply(x, y)
Node.__rmul__ = lambda x, y: multiply(y, x)
Node.__truediv__ = lambda x, y: divide(x, y)
Node.__rtruediv__ = lambda x, y: divide(y, x)
