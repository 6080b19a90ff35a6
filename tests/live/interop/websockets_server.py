# SPDX-License-Identifier: Apache-2.0
"""Debian's python3-websockets as an echo server on a free port of 127.0.0.1.

Prints "listening on 127.0.0.1:PORT" when ready; serves until it is stopped.
"""
import asyncio

import websockets


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=65536, compression=None) as server:
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


asyncio.run(main())
