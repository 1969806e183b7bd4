"""Formulas of matrices: products, diagonals, solutions of equations, decompositions.

Written for real matrices; of complex ones the transpose is the conjugate transpose.  diagₖ takes the diagonals of the
band k out of a matrix, diagₖ⁻¹ puts them into one of zeros.
"""

FORMULAS = {
    # Products
    "MatMul": (r"Y = A B", {"a": r"A += \bar Y B^{\top}", "b": r"B += A^{\top} \bar Y"}),
    "BatchMatMulV2": (r"Y_i = A_i B_i", {"x": r"A_i += \bar Y_i B_i^{\top}", "y": r"B_i += A_i^{\top} \bar Y_i"}),
    "AnyMatMul": (r"Y = A B", {"a": r"A += \bar Y B^{\top}", "b": r"B += A^{\top} \bar Y"}),
    "AnyMatMulLeft": (r"D = G B^{\top}", {"y": r"G += \bar D B", "b": r"B += \bar D^{\top} G"}),
    "AnyMatMulRight": (r"D = A^{\top} G", {"y": r"G += A \bar D", "a": r"A += G \bar D^{\top}"}),
    "Einsum": (r"y = \sum \prod_m x_m", {"inputs": r"x_m += \sum \bar y \prod_{l \ne m} x_l"}),
    "EinsumBack": (r"z = \sum \prod_m x_m", {"inputs": r"x_m += \sum \bar z \prod_{l \ne m} x_l"}),
    "Cross": (r"y = a \times b", {"a": r"a += b \times \bar y", "b": r"b += \bar y \times a"}),
    # Diagonals
    "Diag": (r"y_{i j} = [i = j] \, x_i", {"diagonal": r"x_i += \bar y_{i i}"}),
    "DiagPart": (r"y_i = x_{i i}", {"input": r"x_{i i} += \bar y_i"}),
    "MatrixDiagPartV3": (r"y = \operatorname{diag}_k(X)", {"input": r"X += \operatorname{diag}_k^{-1}(\bar y)"}),
    "MatrixDiagV3": (r"Y = \operatorname{diag}_k^{-1}(d)", {"diagonal": r"d += \operatorname{diag}_k(\bar Y)"}),
    "MatrixSetDiagV3": (
        r"Y = X, \quad \operatorname{diag}_k(Y) = d",
        {
            "input": r"X += \bar Y - \operatorname{diag}_k^{-1}(\operatorname{diag}_k(\bar Y))",
            "diagonal": r"d += \operatorname{diag}_k(\bar Y)",
        },
    ),
    "MatrixBandPart": (
        r"y_{i j} = [-u \le i - j \le l] \, x_{i j}",
        {"input": r"x_{i j} += [-u \le i - j \le l] \, \bar y_{i j}"},
    ),
    # Inverses and equations
    "MatrixInverse": (r"Y = A^{-1}", {"input": r"A += -Y^{\top} \bar Y Y^{\top}"}),
    "MatrixSolve": (
        r"X = A^{-1} B",
        {"matrix": r"A += -A^{-\top} \bar X X^{\top}", "rhs": r"B += A^{-\top} \bar X"},
    ),
    "MatrixTriangularSolve": (
        r"X = A^{-1} B",
        {"matrix": r"A += -\operatorname{tri}(A^{-\top} \bar X X^{\top})", "rhs": r"B += A^{-\top} \bar X"},
    ),
    "MatrixSolveLs": (r"X = A^{+} B", {}),
    "MatrixDeterminant": (r"y = \det A", {"input": r"A += \bar y \, y \, A^{-\top}"}),
    "LogMatrixDeterminant": (r"\det A = s \, e^l", {"input": r"A += \bar l \, A^{-\top}"}),
    "MatrixExponential": (
        r"Y = \sum_{k = 0}^{\infty} \frac{A^k}{k!}",
        {
            "input": r"A += \text{the upper right block of } "
            r"\exp \begin{pmatrix} A^{\top} & \bar Y \\ 0 & A^{\top} \end{pmatrix}"
        },
    ),
    # Decompositions: Φ and tril keep the lower triangle, Φ with half the diagonal
    "Cholesky": (
        r"L L^{\top} = A",
        {
            "input": r"A += \frac{1}{2} (S + S^{\top}), \quad "
            r"S = L^{-\top} \Phi(L^{\top} \bar L) \, L^{-1}"
        },
    ),
    "SelfAdjointEigV2": (
        r"A V = V \operatorname{diag}(e)",
        {
            "input": r"""\begin{array}{l}
            A += \operatorname{tril}(W + W^{\top}) - \operatorname{diag}(\operatorname{diag} W) \\
            W = V (\operatorname{diag}(\bar e) + F \odot V^{\top} \bar V) V^{\top} \\
            F_{i j} = \frac{1}{e_j - e_i}, \quad F_{i i} = 0 \end{array}"""
        },
    ),
    "Svd": (
        r"A = U S V^{\top}, \quad S = \operatorname{diag}(s)",
        {
            "input": r"""\begin{array}{l}
            A += U (\operatorname{diag}(\bar s) + (F \odot K_U) S + S (F \odot K_V)) V^{\top} \\
            \quad + (\bar U - U U^{\top} \bar U) S^{-1} V^{\top}
            + U S^{-1} (\bar V - V V^{\top} \bar V)^{\top} \\
            K_U = U^{\top} \bar U - \bar U^{\top} U, \quad K_V = V^{\top} \bar V - \bar V^{\top} V \\
            F_{i j} = \frac{1}{s_j^2 - s_i^2}, \quad F_{i i} = 0 \end{array}"""
        },
    ),
    "Qr": (
        r"A = Q R",
        {
            "input": r"""\begin{array}{l}
            A += Q (\bar R + \operatorname{tril}(K) R^{-\top}) + (\bar Q - Q Q^{\top} \bar Q) R^{-\top} \\
            K = Q^{\top} \bar Q - \bar Q^{\top} Q + R \bar R^{\top} - \bar R R^{\top} \end{array}"""
        },
    ),
}
