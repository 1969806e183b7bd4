"""Formulas of variables and of what trains them.  None of them is differentiated.

w is the variable, g its gradient, α the learning rate; a, m, s, u, v, z are variables beside it.
"""


def _lines(*steps: str) -> str:
    """Assignments one below the other."""
    return r"\begin{array}{l} " + r" \\ ".join(steps) + r" \end{array}"


_UPDATES = {
    "Momentum": (r"a \leftarrow \mu a + g", r"w \leftarrow w - \alpha a"),
    "Adagrad": (r"a \leftarrow a + g^2", r"w \leftarrow w - \alpha \frac{g}{\sqrt{a}}"),
    "AdagradV2": (r"a \leftarrow a + g^2", r"w \leftarrow w - \alpha \frac{g}{\sqrt{a} + \varepsilon}"),
    "AdagradDA": (
        r"s \leftarrow s + g, \quad a \leftarrow a + g^2",
        r"w \leftarrow -\alpha \frac{\operatorname{sign}(s) \max(|s| - \lambda_1 t, 0)}"
        r"{\sqrt{a} + \alpha \lambda_2 t}",
    ),
    "Adadelta": (
        r"a \leftarrow \rho a + (1 - \rho) g^2",
        r"d = \frac{\sqrt{u + \varepsilon}}{\sqrt{a + \varepsilon}} g",
        r"u \leftarrow \rho u + (1 - \rho) d^2",
        r"w \leftarrow w - \alpha d",
    ),
    "RMSProp": (
        r"s \leftarrow \rho s + (1 - \rho) g^2",
        r"a \leftarrow \mu a + \alpha \frac{g}{\sqrt{s + \varepsilon}}",
        r"w \leftarrow w - a",
    ),
    "CenteredRMSProp": (
        r"s \leftarrow \rho s + (1 - \rho) g^2",
        r"m \leftarrow \rho m + (1 - \rho) g",
        r"a \leftarrow \mu a + \alpha \frac{g}{\sqrt{s - m^2 + \varepsilon}}",
        r"w \leftarrow w - a",
    ),
    "Ftrl": (
        r"b = a + g^2, \quad z \leftarrow z + g - \frac{b^{-p} - a^{-p}}{\alpha} w, \quad a \leftarrow b",
        r"w \leftarrow [|z| > \lambda_1] \frac{\lambda_1 \operatorname{sign} z - z}"
        r"{a^{-p} / \alpha + 2 \lambda_2}",
    ),
    "FtrlV2": (
        r"b = a + g^2, \quad z \leftarrow z + g + 2 \lambda_s w - \frac{b^{-p} - a^{-p}}{\alpha} w, "
        r"\quad a \leftarrow b",
        r"w \leftarrow [|z| > \lambda_1] \frac{\lambda_1 \operatorname{sign} z - z}"
        r"{a^{-p} / \alpha + 2 \lambda_2}",
    ),
    "ProximalGradientDescent": (
        r"p = w - \alpha g",
        r"w \leftarrow \frac{\operatorname{sign}(p) \max(|p| - \alpha \lambda_1, 0)}{1 + \alpha \lambda_2}",
    ),
    "ProximalAdagrad": (
        r"a \leftarrow a + g^2, \quad \eta = \frac{\alpha}{\sqrt{a}}, \quad p = w - \eta g",
        r"w \leftarrow \frac{\operatorname{sign}(p) \max(|p| - \eta \lambda_1, 0)}{1 + \eta \lambda_2}",
    ),
}

FORMULAS = {
    "VariableV2": (r"y = w", {}),
    "Assign": (r"w \leftarrow v", {}),
    "AssignAdd": (r"w \leftarrow w + v", {}),
    "AssignSub": (r"w \leftarrow w - v", {}),
    "CountUpTo": (r"y = w, \quad w \leftarrow w + 1, \quad w < n", {}),
    "IsVariableInitialized": (r"y = [w \text{ has a value}]", {}),
    "InitializedValue": (
        r"y = \begin{cases} w & \text{where it has a value} \\ v & \text{where it has none} \end{cases}",
        {},
    ),
    # Rows by indices k
    "ScatterUpdate": (r"w_{k_i} \leftarrow u_i", {}),
    "ScatterAdd": (r"w_{k_i} \leftarrow w_{k_i} + u_i", {}),
    "ScatterSub": (r"w_{k_i} \leftarrow w_{k_i} - u_i", {}),
    "ScatterMul": (r"w_{k_i} \leftarrow w_{k_i} \odot u_i", {}),
    "ScatterDiv": (r"w_{k_i} \leftarrow \frac{w_{k_i}}{u_i}", {}),
    "ScatterMin": (r"w_{k_i} \leftarrow \min(w_{k_i}, u_i)", {}),
    "ScatterMax": (r"w_{k_i} \leftarrow \max(w_{k_i}, u_i)", {}),
    "ScatterNdUpdate": (r"w_{k_{i 1}, k_{i 2}, \dots} \leftarrow u_i", {}),
    "ScatterNdAdd": (r"w_{k_{i 1}, k_{i 2}, \dots} \leftarrow w_{k_{i 1}, k_{i 2}, \dots} + u_i", {}),
    "ScatterNdSub": (r"w_{k_{i 1}, k_{i 2}, \dots} \leftarrow w_{k_{i 1}, k_{i 2}, \dots} - u_i", {}),
    # Training; p of Ftrl is `lr_power`
    "ApplyGradientDescent": (r"w \leftarrow w - \alpha g", {}),
    "ApplyAdam": (
        _lines(
            r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
            r"v \leftarrow \beta_2 v + (1 - \beta_2) g^2",
            r"w \leftarrow w - \alpha \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \frac{m}{\sqrt{v} + \varepsilon}",
        ),
        {},
    ),
    **{f"Apply{name}": (_lines(*steps), {}) for name, steps in _UPDATES.items()},
    **{
        f"SparseApply{name}": (_lines(*steps, r"\text{in the rows that } g \text{ has}"), {})
        for name, steps in _UPDATES.items()
    },
}
