"""The log of a server, of which only what is wrong is kept."""

import os
import threading

# A line for each request is what the server writes all day, so it does here; nobody needs them afterwards.
ORDINARY = " INFO "
EXAMPLES = 20


class ServerLog:
    """A pipe for the server to log to; `lines` has the first that are no ordinary ones."""

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
                # What is no line of the log is a panic's.
                self.errors += " WARN " not in line
                if len(self.lines) < EXAMPLES:
                    self.lines.append(line.rstrip())

    def close(self):
        """Waits for the last lines; the server must have ended."""
        os.close(self.file)
        self._thread.join()
