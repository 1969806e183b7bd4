"""The report: Markdown tables of medians and ratios."""

import statistics
from datetime import date

STEP = "step"  # workloads that measure this have a line a peer, others a line a quantity


def heading(machine):
    """Return what stands above all tables."""
    return (
        "# Performance\n\n"
        f"Measured on {date.today():%d %B %Y} by `benchmarks/run.py`. {machine}.\n\n"
        "Times are medians of the rounds ± half the distance between their quartiles; ratios are medians of the\n"
        "ratios within rounds: above 1 is slower, or more memory. *To the first loss* is what a program waits\n"
        "once its libraries are imported: it builds, traces, compiles and makes one step.\n\n"
        "`tensorglass` is the NumPy backend and `tensorglass-xla` the XLA backend, on the same program;\n"
        "`tensorflow` runs that program too, in a Session; `tf-function` and `tf-jit` are the same network under\n"
        "`tf.function`, without and with `jit_compile`; `jax`, `numpy` and `torch` (eager) are written by hand;\n"
        "`jax-tuned` is `jax` with the settings that TensorGlass chooses for the process and for XLA; `torch-compile`\n"
        "is `torch` with its loss and gradient compiled.\n"
    )


def section(workload, results, versions, missing, remarks, first=None):
    """Return a workload's table, from {quantity: {peer: [values of the rounds]}}.

    `versions` is {peer: {distribution: version}}, `first` {peer: seconds to the first loss}.
    """
    lines = [f"## {workload.TITLE}", ""]
    if STEP in results:
        lines += by_peer(results, first or {})
    elif versions:
        lines += by_quantity(results, list(versions))
    lines.append("")
    if versions:
        used = {name: number for found in versions.values() for name, number in found.items()}
        remarks = [", ".join(f"{name} {number}" for name, number in used.items()) + ".", *remarks]
    remarks = remarks + [f"Left out: {peer} ({reason})." for peer, reason in missing.items()]
    lines += [" ".join(remarks), ""]
    lines += goals(workload, results)
    return "\n".join(lines)


def by_peer(results, first):
    """Return the lines of a table with a line a peer, the fastest first."""
    steps = results[STEP]
    peers = sorted(steps, key=lambda peer: statistics.median(steps[peer]))
    ours = next((peer for peer in peers if peer.startswith("tensorglass")), None)
    columns = [STEP, "÷ fastest"] + [f"÷ {ours}"] * bool(ours) + ["to the first loss"] * bool(first)
    columns += [quantity for quantity in results if quantity != STEP]
    lines = table_head(["", *columns])
    for peer in peers:
        cells = [spread(STEP, steps[peer]), f"{ratio(steps[peer], steps[peers[0]]):.2f}"]
        cells += [f"{ratio(steps[peer], steps[ours]):.2f}"] if ours else []
        cells += [amount("", first[peer])] if first else []
        cells += [spread(q, results[q].get(peer)) for q in results if q != STEP]
        name = f"**{peer}**" if peer.startswith("tensorglass") else peer
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def by_quantity(results, peers):
    """Return the lines of a table with a line a quantity; in brackets how many times the first column's it is."""
    lines = table_head(["", *peers])
    for quantity, found in results.items():
        cells = []
        for peer in peers:
            text = spread(quantity, found.get(peer))
            if text and peer != peers[0] and peers[0] in found:
                text += f" ({ratio(found[peer], found[peers[0]]):.2f} ×)"
            cells.append(text)
        lines.append(f"| {quantity} | " + " | ".join(cells) + " |")
    return lines


def table_head(columns):
    """Return the first two lines of a Markdown table; numbers stand to the right."""
    return ["| " + " | ".join(columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]


def spread(quantity, values):
    """Return the median and how far the rounds lie apart."""
    if not values:
        return ""
    text = amount(quantity, statistics.median(values))
    if len(values) >= 4:
        low, middle, high = statistics.quantiles(values, n=4)
        text += f" ± {(high - low) / 2 / middle:.0%}"
    return text


def ratio(values, reference):
    """Return the median of the ratios of two peers within the rounds that both have made."""
    return statistics.median(a / b for a, b in zip(values, reference, strict=False))


def amount(quantity, value):
    """Return a time, or a size where the quantity is memory, in a unit that suits it."""
    if "memory" in quantity:
        return f"{value / 2**20:.1f} MiB"
    if value >= 1:
        return f"{value:.3g} s"
    return f"{value * 1e3:.3g} ms" if value >= 1e-3 else f"{value * 1e6:.3g} µs"


def goals(workload, results):
    """Return a line for each goal of the workload that was measured."""
    lines = []
    for quantity, ours, peer, limit in workload.GOALS:
        found = results.get(quantity, {})
        if ours in found and peer in found:
            reached = ratio(found[ours], found[peer])
            verdict = "reached" if reached <= limit else "**missed**"
            lines.append(
                f"- {quantity}: {ours} needs {reached:.2f} × {peer}; goal: at most {limit:.2f} ×, {verdict}."
            )  # fmt: skip
    return [*lines, ""] if lines else []
