"""Hostile clients, and the outcomes that each kind allows."""

import asyncio
import random
import socket
from dataclasses import dataclass
from typing import Callable

import pictures
from exchange import FORM, PATIENCE_SECONDS, Closed, Connection, form, get, head, passes, post
from PIL import Image

# Outcomes besides statuses.
CLOSED = "closed"  # the server ended the connection without an answer
LEFT = "left"  # the client went first
FORGOTTEN = "forgotten"  # nothing came, for longer than the server lets anything take

# The server's default --max-body and one more.
TOO_MANY_BYTES = 8_000_001
MANY_BYTES = 12_000_000
# Longer than the server waits for a request (TIMEOUT_SECONDS of soak.py).
SILENCE_SECONDS = 8


@dataclass(frozen=True)
class Kind:
    name: str
    allowed: set  # statuses and outcomes
    seconds: float  # from one time to the next
    act: Callable  # what a client does: returns the outcome
    at_once: int = 1  # clients
    overloads: bool = False  # whether others may be refused meanwhile


def kinds(idle_connections):
    """All kinds. 503 is allowed where a request needs a place in the queue or memory for its body."""
    digit = pictures.encoded(Image.fromarray(pictures.handwritten()), "png")
    photo = pictures.photo("4", (800, 600))
    whole = form([digit])
    heavy = post("/api/predict?top_k=1", FORM, form([digit] * 64))
    large = pictures.blank(4096, 4096)

    def sends(request):
        return lambda: ask(request)

    def predict(media_type, body):
        return sends(post("/api/predict", media_type, body))

    return [
        Kind("body half sent", {408}, 1, lambda: ask(post("/api/predict", "image/png", digit)[:-20])),
        # The server may treat a client that closes its side early as gone, and not answer.
        Kind("body half sent, then the end", {400, CLOSED}, 1, lambda: break_off(photo)),
        Kind("body half sent, then a reset", {LEFT}, 0.5, lambda: reset(photo, part=0.5)),
        Kind("request sent, then a reset", {LEFT}, 0.5, lambda: reset(photo, part=1)),
        Kind("headers byte by byte", {CLOSED}, 2, slow_headers),
        Kind("headers without an end", {431}, 2, sends(b"GET / HTTP/1.1\r\nX-Long: " + 50_000 * b"a")),
        Kind("100 MB announced", {413}, 1, sends(announce(100_000_000))),
        Kind("body too large, announced", {413}, 4, lambda: send_much(announce(MANY_BYTES), chunked=False)),
        Kind("body too large, chunked", {413, 503}, 4, lambda: send_much(announce(None), chunked=True)),
        Kind("bomb of 60,000×60,000", {422, 503}, 0.5, predict("image/png", pictures.bomb(60_000, 60_000))),
        Kind("bomb of 2³¹−1 squared", {422, 503}, 1, predict("image/png", pictures.bomb(2**31 - 1, 2**31 - 1))),
        Kind("bomb within the limits", {422, 503}, 4, predict("image/png", pictures.bomb(4096, 4096))),
        Kind("4096×4096 in few bytes", {200, 503}, 5, predict("image/png", large)),
        Kind("form without a boundary", {400}, 1, predict("multipart/form-data", whole)),
        Kind("form with another boundary", {400}, 1, predict("multipart/form-data; boundary=abc", whole)),
        Kind("form cut off", {400}, 1, predict(FORM, whole[: len(whole) // 2])),
        Kind("form without a part", {422}, 1, predict(FORM, b"--xyz--\r\n")),
        Kind("form of 65 parts", {413}, 1, predict(FORM, form([b"x"] * 65))),
        Kind("form of other files", {422, 503}, 1, predict(FORM, form([b"x", b"y"]))),
        Kind("unknown content type", {415}, 1, predict("text/plain", digit)),
        Kind("random pixels", {400, 422, 503}, 1, lambda: ask(post("/api/predict", "application/json", noise()))),
        Kind("random bytes as a picture", {422, 503}, 0.5, lambda: ask(post("/api/read", "image/png", noise()))),
        Kind("damaged JPEG", {200, 422, 503}, 0.5, lambda: ask(post("/api/read", "image/jpeg", damaged(photo)))),
        Kind("damaged PNG", {200, 422, 503}, 0.5, lambda: ask(post("/api/predict", "image/png", damaged(digit)))),
        Kind("random bytes as a request", {400, CLOSED}, 1, lambda: ask(noise() + b"\r\n\r\n")),
        # Anything but a 500 and silence: a damaged request may still be valid.
        Kind("damaged request", damaged_answers(), 0.5, lambda: ask(damaged(get("/api/model", Accept="*/*")))),
        Kind("foreign host", {421}, 1, lambda: ask(get("/").replace(b"localhost", b"evil.example"))),
        Kind("unknown path", {404}, 1, lambda: ask(get(f"/{random.getrandbits(64):x}"))),
        Kind("unknown method", {405}, 1, sends(head("DELETE", "/api/predict", {}))),
        Kind("answers not read", {CLOSED}, 5, do_not_read),
        # The following come once or twice a round, in numbers that fill the server.
        Kind("bodies of 8 MB that do not end", {408, 503}, 25, hold_memory, at_once=12, overloads=True),
        Kind("64 pictures each", {200, 503}, 15, sends(heavy), at_once=40, overloads=True),
        Kind("idle connections", {CLOSED, LEFT}, 40, stay_silent, at_once=idle_connections, overloads=True),
    ]


def clients(kinds, tally, ending, round_seconds):
    """Runs all kinds until the event `ending`."""
    for kind in kinds:
        yield work(kind, tally, ending, random.uniform(0, min(kind.seconds, round_seconds) / 2))


async def work(kind, tally, ending, delay):
    while not await passes(ending, delay):
        overloaded = tally.is_overloaded()
        if kind.overloads:
            tally.overload_starts()
        outcomes = await asyncio.gather(*(outcome_of(kind) for _ in range(kind.at_once)))
        overloaded |= tally.is_overloaded()
        if kind.overloads:
            tally.overload_ends()
        # A full server may close a connection whose request is not complete after a second.
        allowed = kind.allowed | {CLOSED} if overloaded else kind.allowed
        for outcome in outcomes:
            tally.hostile[kind.name, outcome] += 1
            if outcome not in allowed:
                tally.complain(f"{kind.name}: {outcome}")
        delay = kind.seconds


async def outcome_of(kind):
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await kind.act()
    except Closed:
        return CLOSED
    except TimeoutError:
        return FORGOTTEN
    except Exception as error:  # An unexpected error is an outcome that no kind allows, and does not end the test.
        return repr(error)


async def ask(*parts):
    """The status of the answer to whatever these bytes are.

    Reads while it sends: a server that refuses a body does not read all of it, and a reset that comes in the end
    takes an answer that nobody has read.
    """
    connection = await Connection.open()
    answer = asyncio.create_task(connection.answer())
    try:
        for part in parts:
            await connection.send(part)
    except Closed:
        pass  # Perhaps after an answer.
    try:
        return (await answer).status
    finally:
        connection.close()


async def break_off(picture):
    connection = await Connection.open()
    try:
        await connection.send(post("/api/predict", "image/jpeg", picture)[:-100])
        try:
            connection.writer.write_eof()
        except OSError:
            # A full server had closed the connection already.
            return CLOSED
        return (await connection.answer()).status
    finally:
        connection.close()


async def reset(picture, part):
    """Sends a part of a request and resets the connection."""
    request = post("/api/predict", "image/jpeg", picture)
    connection = await Connection.open()
    await connection.send(request[: int(part * len(request))])
    # Sometimes before the server has read it, sometimes while it is being processed.
    await asyncio.sleep(random.uniform(0, 0.02))
    connection.reset()
    return LEFT


async def slow_headers():
    connection = await Connection.open()
    try:
        for byte in get("/api/model", X_Slow=200 * "a"):
            await connection.send(bytes([byte]))
            await asyncio.sleep(0.1)
        return (await connection.answer()).status
    finally:
        connection.close()


def announce(length):
    body = {"Content-Length": length} if length else {"Transfer-Encoding": "chunked"}
    return head("POST", "/api/predict", {"Content-Type": "image/png", **body})


async def send_much(start, chunked):
    """Sends the whole body, whatever the server answers meanwhile."""
    part = bytes(1_000_000)
    if chunked:
        part = f"{len(part):x}\r\n".encode() + part + b"\r\n"
    return await ask(start, *[part] * (MANY_BYTES // 1_000_000))


async def hold_memory():
    """Sends a large body without its last byte."""
    return await ask(announce(TOO_MANY_BYTES - 1) + bytes(TOO_MANY_BYTES - 2))


async def do_not_read():
    """Requests more answers than all buffers can hold, and reads none."""
    connection = await Connection.open()
    small = 4096
    connection.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, small)
    connection.writer.transport.pause_reading()
    try:
        connection.writer.write(get("/api/openapi.json") * 2_000)
        await asyncio.sleep(SILENCE_SECONDS)
        connection.writer.transport.resume_reading()
        await connection.end()
        return CLOSED
    finally:
        connection.close()


async def stay_silent():
    connection = await Connection.open()
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            await connection.end()
        return CLOSED
    except TimeoutError:
        # The kernel accepted the connection, but the server had no place for it.
        return LEFT
    finally:
        connection.close()


def noise():
    return random.randbytes(random.randint(1, 2000))


def damaged(data):
    """The same with some bytes changed."""
    data = bytearray(data)
    for _ in range(random.randint(1, 5)):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def damaged_answers():
    return {200, 304, 400, 404, 405, 408, 411, 413, 414, 415, 417, 421, 422, 431, 501, 503, 505, CLOSED}
