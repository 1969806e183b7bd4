"""Formulas of neural networks: activations, losses, convolution, pooling, normalization.

Of an image, n is the example, t and u places in it, c and o channels; a window or filter has cells i, its stride is s
and its dilation d.
"""

_CHOSEN = r"\quad m(t) = \text{place of the maximum}"

FORMULAS = {
    # Activations
    "Sigmoid": (r"y = \frac{1}{1 + e^{-x}}", {"x": r"x += \bar y \odot y \odot (1 - y)"}),
    "Tanh": (r"y = \frac{e^x - e^{-x}}{e^x + e^{-x}}", {"x": r"x += \bar y \odot (1 - y^2)"}),
    "Relu": (r"y = \max(x, 0)", {"features": r"x += \bar y \odot [y > 0]"}),
    "ReluGrad": (r"d = g \odot [y > 0]", {"gradients": r"g += \bar d \odot [y > 0]", "features": r"y += 0"}),
    "Relu6": (r"y = \min(\max(x, 0), 6)", {"features": r"x += \bar y \odot [0 < y < 6]"}),
    "Relu6Grad": (
        r"d = g \odot [0 < y < 6]",
        {"gradients": r"g += \bar d \odot [0 < y < 6]", "features": r"y += 0"},
    ),
    "LeakyRelu": (
        r"y = \begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}",
        {"features": r"x += \begin{cases} \bar y & x > 0 \\ \alpha \bar y & x \le 0 \end{cases}"},
    ),
    "LeakyReluGrad": (
        r"d = \begin{cases} g & x > 0 \\ \alpha g & x \le 0 \end{cases}",
        {
            "gradients": r"g += \begin{cases} \bar d & x > 0 \\ \alpha \bar d & x \le 0 \end{cases}",
            "features": r"x += 0",
        },
    ),
    "Elu": (
        r"y = \begin{cases} x & x \ge 0 \\ e^x - 1 & x < 0 \end{cases}",
        {"features": r"x += \begin{cases} \bar y & y \ge 0 \\ \bar y \odot (y + 1) & y < 0 \end{cases}"},
    ),
    "Selu": (
        r"y = \begin{cases} \lambda x & x \ge 0 \\ \lambda \alpha (e^x - 1) & x < 0 \end{cases}",
        {
            "features": r"x += \begin{cases} \lambda \bar y & y \ge 0 \\ "
            r"\bar y \odot (y + \lambda \alpha) & y < 0 \end{cases}"
        },
    ),
    "Softplus": (r"y = \ln(1 + e^x)", {"features": r"x += \bar y \odot \sigma(x)"}),
    "Softsign": (r"y = \frac{x}{1 + |x|}", {"features": r"x += \frac{\bar y}{(1 + |x|)^2}"}),
    "Softmax": (
        r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        {"logits": r"x_i += \left( \bar y_i - \sum_j \bar y_j y_j \right) y_i"},
    ),
    "LogSoftmax": (
        r"y_i = x_i - \ln \sum_j e^{x_j}",
        {"logits": r"x_i += \bar y_i - e^{y_i} \sum_j \bar y_j"},
    ),
    "BiasAdd": (r"y_{n c} = x_{n c} + b_c", {"value": r"x += \bar y", "bias": r"b_c += \sum_n \bar y_{n c}"}),
    "BiasAddGrad": (r"d_c = \sum_n g_{n c}", {"out_backprop": r"g_{n c} += \bar d_c"}),
    # Losses.  The first two have a second result, which is differentiated only for second derivatives
    "SoftmaxCrossEntropyWithLogits": (
        r"L = -\sum_j l_j \ln p_j, \quad p = \operatorname{softmax} x",
        {"features": r"x += \bar L \, (p - l)", "labels": r"l += -\bar L \ln p"},
    ),
    "SparseSoftmaxCrossEntropyWithLogits": (
        r"L = -\ln p_l, \quad p = \operatorname{softmax} x",
        {"features": r"x_j += \bar L \, (p_j - [j = l])"},
    ),
    "SigmoidCrossEntropyWithLogits": (
        r"L = -l \ln \sigma(x) - (1 - l) \ln(1 - \sigma(x))",
        {"logits": r"x += \bar L \odot (\sigma(x) - l)", "labels": r"l += -\bar L \odot x"},
    ),
    "L2Loss": (r"y = \frac{1}{2} \sum_i t_i^2", {"t": r"t_i += \bar y \, t_i"}),
    # Convolution
    "Conv2D": (
        r"y_{n t o} = \sum_{i, c} x_{n, s t + d i, c} \, w_{i c o}",
        {
            "input": r"x_{n u c} += \sum_{s t + d i = u} \sum_o \bar y_{n t o} \, w_{i c o}",
            "filter": r"w_{i c o} += \sum_{n, t} x_{n, s t + d i, c} \, \bar y_{n t o}",
        },
    ),
    "Conv2DBackpropInput": (
        r"z_{n u c} = \sum_{s t + d i = u} \sum_o g_{n t o} \, w_{i c o}",
        {
            "filter": r"w_{i c o} += \sum_{n, t} \bar z_{n, s t + d i, c} \, g_{n t o}",
            "out_backprop": r"g_{n t o} += \sum_{i, c} \bar z_{n, s t + d i, c} \, w_{i c o}",
        },
    ),
    "Conv2DBackpropFilter": (
        r"z_{i c o} = \sum_{n, t} x_{n, s t + d i, c} \, g_{n t o}",
        {
            "input": r"x_{n u c} += \sum_{s t + d i = u} \sum_o g_{n t o} \, \bar z_{i c o}",
            "out_backprop": r"g_{n t o} += \sum_{i, c} x_{n, s t + d i, c} \, \bar z_{i c o}",
        },
    ),
    "DepthwiseConv2dNative": (
        r"y_{n, t, c M + m} = \sum_i x_{n, s t + d i, c} \, w_{i c m}",
        {
            "input": r"x_{n u c} += \sum_{s t + d i = u} \sum_m \bar y_{n, t, c M + m} \, w_{i c m}",
            "filter": r"w_{i c m} += \sum_{n, t} x_{n, s t + d i, c} \, \bar y_{n, t, c M + m}",
        },
    ),
    "DepthwiseConv2dNativeBackpropInput": (
        r"z_{n u c} = \sum_{s t + d i = u} \sum_m g_{n, t, c M + m} \, w_{i c m}",
        {
            "filter": r"w_{i c m} += \sum_{n, t} \bar z_{n, s t + d i, c} \, g_{n, t, c M + m}",
            "out_backprop": r"g_{n, t, c M + m} += \sum_i \bar z_{n, s t + d i, c} \, w_{i c m}",
        },
    ),
    "DepthwiseConv2dNativeBackpropFilter": (
        r"z_{i c m} = \sum_{n, t} x_{n, s t + d i, c} \, g_{n, t, c M + m}",
        {
            "input": r"x_{n u c} += \sum_{s t + d i = u} \sum_m g_{n, t, c M + m} \, \bar z_{i c m}",
            "out_backprop": r"g_{n, t, c M + m} += \sum_i x_{n, s t + d i, c} \, \bar z_{i c m}",
        },
    ),
    # Pooling: kₜ counts the cells of window t that lie in the image
    "MaxPool": (r"y_t = \max_i x_{s t + i}", {"input": r"x_{m(t)} += \bar y_t," + _CHOSEN}),
    "MaxPoolWithArgmax": (
        r"y_t = \max_i x_{s t + i}, \quad a_t = m(t)",
        {"input": r"x_{m(t)} += \bar y_t," + _CHOSEN},
    ),
    "MaxPoolGrad": (
        r"z_u = \sum_{m(t) = u} g_t," + _CHOSEN,
        {"orig_input": r"x += 0", "orig_output": r"y += 0", "grad": r"g_t += \bar z_{m(t)}"},
    ),
    "MaxPoolGradGrad": (
        r"z_t = g_{m(t)}," + _CHOSEN,
        {"orig_input": r"x += 0", "orig_output": r"y += 0", "grad": r"g_{m(t)} += \bar z_t"},
    ),
    "AvgPool": (
        r"y_t = \frac{1}{k_t} \sum_i x_{s t + i}",
        {"value": r"x_{s t + i} += \frac{\bar y_t}{k_t}"},
    ),
    "AvgPoolGrad": (
        r"z_u = \sum_{s t + i = u} \frac{g_t}{k_t}",
        {"grad": r"g_t += \frac{1}{k_t} \sum_i \bar z_{s t + i}"},
    ),
    # Normalization, channel by channel: ⟨·⟩ is the mean over a channel
    "FusedBatchNormV3": (
        r"y = \gamma \hat x + \beta, \quad \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
        {
            "x": r"x += \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}} "
            r"\left( \bar y - \langle \bar y \rangle - \hat x \, \langle \bar y \odot \hat x \rangle \right)",
            "scale": r"\gamma += \sum \bar y \odot \hat x",
            "offset": r"\beta += \sum \bar y",
        },
    ),
    "FusedBatchNormGradV3": (
        r"""\begin{array}{l}
        z = \gamma r \left( g - \langle g \rangle - \hat x \, \langle g \odot \hat x \rangle \right),
        \quad r = \frac{1}{\sqrt{\sigma^2 + \varepsilon}} \\
        c = \sum g \odot \hat x, \quad b = \sum g \end{array}""",
        {
            "y_backprop": r"g += \gamma r \left( \bar z - \langle \bar z \rangle "
            r"- \hat x \, \langle \bar z \odot \hat x \rangle \right) + \bar c \, \hat x + \bar b",
            "x": r"""\begin{array}{l}
            x += r \left( h - \langle h \rangle - \hat x \, \langle h \odot \hat x \rangle
            - \hat x \, \langle \bar z \odot z \rangle \right) \\
            h = \left( \bar c - \gamma r \langle \bar z \odot \hat x \rangle \right) g
            - \gamma r \langle g \odot \hat x \rangle \bar z \end{array}""",
            "scale": r"\gamma += \sum \bar z \odot z / \gamma",
        },
    ),
    "ChannelWindowSum": (
        r"y_i = \sum_{|i - j| \le r} x_j",
        {"x": r"x_i += \sum_{|i - j| \le r} \bar y_j"},
    ),
    "LRN": (
        r"y_i = x_i n_i^{-\beta}, \quad n_i = b + \alpha \sum_{|i - j| \le r} x_j^2",
        {
            "input": r"x_i += n_i^{-\beta} \bar y_i "
            r"- 2 \alpha \beta x_i \sum_{|i - j| \le r} \bar y_j x_j n_j^{-\beta - 1}"
        },
    ),
}
