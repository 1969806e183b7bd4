"""Formulas of what gives a tensor another shape, moves its elements or takes some of them.

k are indices that an operand holds, n the size of the axis in question, π an order of the axes.
"""

FORMULAS = {
    "Identity": (r"y = x", {"input": r"x += \bar y"}),
    "StopGradient": (r"y = x", {}),
    "IdentityN": (r"y_i = x_i", {"input": r"x_i += \bar y_i"}),
    # Constants and what is fed
    "Const": (r"y = c", {}),
    "Placeholder": (r"y = \text{what is fed}", {}),
    "PlaceholderWithDefault": (
        r"y = \begin{cases} \text{what is fed} \\ x \text{ where nothing is} \end{cases}",
        {"input": r"x += \bar y"},
    ),
    "Fill": (r"y_i = v", {"value": r"v += \sum_i \bar y_i"}),
    "FillLike": (r"y_i = v", {"value": r"v += \sum_i \bar y_i"}),
    "Range": (r"y_i = a + i \delta", {}),
    "LinSpace": (
        r"y_i = a + \frac{i}{n - 1} (b - a)",
        {
            "start": r"a += \sum_i \left( 1 - \frac{i}{n - 1} \right) \bar y_i",
            "stop": r"b += \sum_i \frac{i}{n - 1} \bar y_i",
        },
    ),
    "OneHot": (r"y_j = \begin{cases} a & j = k \\ b & j \ne k \end{cases}", {}),
    # Sizes
    "Shape": (r"y = (d_1, \dots, d_r)", {}),
    "ShapeN": (r"y_i = \operatorname{shape} x_i", {}),
    "Size": (r"y = d_1 d_2 \cdots d_r", {}),
    "Rank": (r"y = r", {}),
    "BroadcastArgs": (r"y = \text{the shape of } s_0 \text{ and } s_1 \text{ together}", {}),
    "EnsureShape": (r"y = x", {"input": r"x += \bar y"}),
    # The same elements in another shape
    "Reshape": (
        r"y = \operatorname{reshape}(x, s)",
        {"tensor": r"x += \operatorname{reshape}(\bar y, \operatorname{shape} x)"},
    ),
    "ReshapeLike": (
        r"y = \operatorname{reshape}(x, \operatorname{shape} u)",
        {"tensor": r"x += \operatorname{reshape}(\bar y, \operatorname{shape} x)"},
    ),
    "ExpandDims": (
        r"y = \operatorname{reshape}(x, (\dots, 1, \dots))",
        {"input": r"x += \operatorname{reshape}(\bar y, \operatorname{shape} x)"},
    ),
    "Squeeze": (
        r"y = x \text{ without axes of size } 1",
        {"input": r"x += \operatorname{reshape}(\bar y, \operatorname{shape} x)"},
    ),
    "FoldRows": (
        r"Y = \operatorname{reshape}(X, (-1, n))",
        {"x": r"X += \operatorname{reshape}(\bar Y, \operatorname{shape} X)"},
    ),
    # Put together and taken apart
    "Pack": (r"y_{\dots i \dots} = (x_i)_{\dots}", {"values": r"x_i += \bar y_{\dots i \dots}"}),
    "Unpack": (
        r"(y_i)_{\dots} = x_{\dots i \dots}",
        {"value": r"x += \operatorname{stack}(\bar y_1, \dots, \bar y_n)"},
    ),
    "ConcatV2": (
        r"y = \operatorname{concat}(x_1, \dots, x_n)",
        {"values": r"x_i += \text{the stretch of } \bar y \text{ where } x_i \text{ is}"},
    ),
    "Split": (
        r"(y_1, \dots, y_n) = \operatorname{split}(x)",
        {"value": r"x += \operatorname{concat}(\bar y_1, \dots, \bar y_n)"},
    ),
    "SplitV": (
        r"(y_1, \dots, y_n) = \operatorname{split}(x)",
        {"value": r"x += \operatorname{concat}(\bar y_1, \dots, \bar y_n)"},
    ),
    "DynamicPartition": (
        r"y_p = (x_i \mid p_i = p)",
        {"data": r"x_i += \text{the row of } \bar y_{p_i} \text{ where } x_i \text{ is}"},
    ),
    "DynamicStitch": (r"y_{k_{m i}} = x_{m i}", {"data": r"x_{m i} += \bar y_{k_{m i}}"}),
    # Slices
    "Slice": (r"y = x[b : b + s]", {"input": r"x[b : b + s] += \bar y"}),
    "StridedSlice": (r"y = x[b : e : s]", {"input": r"x[b : e : s] += \bar y"}),
    "StridedSliceGrad": (
        r"x = 0, \quad x[b : e : s] = g",
        {"dy": r"g += \bar x[b : e : s]"},
    ),
    # Other orders
    "Transpose": (
        r"y = \operatorname{transpose}_{\pi}(x)",
        {"x": r"x += \operatorname{transpose}_{\pi^{-1}}(\bar y)"},
    ),
    "ConjugateTranspose": (
        r"y = \operatorname{transpose}_{\pi}(x)^{*}",
        {"x": r"x += \operatorname{transpose}_{\pi^{-1}}(\bar y)^{*}"},
    ),
    "ReverseV2": (r"y_i = x_{n - 1 - i}", {"tensor": r"x_i += \bar y_{n - 1 - i}"}),
    "ReverseSequence": (
        r"y_{b i} = \begin{cases} x_{b, l_b - 1 - i} & i < l_b \\ x_{b i} & i \ge l_b \end{cases}",
        {
            "input": r"x_{b i} += \begin{cases} \bar y_{b, l_b - 1 - i} & i < l_b \\ "
            r"\bar y_{b i} & i \ge l_b \end{cases}"
        },
    ),
    "Roll": (r"y_{(i + s) \bmod n} = x_i", {"input": r"x_i += \bar y_{(i + s) \bmod n}"}),
    # Repeated and padded
    "Tile": (r"y_i = x_{i \bmod n}", {"input": r"x_i += \sum_{k < m} \bar y_{i + k n}"}),
    "BroadcastTo": (r"y = \operatorname{broadcast}(x, s)", {"input": r"x += \sum_{\text{copies}} \bar y"}),
    "BroadcastLike": (
        r"y = \operatorname{broadcast}(x, \operatorname{shape} u)",
        {"x": r"x += \sum_{\text{copies}} \bar y"},
    ),
    "Pad": (
        r"y_{p + i} = x_i, \quad \text{0 around}",
        {"input": r"x_i += \bar y_{p + i}"},
    ),
    "PadV2": (
        r"y_{p + i} = x_i, \quad c \text{ around}",
        {"input": r"x_i += \bar y_{p + i}"},
    ),
    "MirrorPad": (r"y_i = x_{m(i)}, \quad m \text{ the mirror}", {"input": r"x_{m(i)} += \bar y_i"}),
    "MirrorPadGrad": (r"x_j = \sum_{m(i) = j} y_i", {"input": r"y_i += \bar x_{m(i)}"}),
    # Blocks of b × b pixels
    "SpaceToDepth": (
        r"y_{n, i, j, (a b + k) C + c} = x_{n, i b + a, j b + k, c}",
        {"input": r"x_{n, i b + a, j b + k, c} += \bar y_{n, i, j, (a b + k) C + c}"},
    ),
    "DepthToSpace": (
        r"y_{n, i b + a, j b + k, c} = x_{n, i, j, (a b + k) C + c}",
        {"input": r"x_{n, i, j, (a b + k) C + c} += \bar y_{n, i b + a, j b + k, c}"},
    ),
    "SpaceToBatchND": (
        r"y_{(a B + n), i} = x_{n, i b + a - p}",
        {"input": r"x_{n, i b + a - p} += \bar y_{(a B + n), i}"},
    ),
    "BatchToSpaceND": (
        r"y_{n, i b + a - p} = x_{(a B + n), i}",
        {"input": r"x_{(a B + n), i} += \bar y_{n, i b + a - p}"},
    ),
    # Chosen by indices
    "GatherV2": (r"y_i = x_{k_i}", {"params": r"x_{k_i} += \bar y_i"}),
    "GatherGrad": (r"x_j = \sum_{k_i = j} g_i", {"dy": r"g_i += \bar x_{k_i}"}),
    "GatherNd": (r"y_i = x_{k_{i 1}, k_{i 2}, \dots}", {"params": r"x_{k_{i 1}, k_{i 2}, \dots} += \bar y_i"}),
    "TakeAlongAxis": (r"y_i = x_{k_i}", {"x": r"x_{k_i} += \bar y_i"}),
    "AddAlongAxis": (r"x_j = \sum_{k_i = j} g_i", {"dy": r"g_i += \bar x_{k_i}"}),
    "ScatterNd": (r"y_j = \sum_{k_i = j} u_i", {"updates": r"u_i += \bar y_{k_i}"}),
    "TensorScatterUpdate": (
        r"y_j = \begin{cases} u_i & j = k_i \\ x_j & j \notin k \end{cases}",
        {"tensor": r"x_j += [j \notin k] \, \bar y_j", "updates": r"u_i += \bar y_{k_i}"},
    ),
    "TensorScatterAdd": (
        r"y_j = x_j + \sum_{k_i = j} u_i",
        {"tensor": r"x += \bar y", "updates": r"u_i += \bar y_{k_i}"},
    ),
    "TensorScatterSub": (
        r"y_j = x_j - \sum_{k_i = j} u_i",
        {"tensor": r"x += \bar y", "updates": r"u_i += -\bar y_{k_i}"},
    ),
    "TensorScatterMax": (
        r"y_j = \max(x_j, \max_{k_i = j} u_i)",
        {
            "tensor": r"x_j += \frac{[x_j = y_j]}{n_j} \bar y_j, \quad n_j = \text{how many equal } y_j",
            "updates": r"u_i += \frac{[u_i = y_{k_i}]}{n_{k_i}} \bar y_{k_i}",
        },
    ),
    "TensorScatterMin": (
        r"y_j = \min(x_j, \min_{k_i = j} u_i)",
        {
            "tensor": r"x_j += \frac{[x_j = y_j]}{n_j} \bar y_j, \quad n_j = \text{how many equal } y_j",
            "updates": r"u_i += \frac{[u_i = y_{k_i}]}{n_{k_i}} \bar y_{k_i}",
        },
    ),
    "SparseToDense": (
        r"y_j = \begin{cases} v_i & j = k_i \\ d & j \notin k \end{cases}",
        {"sparse_values": r"v_i += \bar y_{k_i}", "default_value": r"d += \sum_j \bar y_j - \sum_i \bar y_{k_i}"},
    ),
    # Order and sets
    "ArgSort": (r"x_{y_1} \le x_{y_2} \le \dots \le x_{y_n}", {}),
    "TopKV2": (r"v_i = x_{k_i}, \quad v_1 \ge v_2 \ge \dots", {"input": r"x_{k_i} += \bar v_i"}),
    "NthElement": (
        r"y = x_{(n)}, \quad x_{(0)} \le x_{(1)} \le \dots",
        {"input": r"x_i += \frac{[x_i = y]}{\sum_j [x_j = y]} \bar y"},
    ),
    "Unique": (r"x_i = y_{k_i}, \quad \text{each } y_j \text{ once}", {}),
    "UniqueWithCounts": (r"x_i = y_{k_i}, \quad c_j = \sum_i [k_i = j]", {}),
    "ListDiff": (r"z_i = x_{k_i}, \quad z = (x_j \mid x_j \notin y)", {}),
    "InvertPermutation": (r"y_{x_i} = i", {}),
    "LowerBound": (r"y_i = \sum_j [s_j < v_i]", {}),
    "UpperBound": (r"y_i = \sum_j [s_j \le v_i]", {}),
}
