"""Formulas of comparisons, truth values, bits and choices.  [c] is 1 where c holds, else 0."""

FORMULAS = {
    "Less": (r"z = [x < y]", {}),
    "LessEqual": (r"z = [x \le y]", {}),
    "Greater": (r"z = [x > y]", {}),
    "GreaterEqual": (r"z = [x \ge y]", {}),
    "Equal": (r"z = [x = y]", {}),
    "NotEqual": (r"z = [x \ne y]", {}),
    "LogicalAnd": (r"z = x \land y", {}),
    "LogicalOr": (r"z = x \lor y", {}),
    "LogicalNot": (r"y = \lnot x", {}),
    # Bit by bit: b numbers the bits
    "BitwiseAnd": (r"z_b = x_b \land y_b", {}),
    "BitwiseOr": (r"z_b = x_b \lor y_b", {}),
    "BitwiseXor": (r"z_b = x_b \oplus y_b", {}),
    "Invert": (r"y_b = \lnot x_b", {}),
    "LeftShift": (r"z = x \cdot 2^y", {}),
    "RightShift": (r"z = \left\lfloor x / 2^y \right\rfloor", {}),
    # Choices
    "SelectV2": (
        r"y = \begin{cases} t & \text{where } c \\ e & \text{elsewhere} \end{cases}",
        {"t": r"t += [c] \odot \bar y", "e": r"e += [\lnot c] \odot \bar y"},
    ),
    "Select": (
        r"y = \begin{cases} t & \text{where } c \\ e & \text{elsewhere} \end{cases}",
        {"t": r"t += [c] \odot \bar y", "e": r"e += [\lnot c] \odot \bar y"},
    ),
    "Where": (r"y = (i \mid c_i \ne 0)", {}),
}
