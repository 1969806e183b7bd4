"""Formulas of sums, products and extremes: over axes, along an axis, over segments.

i runs over what is reduced; k are the segments' numbers.
"""

_SHARED = r"x_i += \frac{[x_i = y]}{\sum_j [x_j = y]} \bar y"
_SEGMENT_SHARED = r"x_i += \frac{[x_i = y_{k_i}]}{n_{k_i}} \bar y_{k_i}, \quad n_s = \sum_{k_j = s} [x_j = y_s]"

FORMULAS = {
    # Over axes
    "Sum": (r"y = \sum_i x_i", {"input": r"x_i += \bar y"}),
    "Mean": (r"y = \frac{1}{n} \sum_i x_i", {"input": r"x_i += \frac{\bar y}{n}"}),
    "EuclideanNorm": (r"y = \sqrt{\sum_i x_i^2}", {"input": r"x_i += \frac{\bar y}{y} x_i"}),
    "Prod": (r"y = \prod_i x_i", {"input": r"x_i += \bar y \prod_{j \ne i} x_j"}),
    "Max": (r"y = \max_i x_i", {"input": _SHARED}),
    "Min": (r"y = \min_i x_i", {"input": _SHARED}),
    "All": (r"y = \bigwedge_i x_i", {}),
    "Any": (r"y = \bigvee_i x_i", {}),
    "CountRatio": (r"n = \frac{\operatorname{size} x}{\operatorname{size} y}", {}),
    # Their way back
    "SpreadLike": (r"x_i = y", {"y": r"y += \sum_i \bar x_i"}),
    "SumToLike": (
        r"y = \sum_{\text{copies}} x",
        {"x": r"x += \operatorname{broadcast}(\bar y, \operatorname{shape} x)"},
    ),
    "AxesToFront": (
        r"y = \operatorname{front}(x)",
        {"x": r"x += \operatorname{front}^{-1}(\bar y)"},
    ),
    "AxesFromFront": (
        r"x = \operatorname{front}^{-1}(y)",
        {"y": r"y += \operatorname{front}(\bar x)"},
    ),
    # Along an axis
    "Cumsum": (r"y_i = \sum_{j \le i} x_j", {"x": r"x_i += \sum_{j \ge i} \bar y_j"}),
    "Cumprod": (
        r"y_i = \prod_{j \le i} x_j",
        {"x": r"x_i += g_i \prod_{j < i} x_j, \quad g_i = \bar y_i + x_{i + 1} g_{i + 1}"},
    ),
    "CumulativeLogsumexp": (
        r"y_i = \ln \sum_{j \le i} e^{x_j}",
        {"x": r"x_i += \sum_{j \ge i} \bar y_j e^{x_i - y_j}"},
    ),
    "Shift": (r"y_i = x_{i - 1}", {"x": r"x_i += \bar y_{i + 1}"}),
    "LinearRecurrence": (
        r"y_i = b_i + a_i y_{i - 1}",
        {
            "a": r"a_i += g_i y_{i - 1}, \quad g_i = \bar y_i + a_{i + 1} g_{i + 1}",
            "b": r"b_i += g_i, \quad g_i = \bar y_i + a_{i + 1} g_{i + 1}",
        },
    ),
    # Over segments
    "SegmentSum": (r"y_s = \sum_{k_i = s} x_i", {"data": r"x_i += \bar y_{k_i}"}),
    "SegmentMean": (
        r"y_s = \frac{1}{n_s} \sum_{k_i = s} x_i",
        {"data": r"x_i += \frac{\bar y_{k_i}}{n_{k_i}}"},
    ),
    "SegmentProd": (
        r"y_s = \prod_{k_i = s} x_i",
        {"data": r"x_i += \bar y_{k_i} \prod_{j \ne i, k_j = k_i} x_j"},
    ),
    "SegmentMax": (r"y_s = \max_{k_i = s} x_i", {"data": _SEGMENT_SHARED}),
    "SegmentMin": (r"y_s = \min_{k_i = s} x_i", {"data": _SEGMENT_SHARED}),
    "UnsortedSegmentSum": (r"y_s = \sum_{k_i = s} x_i", {"data": r"x_i += \bar y_{k_i}"}),
    "UnsortedSegmentProd": (
        r"y_s = \prod_{k_i = s} x_i",
        {"data": r"x_i += \bar y_{k_i} \prod_{j \ne i, k_j = k_i} x_j"},
    ),
    "UnsortedSegmentMax": (r"y_s = \max_{k_i = s} x_i", {"data": _SEGMENT_SHARED}),
    "UnsortedSegmentMin": (r"y_s = \min_{k_i = s} x_i", {"data": _SEGMENT_SHARED}),
    "SegmentSpread": (r"x_i = y_{k_i}", {"y": r"y_{k_i} += \bar x_i"}),
    # Places and counts
    "ArgMax": (r"y = \operatorname{argmax}_i x_i", {}),
    "ArgMin": (r"y = \operatorname{argmin}_i x_i", {}),
    "DenseBincount": (r"y_j = \sum_{x_i = j} w_i", {}),
    "HistogramFixedWidth": (r"y_j = \sum_i [v_i \in I_j]", {}),
    "InTopKV2": (r"y = \left[ \sum_c [p_c > p_t] < k \right]", {}),
}
