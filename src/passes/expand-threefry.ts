/** `threefry` written out in additions, rotations and exclusive ors of u32, for devices that have no instruction for it. */

import type { Builder } from '../ir/builder.ts';
import type { Program, Value } from '../ir/program.ts';
import { expand } from './expand.ts';

// Threefry2x32-20 of Salmon et al., SC11: 20 rounds, a rotation each, and key words added after every fourth
const rounds = 20;
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const parity = 0x1bd11bda;

export function expandThreefry(program: Program): Program {
  return expand(program, { threefry });
}

/** Word 0 for key (key, 0) and counter (counter, 0). */
function threefry(b: Builder, key: Value, counter: Value): Value {
  const add = (x: Value, y: Value) => b.op('add', x, y);
  const zero = b.u32(0);
  const keys = [key, zero, b.op('xor', key, b.u32(parity))] as const;
  const word = (i: number) => keys[i % 3]!;
  let x = add(counter, key);
  let y: Value = zero;
  for (let round = 0; round < rounds; round++) {
    const rotation = rotations[round % rotations.length]!;
    x = add(x, y);
    const rotated = b.op('or', b.op('shl', y, b.u32(rotation)), b.op('shr', y, b.u32(32 - rotation)));
    y = b.op('xor', rotated, x);
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x = add(x, word(injection));
    y = add(y, add(word(injection + 1), b.u32(injection)));
  }
  return x;
}
