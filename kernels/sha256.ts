import { fn, kernel, read, readWrite, u32 } from '../src/index.ts';

const byteSwap = fn([u32], u32, (_k, x) => (x << 24) | ((x & 0xff00) << 8) | ((x >> 8) & 0xff00) | (x >> 24));

/**
 * SHA-256 (FIPS 180-4) of many messages at once, one message an invocation.
 *
 * `words` holds the padded messages' bytes one after the other (`sha256Input` makes it), message m being `blocks[m]` blocks of
 * 64 bytes from block `starts[m]` on. `state` holds the eight words of each message's hash, `sha256Initial` at first. A launch
 * takes each message from its block `from` on, at most `count` blocks further, so that long messages take several launches.
 */
export const sha256 = kernel({
  name: 'sha256',
  params: {
    words: read(u32),
    starts: read(u32),
    blocks: read(u32),
    from: u32,
    count: u32,
    constants: read(u32),
    state: readWrite(u32, 2),
  },
  uses: { byteSwap },
  invocations: ({ starts }) => starts.length,
  body({ words, starts, blocks, from, count, constants, state, byteSwap }, k) {
    const message = k.global.x;
    const length = blocks.at(message);
    if (from >= length) return;
    const todo = k.min(count, length - from);
    let h0 = state.at(message, 0);
    let h1 = state.at(message, 1);
    let h2 = state.at(message, 2);
    let h3 = state.at(message, 3);
    let h4 = state.at(message, 4);
    let h5 = state.at(message, 5);
    let h6 = state.at(message, 6);
    let h7 = state.at(message, 7);
    const w = k.array.u32(16); // the last 16 words of the message schedule
    for (let block = k.u32(0); block < todo; block++) {
      const first = (starts.at(message) + from + block) * 16;
      for (let t = 0; t < 16; t++) w[t] = byteSwap(words.at(first + k.u32(t)));
      let a = h0;
      let b = h1;
      let c = h2;
      let d = h3;
      let e = h4;
      let f = h5;
      let g = h6;
      let h = h7;
      for (let t = 0; t < 64; t++) {
        if (t >= 16) {
          const x = w.at((t - 15) & 15);
          const y = w.at((t - 2) & 15);
          const s0 = k.rotateRight(x, 7) ^ k.rotateRight(x, 18) ^ (x >> 3);
          const s1 = k.rotateRight(y, 17) ^ k.rotateRight(y, 19) ^ (y >> 10);
          w[t & 15] = w.at(t & 15) + s0 + w.at((t - 7) & 15) + s1;
        }
        const choice = (e & f) ^ (~e & g);
        const majority = (a & b) ^ (a & c) ^ (b & c);
        const sum1 = k.rotateRight(e, 6) ^ k.rotateRight(e, 11) ^ k.rotateRight(e, 25);
        const sum0 = k.rotateRight(a, 2) ^ k.rotateRight(a, 13) ^ k.rotateRight(a, 22);
        const t1 = h + sum1 + choice + constants.at(t) + w.at(t & 15);
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + sum0 + majority;
      }
      h0 += a;
      h1 += b;
      h2 += c;
      h3 += d;
      h4 += e;
      h5 += f;
      h6 += g;
      h7 += h;
    }
    state.set(message, 0, h0);
    state.set(message, 1, h1);
    state.set(message, 2, h2);
    state.set(message, 3, h3);
    state.set(message, 4, h4);
    state.set(message, 5, h5);
    state.set(message, 6, h6);
    state.set(message, 7, h7);
  },
});

const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
/** First 32 bits of the fraction of a positive real number, given as an exact integer root scaled by 2^32. */
function fractionBits(radicand: number, degree: 2n | 3n): number {
  // the integer root of radicand * 2^(32 degree), by bisection
  const scaled = BigInt(radicand) << (32n * degree);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    // not `**`, which tools that write older JavaScript make Math.pow, for which a BigInt is an error
    const power = degree === 2n ? middle * middle : middle * middle * middle;
    if (power <= scaled) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

/** The 64 round constants: from the cube roots of the first primes. */
export const sha256Constants = Uint32Array.from(primes, (p) => fractionBits(p, 3n));
/** The eight words a hash starts from: from the square roots of the first primes. */
export const sha256Initial = Uint32Array.from(primes.slice(0, 8), (p) => fractionBits(p, 2n));

/** Messages padded and laid out as the kernel wants them. */
export function sha256Input(messages: readonly Uint8Array[]): {
  words: Uint32Array;
  starts: Uint32Array;
  blocks: Uint32Array;
  state: Uint32Array;
} {
  const blocks = Uint32Array.from(messages, ({ length }) => Math.floor((length + 8) / 64) + 1);
  const starts = new Uint32Array(messages.length);
  let total = 0;
  for (let m = 0; m < messages.length; m++) {
    starts[m] = total;
    total += blocks[m]!;
  }
  const bytes = new Uint8Array(total * 64);
  const view = new DataView(bytes.buffer);
  const state = new Uint32Array(messages.length * 8);
  messages.forEach((message, m) => {
    const start = starts[m]! * 64;
    const end = start + blocks[m]! * 64;
    bytes.set(message, start);
    bytes[start + message.length] = 0x80;
    view.setBigUint64(end - 8, BigInt(message.length) * 8n); // the length in bits, big-endian
    state.set(sha256Initial, m * 8);
  });
  return { words: new Uint32Array(bytes.buffer), starts, blocks, state };
}

/** The hash of message m as hex, from the words of `state`. */
export function sha256Hex(state: Uint32Array, m: number): string {
  return Array.from(state.subarray(m * 8, m * 8 + 8), (word) => word.toString(16).padStart(8, '0')).join('');
}
