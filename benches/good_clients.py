"""Well-behaved clients, which check every answer."""

import asyncio
import json
import math
import random
import time
from dataclasses import dataclass, field

import pictures
from exchange import FORM, PATIENCE_SECONDS, Closed, Connection, form, get, post
from PIL import Image

# The limit of one client, low enough that it keeps up even with the slowest answers.
REQUESTS_PER_SECOND_AND_CLIENT = 5
# The value of Retry-After in the server's answers.
RETRY_SECONDS = 1

PAGE = ["/", "/page.css", "/page.js", "/answer.js", "/model.js", "/server.js", "/sketch.js", "/icon.svg"]


@dataclass
class Question:
    """A request that always has the same answer."""

    name: str
    request: bytes
    rate: float  # requests per second, all clients together
    says: str  # part of the answer
    varies: bool = False  # only `says` stays the same
    expected: bytes = field(default=b"", repr=False)


def questions():
    """About 150 requests a second."""
    levels = pictures.handwritten()
    digit = pictures.encoded(Image.fromarray(levels), "png")
    photo = pictures.photo("4", (800, 600))
    number = pictures.photo("1747", (1000, 300))
    pixels = json.dumps({"pixels": levels.tolist()}).encode()
    several = form([digit, photo, digit, pictures.blank(100, 80)])
    page = [Question(f"page {path}", get(path), 1, "") for path in PAGE]
    packed = [Question(f"page {path}, gzip", get(path, Accept_Encoding="gzip"), 1, "") for path in PAGE]
    return [
        Question("predict, PNG", post("/api/predict", "image/png", digit), 75, '"answer":"7"'),
        Question("predict, JPEG", post("/api/predict?input=true", "image/jpeg", photo), 10, '"answer":"4"'),
        Question("predict, form", post("/api/predict?top_k=2", FORM, several), 8, '"reason":"blank"'),
        Question("predict, pixels", post("/api/predict", "application/json", pixels), 20, '"answer":"7"'),
        Question("read, JPEG", post("/api/read", "image/jpeg", number), 8, '"text":"1747"'),
        Question("model", get("/api/model"), 6, '"parameters"'),
        Question("confusion matrix", get("/api/confusion_matrix.png"), 2, ""),
        Question("description", get("/api/openapi.json"), 2, '"openapi"'),
        Question("figures", get("/metrics"), 2, "# EOF", varies=True),
        *page,
        *packed,
    ]


async def learn(questions):
    """Records the answers of an idle server."""
    for question in questions:
        connection = await Connection.open()
        await connection.send(question.request)
        answer = await connection.answer()
        connection.close()
        if not is_right(question, answer, answer.body):
            raise SystemExit(f"error: {question.name}: {answer.status} {answer.body[:500]}")
        question.expected = answer.body


def is_right(question, answer, expected):
    says = question.says.encode() in answer.body
    return answer.status == 200 and says and (question.varies or answer.body == expected)


def clients(questions, tally, ending):
    """The work of all clients until the event `ending`; half of them keep their connections."""
    for question in questions:
        count = math.ceil(question.rate / REQUESTS_PER_SECOND_AND_CLIENT)
        count += count % 2
        for number in range(count):
            client = Client(question, tally, keeps=number % 2 == 0)
            yield client.work(question.rate / count, ending)


class Client:
    def __init__(self, question, tally, keeps):
        self.question, self.tally, self.keeps = question, tally, keeps
        self.connection = None

    async def work(self, rate, ending):
        # Clients that start together should not send together.
        due = time.monotonic() + random.random() / rate
        while not ending.is_set():
            await asyncio.sleep(due - time.monotonic())
            await self.ask()
            # A late client does not catch up: the rate is a limit.
            due = max(due + 1 / rate, time.monotonic())
        self.leave()

    async def ask(self):
        start = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self.exchange()
        except Exception as error:  # An unexpected error counts as wrong, and does not end the test.
            self.leave()
            self.tally.complain(f"{self.question.name}: {error!r} after {time.monotonic() - start:.1f} s")
            return
        self.tally.seconds.append(time.monotonic() - start)
        if is_right(self.question, answer, self.question.expected):
            self.tally.good[self.question.name] += 1
        else:
            self.tally.complain(f"{self.question.name}: {answer.status} {answer.body[:300]}")
        if not self.keeps or answer.headers.get("connection") == "close":
            self.leave()

    async def exchange(self):
        """The answer, after retries where the protocol allows them."""
        while True:
            is_reused = self.connection is not None
            overloaded = self.tally.is_overloaded()
            try:
                self.connection = self.connection or await Connection.open()
                await self.connection.send(self.question.request)
                answer = await self.connection.answer()
            except Closed:
                self.leave()
                # A server may close an idle connection at any time, and any connection when it is full.
                if not (is_reused or overloaded or self.tally.is_overloaded()):
                    raise
                self.tally.resent += 1
                await asyncio.sleep(0.1)
                continue
            overloaded |= self.tally.is_overloaded()
            if answer.status != 503 or not overloaded or "retry-after" not in answer.headers:
                return answer
            self.tally.refused += 1
            await asyncio.sleep(RETRY_SECONDS)

    def leave(self):
        if self.connection:
            self.connection.close()
            self.connection = None
