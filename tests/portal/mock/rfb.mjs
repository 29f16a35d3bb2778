// SPDX-License-Identifier: Apache-2.0
// The least of an RFB 3.8 server over WebSocket (RFC 6143): one screen, no authentication, raw pixels. It draws a row
// of blocks, one for each key pressed, so that a test and an eye can see that typing arrives.

const WIDTH = 640;
const HEIGHT = 400;

function serverInit() {
  const name = Buffer.from("mock");
  const head = Buffer.alloc(24);
  head.writeUInt16BE(WIDTH, 0);
  head.writeUInt16BE(HEIGHT, 2);
  head.set([32, 24, 0, 1], 4);
  head.writeUInt16BE(255, 8);
  head.writeUInt16BE(255, 10);
  head.writeUInt16BE(255, 12);
  head.set([0, 8, 16], 14);
  head.writeUInt32BE(name.length, 20);
  return Buffer.concat([head, name]);
}

function frame(keyCount) {
  const head = Buffer.alloc(16);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(WIDTH, 8);
  head.writeUInt16BE(HEIGHT, 10);
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = (y * WIDTH + x) * 4;
      const column = Math.floor((x - 20) / 14);
      const isBlock = y >= 40 && y < 58 && x >= 20 && (x - 20) % 14 < 10 && column < keyCount;
      const isLine = y >= 20 && y < 30 && x >= 20 && x < 320;
      pixels.set(isBlock ? [120, 220, 150, 255] : isLine ? [190, 200, 205, 255] : [8, 12, 16, 255], at);
    }
  }
  return Buffer.concat([head, pixels]);
}

/** Speaks RFB on 'socket' (of the ws package); 'onKey' gets the keysym of each key that goes down. */
export function serveRfb(socket, onKey) {
  let input = Buffer.alloc(0);
  let keyCount = 0;
  let isWaiting = false;
  const send = (bytes) => socket.send(Buffer.from(bytes));
  const take = (size) => {
    const bytes = input.subarray(0, size);
    input = input.subarray(size);
    return bytes;
  };
  const update = () => {
    isWaiting = false;
    socket.send(frame(keyCount));
  };

  const messages = {
    0: () => 20,
    2: () => (input.length < 4 ? Infinity : 4 + 4 * input.readUInt16BE(2)),
    3: () => 10,
    4: () => 8,
    5: () => 6,
    6: () => (input.length < 8 ? Infinity : 8 + Math.abs(input.readInt32BE(4))),
  };
  let isFirst = true;
  const onMessage = (bytes) => {
    if (bytes[0] === 3) {
      isWaiting = true;
      if (isFirst || bytes[1] === 0) {
        isFirst = false;
        update();
      }
    } else if (bytes[0] === 4 && bytes[1] === 1) {
      keyCount++;
      onKey(bytes.readUInt32BE(4));
      if (isWaiting) {
        update();
      }
    }
  };
  const phases = [
    { size: () => 12, run: () => send([1, 1]) },
    { size: () => 1, run: () => send([0, 0, 0, 0]) },
    { size: () => 1, run: () => socket.send(serverInit()) },
  ];
  let phase = 0;
  socket.on("message", (data) => {
    input = Buffer.concat([input, data]);
    for (;;) {
      if (phase < phases.length) {
        if (input.length < phases[phase].size()) {
          return;
        }
        take(phases[phase].size());
        phases[phase++].run();
        continue;
      }
      const size = input.length > 0 ? (messages[input[0]]?.() ?? 1) : Infinity;
      if (input.length < size) {
        return;
      }
      onMessage(take(size));
    }
  });
  send(Buffer.from("RFB 003.008\n"));
}
