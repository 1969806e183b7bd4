"""Formulas of what works element by element: arithmetic, powers, angles, special functions, complex numbers."""

FORMULAS = {
    # Arithmetic
    "AddV2": (r"z = x + y", {"x": r"x += \bar z", "y": r"y += \bar z"}),
    "Sub": (r"z = x - y", {"x": r"x += \bar z", "y": r"y += -\bar z"}),
    "Mul": (r"z = x \odot y", {"x": r"x += \bar z \odot y", "y": r"y += \bar z \odot x"}),
    "RealDiv": (r"z = \frac{x}{y}", {"x": r"x += \frac{\bar z}{y}", "y": r"y += -\bar z \odot \frac{x}{y^2}"}),
    "FloorDiv": (r"z = \left\lfloor \frac{x}{y} \right\rfloor", {}),
    "FloorMod": (
        r"z = x - \left\lfloor \frac{x}{y} \right\rfloor \odot y",
        {"x": r"x += \bar z", "y": r"y += -\bar z \odot \left\lfloor \frac{x}{y} \right\rfloor"},
    ),
    "TruncateDiv": (r"z = \operatorname{trunc} \left( \frac{x}{y} \right)", {}),
    "TruncateMod": (
        r"z = x - \operatorname{trunc} \left( \frac{x}{y} \right) \odot y",
        {"x": r"x += \bar z", "y": r"y += \bar z \odot \frac{z - x}{y}"},
    ),
    "Pow": (
        r"z = x^y",
        {"x": r"x += \bar z \odot y \odot x^{y - 1}", "y": r"y += \bar z \odot z \odot [x > 0] \ln x"},
    ),
    "Maximum": (
        r"z = \max(x, y)",
        {"x": r"x += \bar z \odot [x \ge y]", "y": r"y += \bar z \odot [x < y]"},
    ),
    "Minimum": (
        r"z = \min(x, y)",
        {"x": r"x += \bar z \odot [x \le y]", "y": r"y += \bar z \odot [x > y]"},
    ),
    "SquaredDifference": (
        r"z = (x - y)^2",
        {"x": r"x += 2 \bar z \odot (x - y)", "y": r"y += -2 \bar z \odot (x - y)"},
    ),
    "AddN": (r"y = \sum_i x_i", {"inputs": r"x_i += \bar y"}),
    "Neg": (r"y = -x", {"x": r"x += -\bar y"}),
    "Abs": (r"y = |x|", {"x": r"x += \bar y \odot \operatorname{sign} x"}),
    "Sign": (r"y = \operatorname{sign} x", {"x": r"x += 0"}),
    "Square": (r"y = x^2", {"x": r"x += \bar y \odot 2 x"}),
    "Sqrt": (r"y = \sqrt{x}", {"x": r"x += \frac{\bar y}{2 y}"}),
    "Rsqrt": (r"y = \frac{1}{\sqrt{x}}", {"x": r"x += -\frac{1}{2} \bar y \odot y^3"}),
    "Reciprocal": (r"y = \frac{1}{x}", {"x": r"x += -\bar y \odot y^2"}),
    # Exponentials and logarithms
    "Exp": (r"y = e^x", {"x": r"x += \bar y \odot y"}),
    "Expm1": (r"y = e^x - 1", {"x": r"x += \bar y \odot e^x"}),
    "Log": (r"y = \ln x", {"x": r"x += \frac{\bar y}{x}"}),
    "Log1p": (r"y = \ln(1 + x)", {"x": r"x += \frac{\bar y}{1 + x}"}),
    # Rounding: constant between the jumps
    "Floor": (r"y = \lfloor x \rfloor", {}),
    "Ceil": (r"y = \lceil x \rceil", {}),
    "Rint": (r"y = \operatorname{round} x", {}),
    "Round": (r"y = \operatorname{round} x", {}),
    # Angles and hyperbolas
    "Sin": (r"y = \sin x", {"x": r"x += \bar y \odot \cos x"}),
    "Cos": (r"y = \cos x", {"x": r"x += -\bar y \odot \sin x"}),
    "Tan": (r"y = \tan x", {"x": r"x += \frac{\bar y}{\cos^2 x}"}),
    "Asin": (r"y = \arcsin x", {"x": r"x += \frac{\bar y}{\sqrt{1 - x^2}}"}),
    "Acos": (r"y = \arccos x", {"x": r"x += -\frac{\bar y}{\sqrt{1 - x^2}}"}),
    "Atan": (r"y = \arctan x", {"x": r"x += \frac{\bar y}{1 + x^2}"}),
    "Atan2": (
        r"z = \operatorname{arg}(x + i y)",
        {"y": r"y += \bar z \odot \frac{x}{x^2 + y^2}", "x": r"x += -\bar z \odot \frac{y}{x^2 + y^2}"},
    ),
    "Sinh": (r"y = \sinh x", {"x": r"x += \bar y \odot \cosh x"}),
    "Cosh": (r"y = \cosh x", {"x": r"x += \bar y \odot \sinh x"}),
    "Asinh": (r"y = \operatorname{arsinh} x", {"x": r"x += \frac{\bar y}{\cosh y}"}),
    "Acosh": (r"y = \operatorname{arcosh} x", {"x": r"x += \frac{\bar y}{\sinh y}"}),
    "Atanh": (r"y = \operatorname{artanh} x", {"x": r"x += \frac{\bar y}{1 - x^2}"}),
    # Special functions
    "Erf": (
        r"y = \frac{2}{\sqrt{\pi}} \int_0^x e^{-t^2} \, d t",
        {"x": r"x += \bar y \odot \frac{2}{\sqrt{\pi}} e^{-x^2}"},
    ),
    "Erfc": (
        r"y = \frac{2}{\sqrt{\pi}} \int_x^{\infty} e^{-t^2} \, d t",
        {"x": r"x += -\bar y \odot \frac{2}{\sqrt{\pi}} e^{-x^2}"},
    ),
    "Ndtri": (r"y = \Phi^{-1}(x)", {"x": r"x += \bar y \odot \sqrt{2 \pi} \, e^{y^2 / 2}"}),
    "Erfinv": (r"y = \operatorname{erf}^{-1}(x)", {"x": r"x += \bar y \odot \frac{\sqrt{\pi}}{2} e^{y^2}"}),
    "Zeta": (
        r"z = \zeta(x, q) = \sum_{n = 0}^{\infty} \frac{1}{(q + n)^x}",
        {"q": r"q += -\bar z \odot x \odot \zeta(x + 1, q)"},
    ),
    "Polygamma": (r"z = \psi^{(a)}(x)", {"x": r"x += \bar z \odot \psi^{(a + 1)}(x)"}),
    "Lgamma": (r"y = \ln |\Gamma(x)|", {"x": r"x += \bar y \odot \psi(x)"}),
    "Digamma": (r"y = \psi(x)", {"x": r"x += \bar y \odot \psi^{(1)}(x)"}),
    # Where a plain quotient or product would be NaN
    "DivNoNan": (
        r"z = \begin{cases} x / y & y \ne 0 \\ 0 & y = 0 \end{cases}",
        {"x": r"x += [y \ne 0] \frac{\bar z}{y}", "y": r"y += -[y \ne 0] \, \bar z \odot \frac{x}{y^2}"},
    ),
    "MulNoNan": (
        r"z = \begin{cases} x \odot y & y \ne 0 \\ 0 & y = 0 \end{cases}",
        {"x": r"x += [y \ne 0] \, \bar z \odot y", "y": r"y += [\bar z \ne 0] \, x \odot \bar z"},
    ),
    "Xlogy": (
        r"z = \begin{cases} x \odot \ln y & x \ne 0 \\ 0 & x = 0 \end{cases}",
        {"x": r"x += [x \ne 0] \, \bar z \odot \ln y", "y": r"y += [x \ne 0] \, \bar z \odot \frac{x}{y}"},
    ),
    "Xlog1py": (
        r"z = \begin{cases} x \odot \ln(1 + y) & x \ne 0 \\ 0 & x = 0 \end{cases}",
        {"x": r"x += [x \ne 0] \, \bar z \odot \ln(1 + y)", "y": r"y += [x \ne 0] \, \bar z \odot \frac{x}{1 + y}"},
    ),
    "Xdivy": (
        r"z = \begin{cases} x / y & x \ne 0 \\ 0 & x = 0 \end{cases}",
        {"x": r"x += [x \ne 0] \frac{\bar z}{y}", "y": r"y += -[x \ne 0] \, \bar z \odot \frac{x}{y^2}"},
    ),
    "IsNan": (r"y = [x \text{ is NaN}]", {}),
    "IsInf": (r"y = [|x| = \infty]", {}),
    "IsFinite": (r"y = [|x| < \infty]", {}),
    # Complex numbers: x* is the conjugate
    "Complex": (
        r"z = a + b \, i",
        {"real": r"a += \operatorname{Re} \bar z", "imag": r"b += \operatorname{Im} \bar z"},
    ),
    "Real": (r"y = \operatorname{Re} x", {"input": r"x += \bar y"}),
    "Imag": (r"y = \operatorname{Im} x", {"input": r"x += i \, \bar y"}),
    "Conj": (r"y = x^{*}", {"input": r"x += \bar y^{*}"}),
    "ComplexAbs": (r"y = |x|", {"x": r"x += \bar y \odot \frac{x}{|x|}"}),
    "Angle": (
        r"y = \operatorname{arg} x",
        {"input": r"x += i \, \bar y \odot \frac{x}{|x|^2}"},
    ),
    # Types
    "Cast": (r"y = \operatorname{cast}(x)", {"x": r"x += \operatorname{cast}(\bar y)"}),
    "Bitcast": (r"y = \text{the bytes of } x", {}),
}
