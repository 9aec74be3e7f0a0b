"""The verdict on a soak test: its tables, and the reasons why it failed."""

from samples import fit

# At this rate a server grows by about 1.5 GB in a month, which is still acceptable. It is 4 bytes per request
# at this load: a leak of one buffer, task or label per request, or of a kilobyte per hostile client, is ten
# times as large.
SLOPE_LIMIT = 2.0  # MB per hour
# A slope counts if it exceeds this many of its standard errors, which happens by chance once in about 700 times.
SIGNIFICANT_ERRORS = 3
# A line through fewer quiet samples says nothing.
LEAST_SAMPLES = 4


def measured(samples, warm_up_seconds):
    """The quiet samples from the end of the warm-up on."""
    return [sample for sample in samples if sample.quiet and sample.seconds >= warm_up_seconds]


def faults(quiet, tally, log, exit_code):
    """Why the soak failed; empty if it did not."""
    found = []
    if exit_code != 0:
        found.append(f"the server ended with exit code {exit_code}")
    if log.errors:
        found.append(f"the server logged {log.errors} errors")
    if tally.wrong:
        found.append(f"{tally.wrong} wrong answers or unexpected outcomes")
    if len(quiet) < LEAST_SAMPLES:
        return [*found, f"only {len(quiet)} quiet moments after the warm-up: too short to judge memory"]
    line = fit(quiet, "anonymous_mb")
    if line.slope > SLOPE_LIMIT and line.slope > SIGNIFICANT_ERRORS * line.error:
        found.append(f"memory grows by {line.slope:.2f} ± {line.error:.2f} MB/h, more than {SLOPE_LIMIT}")
    for field in ("descriptors", "threads"):
        begin, end = getattr(quiet[0], field), getattr(quiet[-1], field)
        if end > begin:
            found.append(f"{field}: {begin} at the beginning, {end} at the end")
    return found


def print_tables(samples, quiet, tally, percentiles):
    print("\n| figure | begin | end | least | most | slope |\n|---|---|---|---|---|---|")
    for name, field, unit in [
        ("anonymous memory", "anonymous_mb", "MB"),
        ("resident memory", "resident_mb", "MB"),
    ]:
        line = fit(quiet, field) if len(quiet) >= LEAST_SAMPLES else None
        slope = f"{line.slope:+.2f} ± {line.error:.2f} MB/h" if line else "–"
        print(row(name, [getattr(sample, field) for sample in quiet], "{:.1f} " + unit, slope))
    print(row("file descriptors", [sample.descriptors for sample in quiet], "{}", ""))
    print(row("threads", [sample.threads for sample in quiet], "{}", ""))
    busy = [sample for sample in samples if not sample.quiet]
    if busy:
        most = max(sample.resident_mb for sample in busy)
        print(f"\n{len(quiet)} quiet moments after the warm-up. Under load: up to {most:.0f} MB resident, ", end="")
        print(f"{max(sample.descriptors for sample in busy)} descriptors.")
    p50, p99, longest = percentiles
    print(f"\n- right answers: {tally.good.total():,}; hostile clients: {tally.hostile.total():,}")
    print(f"- good clients waited: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.0f} ms")
    print(f"- refused with 503 while the server was filled, then answered: {tally.refused:,}")
    print(f"- sent again, since the server had ended a kept connection or had no room: {tally.resent:,}")
    print("\n| hostile clients | outcomes |\n|---|---|")
    for kind in dict.fromkeys(kind for kind, _ in tally.hostile):
        outcomes = sorted((str(outcome), count) for (name, outcome), count in tally.hostile.items() if name == kind)
        print(f"| {kind} | {', '.join(f'{outcome}: {count:,}' for outcome, count in outcomes)} |")


def row(name, values, form, slope):
    if not values:
        return f"| {name} | – | – | – | – | – |"
    cells = [form.format(value) for value in (values[0], values[-1], min(values), max(values))]
    return f"| {name} | {' | '.join(cells)} | {slope} |"
