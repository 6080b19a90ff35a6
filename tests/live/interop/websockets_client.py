# SPDX-License-Identifier: Apache-2.0
"""Debian's python3-websockets as a client of an echo server.

Usage: websockets_client.py URL [CA_FILE]. The server must take messages of 1 MiB. Prints one line
for each check; exit status 1 when one failed.
"""
import asyncio
import ssl
import sys

import websockets


async def text(connect):
    async with connect() as client:
        for message in ["hello", "", "κόσμε 😀", "x" * 126, "x" * 65536]:
            await client.send(message)
            assert await client.recv() == message


async def binary(connect):
    async with connect() as client:
        for message in [b"\x00\xff", b"", bytes(range(256)) * 4096]:
            await client.send(message)
            assert await client.recv() == message


async def fragmented(connect):
    async with connect() as client:
        await client.send(["one ", "two ", "", "three"])
        assert await client.recv() == "one two three"
        await client.send([b"a", b"b" * 70000])
        assert await client.recv() == b"a" + b"b" * 70000


async def ping(connect):
    async with connect() as client:
        await asyncio.wait_for(await client.ping(b"payload"), 20)
        await asyncio.wait_for(await client.ping(), 20)


async def close_codes(connect):
    for code in [1000, 1001, 3000, 4999]:
        client = await connect()
        await client.close(code, "going")
        assert client.close_code == code, client.close_code


async def pipelined(connect):
    async with connect() as client:
        for i in range(1000):
            await client.send(str(i))
        for i in range(1000):
            assert await client.recv() == str(i)


async def too_big(connect):
    client = await connect()
    try:
        await client.send(b"x" * (1024 * 1024 + 1))
    except websockets.ConnectionClosed:  # told before all of it was sent
        pass
    await asyncio.wait_for(client.wait_closed(), 20)
    assert client.close_code == 1009, client.close_code


async def many(connect):
    clients = await asyncio.gather(*(connect() for _ in range(100)))
    await asyncio.gather(*(client.send("hello") for client in clients))
    assert await asyncio.gather(*(client.recv() for client in clients)) == ["hello"] * 100
    await asyncio.gather(*(client.close() for client in clients))


async def main(url, ca_file):
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None

    def connect():
        return websockets.connect(url, ssl=context, max_size=None, open_timeout=20)

    failed = 0
    for check in [text, binary, fragmented, ping, close_codes, pipelined, too_big, many]:
        try:
            await asyncio.wait_for(check(connect), 15)
            print(f"ok {check.__name__}")
        except Exception as error:  # one failing check must not hide the next
            failed += 1
            print(f"FAILED {check.__name__}: {error!r}")
    return 1 if failed else 0


sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)))
