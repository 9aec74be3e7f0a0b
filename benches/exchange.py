"""A raw connection to the server, which can also send what no client library would."""

import asyncio
import socket
import struct
from dataclasses import dataclass

from services import PORT

# Longer than any time limit of the server.
PATIENCE_SECONDS = 30
# The read buffer of a client.
BUFFER_BYTES = 64 * 1024


class Closed(Exception):
    """The server closed the connection without a complete answer."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    body: bytes


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls):
        try:
            return cls(*await asyncio.open_connection("127.0.0.1", PORT, limit=BUFFER_BYTES))
        except ConnectionResetError as error:
            raise Closed from error

    async def send(self, data):
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            raise Closed from error

    async def answer(self):
        """The next answer, whole."""
        try:
            return await self._read()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Closed from error

    async def _read(self):
        line, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join([part async for part in self._chunks()])
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(line.split()[1]), headers, body)

    async def _chunks(self):
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)

    async def end(self):
        """Reads whatever comes until the server ends the connection."""
        try:
            while await self.reader.read(BUFFER_BYTES):
                pass
        except ConnectionError:
            pass

    def close(self):
        self.writer.close()

    def reset(self):
        """Closes the connection with a reset (RST) instead of a FIN."""
        linger_no_time = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time)
        self.writer.transport.abort()


async def passes(event, seconds):
    """Waits for the event; whether it came within this time."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def get(path, **headers):
    """The bytes of a request for a page."""
    return head("GET", path, headers)


def post(path, media_type, body):
    """The bytes of a request with a body."""
    return head("POST", path, {"Content-Type": media_type, "Content-Length": len(body)}) + body


def head(method, path, headers):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


FORM = "multipart/form-data; boundary=xyz"


def form(pictures):
    """The body of a form with these files."""
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="picture"; filename="{index}.png"\r\n\r\n'.encode()
        + picture
        + b"\r\n"
        for index, picture in enumerate(pictures)
    ]
    return b"".join(parts) + b"--xyz--\r\n"
