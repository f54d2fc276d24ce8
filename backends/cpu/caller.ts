/**
 * An executor without threads, for hosts where none share memory with the page: it runs the steps itself, in slices short enough
 * that whatever else the thread does goes on, and cancel and deadline act.
 */

import type { Executor } from './executor.ts';
import { turn, type WasmMemory, wasm } from './platform.ts';
import { programWords, stepKinds, stepWords, stopAddress } from './steps.ts';

type Run = (args: number, scratch: number, first: number, count: number) => unknown;

/** Milliseconds of a slice, and of the chunks it is made of. */
const slice = 8;
const chunk = 1;

export function startCaller(memory: WasmMemory): Executor {
  const programs = new Map<number, Run>();
  let step = 0;
  let unitsDone = 0;

  const word = (index: number): number => new Int32Array(memory.buffer)[step / 4 + index]! >>> 0;

  async function program(address: number): Promise<Run> {
    let run = programs.get(address);
    if (run === undefined) {
      const length = new Int32Array(memory.buffer)[address / 4 + programWords.length]!;
      const bytes = new Uint8Array(length); // a module cannot be made from shared bytes
      bytes.set(new Uint8Array(memory.buffer, address + 4 * programWords.bytes, length));
      // asynchronously, as a page's own thread may not compile otherwise
      const instance = await wasm!.instantiate(await wasm!.compile(bytes), { env: { memory } });
      run = instance.exports['run'] as Run;
      programs.set(address, run);
    }
    return run;
  }

  /** What runs units of the current step. */
  async function executor(): Promise<(first: number, count: number) => void> {
    if (word(stepWords.kind) === stepKinds.dispatch) {
      const run = await program(word(stepWords.program));
      const args = word(stepWords.arguments);
      const scratch = word(stepWords.scratch);
      return (first, count) => run(args, scratch, first, count);
    }
    const [from, to, bytes, block] = [stepWords.from, stepWords.to, stepWords.bytes, stepWords.block].map(word) as [
      number,
      number,
      number,
      number,
    ];
    const copies = word(stepWords.kind) === stepKinds.copy;
    return (first, count) => {
      const begin = first * block;
      const end = Math.min(begin + count * block, bytes);
      const all = new Uint8Array(memory.buffer);
      if (copies) all.copyWithin(to + begin, from + begin, from + end);
      else all.fill(0, to + begin, to + end);
    };
  }

  return {
    threads: 1,
    lost: new Promise(() => {}),
    get step() {
      return step;
    },
    get unitsDone() {
      return unitsDone;
    },
    async run(firstStep) {
      let until = performance.now() + slice;
      for (let next = firstStep; next !== 0; next = word(stepWords.next)) {
        step = next;
        unitsDone = 0;
        const execute = await executor();
        const total = word(stepWords.total);
        for (let grain = word(stepWords.grain); unitsDone < total; ) {
          if (new Int32Array(memory.buffer)[stopAddress / 4] !== 0) return;
          const count = Math.min(grain, total - unitsDone);
          const begin = performance.now();
          execute(unitsDone, count);
          unitsDone += count;
          const end = performance.now();
          if (end - begin < chunk / 2) grain *= 2;
          else if (end - begin > chunk) grain = Math.max(grain >> 1, 1);
          if (end < until) continue;
          await turn();
          until = performance.now() + slice;
        }
      }
    },
    close: async () => {},
  };
}
