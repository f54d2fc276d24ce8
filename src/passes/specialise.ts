/** The workgroup made known: its size as constants, and ids that can only be 0. */

import type { Program } from '../ir/program.ts';
import { rewrite } from './rewrite.ts';

export function specialise(program: Program, workgroup: readonly [number, number, number]): Program {
  const [x, y, z] = workgroup;
  const specialised = rewrite(program, {
    operation(operation, out) {
      const { op, attribute } = operation;
      const size = workgroup[attribute];
      if (op === 'workgroupSize') out.append({ ...operation, op: 'constant', attribute: size! });
      else if (op === 'localId' && size === 1) out.append({ ...operation, op: 'constant', attribute: 0 });
      else if (op === 'localIndex' && x * y * z === 1) out.append({ ...operation, op: 'constant', attribute: 0 });
      else out.append(operation);
    },
  });
  return { ...specialised, workgroup };
}
