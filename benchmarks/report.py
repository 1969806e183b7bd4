"""The report: Markdown tables of medians and ratios."""

import statistics
from datetime import date


def heading(machine):
    """Return what stands above all tables."""
    return (
        "# Performance\n\n"
        f"Measured on {date.today():%d %B %Y} by `benchmarks/run.py`. {machine}.\n\n"
        "Each cell: the median of the rounds ± half the distance between their quartiles, and in brackets\n"
        "how many times that of the first column it is (median of the ratios within rounds): above 1 is\n"
        "slower, or more memory.\n"
    )


def section(workload, results, versions, missing, remarks):
    """Return a workload's table, from {quantity: {peer: [values of the rounds]}}."""
    peers = list(versions)
    lines = [f"## {workload.TITLE}", ""]
    if peers:
        lines += ["| | " + " | ".join(peers) + " |", "| --- |" + " ---: |" * len(peers)]
    for quantity, by_peer in results.items():
        cells = [cell(quantity, by_peer.get(peer), by_peer.get(peers[0])) for peer in peers]
        lines.append(f"| {quantity} | " + " | ".join(cells) + " |")
    lines.append("")
    if versions:
        remarks = [f"{', '.join(versions.values())}.", *remarks]
    remarks = remarks + [f"Left out: {peer} ({reason})." for peer, reason in missing.items()]
    lines += [" ".join(remarks), ""]
    lines += goals(workload, results)
    return "\n".join(lines)


def cell(quantity, values, reference):
    """Return one cell: value, spread and ratio."""
    if not values:
        return ""
    text = amount(quantity, statistics.median(values))
    if len(values) >= 4:
        low, middle, high = statistics.quantiles(values, n=4)
        text += f" ± {(high - low) / 2 / middle:.0%}"
    if reference and values is not reference:
        text += f" ({ratio(values, reference):.2f} ×)"
    return text


def ratio(values, reference):
    """Return the median of the ratios of two peers within the rounds."""
    return statistics.median(a / b for a, b in zip(values, reference, strict=True))


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
    for quantity, peer, limit in workload.GOALS:
        by_peer = results.get(quantity, {})
        if "tensorglass" in by_peer and peer in by_peer:
            reached = ratio(by_peer["tensorglass"], by_peer[peer])
            verdict = "reached" if reached <= limit else "**missed**"
            lines.append(f"- {quantity}: {reached:.2f} × {peer}; goal: at most {limit:.2f} ×, {verdict}.")
    return [*lines, ""] if lines else []
