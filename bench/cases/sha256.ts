import { createHash } from 'node:crypto';
import { sha256 as kernel, sha256Constants, sha256Hex, sha256Input } from '../../kernels/sha256.ts';
import { IsokernelError, u32 } from '../../src/index.ts';
import type { Case } from '../case.ts';
import { randomBytes } from '../data.ts';

const counts = { small: 2 ** 14, medium: 2 ** 18, large: 2 ** 20 };
const messageBytes = 55; // one block with its padding

export const sha256: Case = {
  name: 'sha256',
  title: 'hashes of many short messages',
  prepare(size) {
    const n = counts[size];
    const all = randomBytes(n * messageBytes, 15);
    const messages = Array.from({ length: n }, (_, i) => all.subarray(i * messageBytes, (i + 1) * messageBytes));
    const { words, starts, blocks, state } = sha256Input(messages);
    return {
      label: String(n),
      buffers: {
        words: { type: u32, shape: [words.length], data: words },
        starts: { type: u32, shape: [n], data: starts },
        blocks: { type: u32, shape: [n], data: blocks },
        constants: { type: u32, shape: [64], data: sha256Constants },
        state: { type: u32, shape: [n, 8], data: state },
      },
      steps: [
        {
          kernel,
          args: {
            words: 'words',
            starts: 'starts',
            blocks: 'blocks',
            from: 0,
            count: 1,
            constants: 'constants',
            state: 'state',
          },
        },
      ],
      outputs: ['state'],
      check(outputs) {
        const got = outputs['state'] as Uint32Array;
        for (const [m, message] of messages.entries()) {
          const expected = createHash('sha256').update(message).digest('hex');
          if (sha256Hex(got, m) === expected) continue;
          throw new IsokernelError('check-failed', `message ${m} has hash ${sha256Hex(got, m)}, not ${expected}`);
        }
        return { maxUlp: 0 };
      },
      operations: 64 * 40 * n, // a round and its share of the schedule: about 40 operations
      bytes: (64 + 64) * n,
    };
  },
};
