// SPDX-License-Identifier: Apache-2.0
// The baseline that the original's stack gives: npm's ws and prom-client, used the way their
// documentation does. Answers each message with the message (echo), or passes it to all clients of
// its path, the sender included (broadcast). Like the original it counts its connections in a gauge
// and pings all clients every 10 s, ending those that did not answer the last ping.
//   node server.mjs [PORT] [echo|broadcast]      (PORT 0, the default: any free one)
import http from 'node:http';

import client from 'prom-client';
import WebSocket, { WebSocketServer } from 'ws';

const PING_INTERVAL_MS = 10_000;
const [port = '0', mode = 'echo'] = process.argv.slice(2);

const connections = new client.Gauge({
  name: 'websockets_connections_total',
  help: 'number of active WebSocket connections',
});

const server = http.createServer(async (request, response) => {
  if (request.url !== '/metrics') {
    response.writeHead(request.url === '/healthz' ? 200 : 404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': client.register.contentType });
  response.end(await client.register.metrics());
});

const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
const rooms = new Map();

webSockets.on('connection', (socket, request) => {
  connections.inc();
  socket.isAlive = true;
  const room = mode === 'broadcast' ? enter(socket, request.url) : undefined;
  socket.on('message', (data, binary) => (room ? broadcast(room, data, binary)
                                               : socket.send(data, { binary })));
  socket.on('pong', () => (socket.isAlive = true));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    connections.dec();
    room?.delete(socket);
  });
});

function enter(socket, path) {
  if (!rooms.has(path)) rooms.set(path, new Set());
  return rooms.get(path).add(socket);
}

function broadcast(room, data, binary) {
  for (const member of room) {
    if (member.readyState === WebSocket.OPEN) member.send(data, { binary });
  }
}

setInterval(() => {
  for (const socket of webSockets.clients) {
    if (!socket.isAlive) {
      socket.terminate();
      continue;
    }
    socket.isAlive = false;
    socket.ping();
  }
}, PING_INTERVAL_MS);

server.listen(Number(port), '127.0.0.1', () => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
