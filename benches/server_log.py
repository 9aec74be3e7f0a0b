"""Reads a server's log and keeps only warnings and errors."""

import os
import threading

# The server logs a line per request, as it does in production; these lines are not kept.
ORDINARY = " INFO "
EXAMPLES = 20


class ServerLog:
    """A pipe for the server to log to; `lines` has the first warnings and errors."""

    def __init__(self):
        self.lines = []
        self.errors = 0
        self._reading, self.file = os.pipe()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        with open(self._reading, errors="replace") as log:
            for line in log:
                if ORDINARY in line:
                    continue
                # A line without a level comes from a panic.
                self.errors += " WARN " not in line
                if len(self.lines) < EXAMPLES:
                    self.lines.append(line.rstrip())

    def close(self):
        """Waits for the last lines; the server must have ended."""
        os.close(self.file)
        self._thread.join()
