// SPDX-License-Identifier: Apache-2.0
// npm's ws as a client of an echo server. Usage: node ws_client.js WS_MODULE URL [CA_FILE]. The
// server must take messages of 1 MiB. Prints one line for each check; exit status 1 when one
// failed.
'use strict';
const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const WebSocket = require(process.argv[2]);
const url = process.argv[3];
const options = process.argv[4] ? { ca: fs.readFileSync(process.argv[4]) } : {};

async function connect() {
  const client = new WebSocket(url, options);
  await once(client, 'open');
  return client;
}

async function echo(client, message) {
  client.send(message);
  const [data, isBinary] = await once(client, 'message');
  return isBinary ? data : data.toString();
}

async function close(client, code, reason) {
  client.close(code, reason);
  return (await once(client, 'close'))[0];
}

const checks = {
  async text() {
    const client = await connect();
    for (const message of ['hello', '', 'κόσμε 😀', 'x'.repeat(126), 'x'.repeat(65536)]) {
      assert.strictEqual(await echo(client, message), message);
    }
    assert.strictEqual(await close(client, 1000), 1000);
  },
  async binary() {
    const client = await connect();
    for (const message of [Buffer.from([0, 255]), Buffer.alloc(0), Buffer.alloc(1048576, 7)]) {
      assert.ok(message.equals(await echo(client, message)));
    }
    assert.strictEqual(await close(client, 1000), 1000);
  },
  async fragmented() {
    const client = await connect();
    client.send('one ', { fin: false });
    client.ping('between');
    client.send('two ', { fin: false });
    client.send('three', { fin: true });
    const [[pong], [message]] = await Promise.all([once(client, 'pong'), once(client, 'message')]);
    assert.strictEqual(pong.toString(), 'between');
    assert.strictEqual(message.toString(), 'one two three');
    assert.strictEqual(await close(client, 1000), 1000);
  },
  async closeCodes() {
    for (const code of [1000, 1001, 3000, 4999]) {
      assert.strictEqual(await close(await connect(), code, 'going'), code);
    }
  },
  async pipelined() {
    const client = await connect();
    const received = [];
    const done = new Promise((resolve) => {
      client.on('message', (data) => received.push(data.toString()) === 1000 && resolve());
    });
    for (let i = 0; i < 1000; i++) client.send(String(i));
    await done;
    received.forEach((message, i) => assert.strictEqual(message, String(i)));
    assert.strictEqual(await close(client, 1000), 1000);
  },
  async tooBig() {
    const client = await connect();
    client.on('error', () => {});
    client.send(Buffer.alloc(1048577));
    assert.strictEqual((await once(client, 'close'))[0], 1009);
  },
};

function timeLimit(seconds) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`nothing after ${seconds} s`)), seconds * 1000);
  });
}

async function main() {
  let failed = 0;
  process.exitCode = 1; // stands when nothing is left to wait for before the end
  for (const [name, check] of Object.entries(checks)) {
    try {
      await Promise.race([check(), timeLimit(15)]);
      console.log(`ok ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}: ${error}`);
    }
  }
  process.exit(failed ? 1 : 0);
}
main();
