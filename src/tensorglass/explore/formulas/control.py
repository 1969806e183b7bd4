"""Formulas of branches and loops, and of what is run for what it does.

f is the graph that a branch or the body of a loop is; (∂f/∂x)ᵀ takes a gradient back through it.
"""

FORMULAS = {
    "If": (
        r"y = \begin{cases} f_1(x) & c \\ f_0(x) & \lnot c \end{cases}",
        {"input": r"x_i += \left( \frac{\partial f_c}{\partial x_i} \right)^{\top} \bar y"},
    ),
    "Case": (
        r"y = f_k(x)",
        {"input": r"x_i += \left( \frac{\partial f_k}{\partial x_i} \right)^{\top} \bar y"},
    ),
    "While": (
        r"v_{t + 1} = f(v_t, c) \text{ while } p(v_t, c)",
        {
            "input": r"v_t += \left( \frac{\partial f}{\partial v_t} \right)^{\top} \bar v_{t + 1}",
            "captured": r"c += \sum_t \left( \frac{\partial f}{\partial c} \right)^{\top} \bar v_{t + 1}",
        },
    ),
    "Scan": (
        r"(v_{t + 1}, y_t) = f(v_t, x_t, c)",
        {
            "input": r"v_t += \left( \frac{\partial f}{\partial v_t} \right)^{\top} (\bar v_{t + 1}, \bar y_t)",
            "xs": r"x_t += \left( \frac{\partial f}{\partial x_t} \right)^{\top} (\bar v_{t + 1}, \bar y_t)",
            "captured": r"c += \sum_t \left( \frac{\partial f}{\partial c} \right)^{\top} (\bar v_{t + 1}, \bar y_t)",
        },
    ),
    "PyFunc": (r"(y_1, y_2, \dots) = f(x_1, x_2, \dots)", {}),
    "PyFuncStateless": (r"(y_1, y_2, \dots) = f(x_1, x_2, \dots)", {}),
    "NoOp": (r"\text{no value}", {}),
    "CheckNumerics": (r"y = x, \quad |x| < \infty", {"tensor": r"x += \bar y, \quad |\bar y| < \infty"}),
    "Assert": (r"\text{an error unless } c", {}),
    "Print": (r"y = x", {"input": r"x += \bar y"}),
    "PrintV2": (r"\text{a line with the values}", {}),
}
