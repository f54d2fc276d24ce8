'use strict';
/**
 * What a worker thread runs: takes chunks of the published step until it is done, publishes the next, sleeps when there is none.
 *
 * In Node it is a piscina task, CommonJS because piscina loads ES modules through `new Function`; in a page it is the script of a
 * Web Worker (its text is in worker-text.ts). It stands alone: layouts come with the first message.
 *
 * Why no straggler can touch the wrong step: a chunk is taken by compare-exchange on the ticket, which only grows. A worker reads
 * the ticket first, and then where the step ends, which is published last. If they differ there was something left, and if the
 * exchange succeeds nobody has taken anything since, so the step was not over and nothing that was read of it meanwhile can
 * have been replaced.
 */

/**
 * @typedef {object} Start
 * @property {WebAssembly.Memory} memory
 * @property {number} threads
 * @property {{ control: Record<string, number>, step: Record<string, number>, program: Record<string, number>, programBytes: number }} layout
 */

/**
 * Milliseconds that a worker polls before it sleeps: while a job is under way, as waking takes longer than most steps have left when a
 * worker finds nothing more to take; and after a job, as the next one may be near. Polls between two looks at the clock.
 */
const patience = 0.05;
const patienceAfter = 0.01;
const polls = 100;
/** Picoseconds of work: what is taken whole; the least chunk of more; the largest; what is worth waking another worker for. */
const whole = 10e6;
const least = 5e6;
const most = 1e9;
const worthWaking = 60e6;

/** @param {Start} start @param {number} index */
function park({ memory, threads, layout }, index) {
  const { control, step: field } = layout;
  /** The control words stay where they are when the memory grows. */
  const words = new Int32Array(memory.buffer);
  let view = words;
  /** A word of what is at this address; the memory may have grown since. @param {number} address @param {number} index */
  const word = (address, index) => {
    const at = (address >>> 2) + index;
    while (view.length <= at) view = new Int32Array(memory.buffer);
    return view[at] >>> 0;
  };

  /** By address. @type {Map<number, (args: number, scratch: number, first: number, count: number) => void>} */
  const programs = new Map();
  let freed = 0;
  /** @param {number} address */
  const program = (address) => {
    const freedNow = Atomics.load(words, control.freed);
    if (freed !== freedNow) {
      freed = freedNow;
      programs.clear();
    }
    let run = programs.get(address);
    if (run === undefined) {
      const length = word(address, layout.program.length);
      const code = address + layout.programBytes;
      const bytes = new Uint8Array(length); // a module cannot be made from shared bytes
      word(code + length - 1, 0);
      bytes.set(new Uint8Array(memory.buffer, code, length));
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      run = /** @type {any} */ (instance.exports.run);
      programs.set(address, run);
    }
    return run;
  };

  /** Makes a step the one that workers take from. @param {number} step */
  const publish = (step) => {
    const total = word(step, field.total);
    Atomics.store(words, control.step, step);
    Atomics.store(words, control.total, total);
    Atomics.store(words, control.program, word(step, field.program));
    Atomics.store(words, control.done, 0);
    Atomics.add(words, control.end, total);
    Atomics.add(words, control.generation, 1);
  };

  /** Takes chunks until the published step has none left. */
  const work = () => {
    for (;;) {
      const taken = Atomics.load(words, control.ticket);
      const rest = (Atomics.load(words, control.end) - taken) >>> 0;
      if (rest === 0) return;
      // of control words only: until the exchange has succeeded, the step's own memory may be another's already
      const step = Atomics.load(words, control.step) >>> 0;
      const total = Atomics.load(words, control.total) >>> 0;
      const address = Atomics.load(words, control.program) >>> 0;
      const pace = word(address, layout.program.pace);
      const stopped = Atomics.load(words, control.stop) !== 0;
      const count = stopped ? rest : chunk(rest, pace, threads);
      if (Atomics.compareExchange(words, control.ticket, taken, (taken + count) | 0) !== taken) continue;
      if (!stopped) {
        const worth = pace === 0 ? rest > count : (rest - count) * pace > worthWaking;
        if (worth && Atomics.load(words, control.sleeping) > 0) Atomics.notify(words, control.generation, 1);
        const scratch = (words[control.scratch] >>> 0) + index * (words[control.stride] >>> 0);
        const run = program(address);
        const begin = performance.now();
        run(word(step, field.arguments), scratch, total - rest, count);
        view[(address >>> 2) + layout.program.pace] = learnt(pace, performance.now() - begin, count);
      }
      if ((Atomics.add(words, control.done, count) + count) >>> 0 !== total) continue;
      const following = word(step, field.next);
      if (following === 0 || Atomics.load(words, control.stop) !== 0) {
        Atomics.store(words, control.busy, 0);
        Atomics.add(words, control.finished, 1);
        Atomics.notify(words, control.finished);
        return;
      }
      publish(following);
    }
  };

  /** Whether a step was published since, within the time that it is worth waiting for one. @param {number} seen */
  const polled = (seen) => {
    const begin = performance.now();
    for (;;) {
      for (let poll = 0; poll < polls; poll++) if (Atomics.load(words, control.generation) !== seen) return true;
      const waited = performance.now() - begin;
      if (waited > (Atomics.load(words, control.busy) === 0 ? patienceAfter : patience)) return false;
    }
  };

  let seen = 0;
  for (;;) {
    if (!polled(seen)) {
      Atomics.add(words, control.sleeping, 1);
      Atomics.wait(words, control.generation, seen);
      Atomics.sub(words, control.sleeping, 1);
    }
    seen = Atomics.load(words, control.generation);
    work();
  }
}

/** Units to take of the rest. @param {number} rest @param {number} pace @param {number} threads */
function chunk(rest, pace, threads) {
  if (pace === 0) return 1;
  if (rest * pace <= whole) return rest;
  const share = Math.ceil(rest / (2 * threads));
  return Math.min(rest, Math.max(1, Math.ceil(least / pace), Math.min(share, Math.ceil(most / pace))));
}

/** The pace after a chunk. Slow to believe that it got worse: a thread may have been held up. @param {number} pace @param {number} ms @param {number} count */
function learnt(pace, ms, count) {
  const measured = Math.min(Math.max((ms * 1e9) / count, 1), 0x7fffffff);
  return pace === 0 || measured < pace ? measured : pace + (measured - pace) / 4;
}

if (typeof module === 'object') {
  /**
   * The task only starts the worker's loop: it returns once all workers are there, and the loop begins after it. So piscina
   * holds an idle worker, which does not keep the process alive, while the worker is parked on shared memory, where waking it
   * takes microseconds.
   *
   * @param {Start} start
   */
  module.exports = (start) => {
    const words = new Int32Array(start.memory.buffer);
    const { arrived } = start.layout.control;
    const index = Atomics.add(words, arrived, 1);
    Atomics.notify(words, arrived);
    // piscina may give a second task to a worker that has ended its first: nobody ends before all are there
    for (let here = index + 1; here < start.threads; here = Atomics.load(words, arrived)) {
      Atomics.wait(words, arrived, here);
    }
    setImmediate(() => park(start, index));
  };
} else {
  self.onmessage = ({ data }) => park(data.start, data.index);
}
