'use strict';
/**
 * What a worker thread runs: takes chunks of the published step until it is done, publishes the next, sleeps when there is none.
 *
 * CommonJS, because piscina loads ES modules through `new Function`. The task that piscina runs only starts the worker's loop: it
 * returns once all workers are there, and the loop begins after it. So piscina holds an idle worker, which does not keep the
 * process alive, while the worker is parked on shared memory, where waking it takes microseconds.
 *
 * Why no straggler can touch the wrong step: a chunk is taken by compare-exchange on the 64-bit ticket, which holds the
 * step's number and how many units are left to take. If that succeeds, the step was not over since the ticket was read, so nothing that was read
 * of it meanwhile can have been replaced. A ticket with nothing left says so by itself, whatever the step's memory holds by then.
 */

const { performance } = require('node:perf_hooks');

/**
 * @typedef {object} Start
 * @property {WebAssembly.Memory} memory
 * @property {SharedArrayBuffer} shared the control words
 * @property {number} threads
 * @property {{ control: Record<string, number>, step: Record<string, number>, kinds: Record<string, number>, program: Record<string, number>, stopAddress: number }} layout
 */

/** Polls of the generation before a worker sleeps: some microseconds, the pause between two steps of a job. */
const polls = 2000;
/** Milliseconds a chunk should take: long enough to hide its cost, short enough to stop and to share. */
const least = 0.2;
const most = 1;

/** @param {Start} start */
module.exports = (start) => {
  const words = new Int32Array(start.shared);
  const { arrived } = start.layout.control;
  const index = Atomics.add(words, arrived, 1);
  Atomics.notify(words, arrived);
  // piscina may give a second task to a worker that has ended its first: nobody ends before all are there
  for (let here = index + 1; here < start.threads; here = Atomics.load(words, arrived)) {
    Atomics.wait(words, arrived, here);
  }
  setImmediate(() => park(start, index));
};

/** @param {Start} start @param {number} index */
function park(start, index) {
  const { memory, shared, threads, layout } = start;
  const { control, step: field, kinds } = layout;
  const words = new Int32Array(shared);
  const ticket = new BigUint64Array(shared);
  /** @type {Map<number, (args: number, scratch: number, first: number, count: number) => void>} */
  const programs = new Map();

  let view = new Int32Array(memory.buffer);
  /** The memory from this address on; it may have grown since. @param {number} address */
  const at = (address) => {
    while (view.length * 4 <= address) view = new Int32Array(memory.buffer);
    return address >>> 2;
  };

  /** @param {number} address */
  const program = (address) => {
    let run = programs.get(address);
    if (run === undefined) {
      const start = at(address);
      const length = view[start + layout.program.length];
      const code = address + 4 * layout.program.bytes;
      at(code + length - 1);
      const bytes = new Uint8Array(length); // a module cannot be made from shared bytes
      bytes.set(new Uint8Array(memory.buffer, code, length));
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      run = /** @type {any} */ (instance.exports.run);
      programs.set(address, run);
    }
    return run;
  };

  /** Runs units of a step. @param {number} step @param {number} first @param {number} count */
  const execute = (step, first, count) => {
    const at0 = at(step);
    const kind = view[at0 + field.kind];
    if (kind === kinds.dispatch) {
      const scratch = (view[at0 + field.scratch] >>> 0) + index * (view[at0 + field.stride] >>> 0);
      program(view[at0 + field.program] >>> 0)(view[at0 + field.arguments], scratch, first, count);
      return;
    }
    const bytes = view[at0 + field.bytes] >>> 0;
    const block = view[at0 + field.block] >>> 0;
    const begin = first * block;
    const length = Math.min(count * block, bytes - begin);
    const to = (view[at0 + field.to] >>> 0) + begin;
    at(to + length - 1);
    const target = new Uint8Array(memory.buffer, to, length);
    if (kind === kinds.fill) target.fill(0);
    else {
      const from = (view[at0 + field.from] >>> 0) + begin;
      at(from + length - 1);
      target.set(new Uint8Array(memory.buffer, from, length));
    }
  };

  /** Makes a step the one that workers take from. @param {number} step @param {bigint} number */
  const publish = (step, number) => {
    Atomics.store(words, control.step, step);
    Atomics.store(words, control.done, 0);
    Atomics.store(ticket, control.ticket >> 1, (number << 32n) | BigInt(view[at(step) + field.total] >>> 0));
    Atomics.add(words, control.generation, 1);
    Atomics.notify(words, control.generation, 1);
  };

  /** Takes chunks until the published step has none left. `woken`: this worker slept, and wakes the next one if there is enough to do. @param {boolean} woken */
  const work = (woken) => {
    let current = -1n;
    let grain = 1;
    for (;;) {
      const dealt = Atomics.load(ticket, control.ticket >> 1);
      const number = dealt >> 32n;
      const rest = Number(dealt & 0xffffffffn);
      if (rest === 0) return;
      const step = Atomics.load(words, control.step) >>> 0;
      const at0 = at(step);
      const total = view[at0 + field.total] >>> 0;
      if (number !== current) {
        current = number;
        grain = view[at0 + field.grain] >>> 0;
      }
      const stopped = Atomics.load(view, layout.stopAddress >>> 2) !== 0;
      const share = Math.ceil(rest / (2 * threads));
      const count = stopped ? rest : Math.max(Math.min(grain, share), 1);
      if (Atomics.compareExchange(ticket, control.ticket >> 1, dealt, dealt - BigInt(count)) !== dealt) continue;
      if (woken && count < rest) Atomics.notify(words, control.generation, 1);
      woken = false;
      if (!stopped) {
        const begin = performance.now();
        execute(step, total - rest, count);
        const took = performance.now() - begin;
        if (took < least) grain = Math.min(grain * 2, 0x7fffffff);
        else if (took > most) grain = Math.max(grain >>> 1, 1);
      }
      if ((Atomics.add(words, control.done, count) + count) >>> 0 !== total) continue;
      const following = view[at(step) + field.next] >>> 0;
      if (following === 0 || Atomics.load(view, layout.stopAddress >>> 2) !== 0) {
        Atomics.add(words, control.finished, 1);
        Atomics.notify(words, control.finished);
        return;
      }
      publish(following, number + 1n);
    }
  };

  let seen = 0;
  for (;;) {
    let woken = false;
    for (let poll = 0; Atomics.load(words, control.generation) === seen; poll++) {
      if (poll < polls) continue;
      woken = true;
      Atomics.wait(words, control.generation, seen);
    }
    seen = Atomics.load(words, control.generation);
    work(woken);
  }
}
