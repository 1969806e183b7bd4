"""Formulas of what is drawn."""

_CLASSES = r"P(y_{i j} = k) = \frac{e^{l_{i k}}}{\sum_m e^{l_{i m}}}"

FORMULAS = {
    "RandomUniform": (r"u_i \sim U[0, 1)", {}),
    "StatelessRandomUniform": (r"u_i \sim U[0, 1)", {}),
    "RandomUniformInt": (r"k_i \sim U \{ a, \dots, b - 1 \}", {}),
    "StatelessRandomUniformInt": (r"k_i \sim U \{ a, \dots, b - 1 \}", {}),
    "StatelessRandomUniformFullInt": (r"k_i \sim U \{ \text{all values of the type} \}", {}),
    "RandomStandardNormal": (r"z_i \sim N(0, 1)", {}),
    "StatelessRandomNormal": (r"z_i \sim N(0, 1)", {}),
    "TruncatedNormal": (r"z_i \sim N(0, 1) \text{ given } |z_i| < 2", {}),
    "StatelessTruncatedNormal": (r"z_i \sim N(0, 1) \text{ given } |z_i| < 2", {}),
    "RandomShuffle": (r"y_i = x_{\pi(i)}, \quad \pi \text{ drawn}", {}),
    "Multinomial": (_CLASSES, {}),
    "StatelessMultinomial": (_CLASSES, {}),
    "RandomGamma": (
        r"y_i \sim \operatorname{Gamma}(\alpha, 1)",
        {"alpha": r"\alpha += \sum_i \bar y_i \frac{\partial y_i}{\partial \alpha}"},
    ),
    "RandomGammaGrad": (r"y = \frac{\partial x}{\partial \alpha}", {}),
    "RandomPoissonV2": (r"y_i \sim \operatorname{Poisson}(\lambda)", {}),
}
