// SPDX-License-Identifier: Apache-2.0
// npm's ws as an echo server on a free port of 127.0.0.1. Usage: node ws_server.js WS_MODULE.
// Prints "listening on 127.0.0.1:PORT" when ready; serves until it is stopped.
'use strict';
const { WebSocketServer } = require(process.argv[2]);

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 65536 });
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
server.on('connection', (connection) => {
  connection.on('error', () => {});
  connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary }));
});
