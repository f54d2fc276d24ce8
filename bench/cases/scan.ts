import { addBlockOffsets, scanBlock, scanBlocks } from '../../kernels/scan.ts';
import { u32 } from '../../src/index.ts';
import type { Case, CaseBuffer, Step } from '../case.ts';
import { compare } from '../compare.ts';
import { randomWords } from '../data.ts';

const lengths = { small: 2 ** 20, medium: 2 ** 24, large: 2 ** 26 };

export const scan: Case = {
  name: 'scan',
  title: 'inclusive prefix sum of u32',
  prepare(size) {
    const n = lengths[size];
    const x = randomWords(n, 6);
    // down: scan blocks, then their totals, until one block is left; up: add what comes before each block
    const buffers: Record<string, CaseBuffer> = { x: { type: u32, shape: [n], data: x } };
    const down: Step[] = [];
    const up: Step[] = [];
    let input = 'x';
    for (let level = 0, length = n; ; level++) {
      const blocks = Math.ceil(length / scanBlock);
      buffers[`sums${level}`] = { type: u32, shape: [length] };
      buffers[`totals${level}`] = { type: u32, shape: [blocks] };
      down.push({ kernel: scanBlocks, args: { x: input, y: `sums${level}`, totals: `totals${level}` } });
      if (blocks === 1) break;
      up.unshift({ kernel: addBlockOffsets, args: { totals: `sums${level + 1}`, y: `sums${level}` } });
      input = `totals${level}`;
      length = blocks;
    }
    return {
      label: String(n),
      buffers,
      steps: [...down, ...up],
      outputs: ['sums0'],
      check(outputs) {
        let sum = 0;
        return compare('sums', outputs['sums0']!, (i) => (sum = (sum + x[i]!) >>> 0));
      },
      operations: n,
      bytes: 8 * n,
    };
  },
};
