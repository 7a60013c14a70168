"""How everything here is timed.

    median(run)     seconds of a run
"""
import statistics
import time

REPEATS = 5
LONG_ENOUGH = 0.02     # seconds, for one timing


def median(run):
    """Seconds of a run: the median of several, after one to warm up; what is short is run often enough to last a while."""
    run()
    start = time.perf_counter()
    run()
    often = max(1, int(LONG_ENOUGH/(time.perf_counter() - start)))
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(often):
            run()
        times.append((time.perf_counter() - start)/often)
    return statistics.median(times)
