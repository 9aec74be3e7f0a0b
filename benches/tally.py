"""Counts the outcomes of all clients, and records those that are not allowed."""

import sys
import time
from collections import Counter

# How long after an overload a refusal may still be its consequence.
AFTERMATH_SECONDS = 3
# Number of failures that are kept as examples.
EXAMPLES = 20


class Tally:
    def __init__(self):
        self.good = Counter()  # name of a request -> answers as they should be
        self.hostile = Counter()  # (name of a kind, outcome) -> times
        self.refused = 0  # good requests that were rejected with 503 and sent again
        self.resent = 0  # good requests whose connection had ended before they arrived
        self.wrong = 0
        self.examples = []
        self.seconds = []  # of each good answer
        self._overloads = 0
        self._overloaded_until = 0.0

    def complain(self, text):
        self.wrong += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(text)
            print(text, file=sys.stderr, flush=True)

    def overload_starts(self):
        self._overloads += 1

    def overload_ends(self):
        self._overloads -= 1
        self._overloaded_until = time.monotonic() + AFTERMATH_SECONDS

    def is_overloaded(self):
        """Whether hostile clients fill the server, so that others may be rejected."""
        return self._overloads > 0 or time.monotonic() < self._overloaded_until
