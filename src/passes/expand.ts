/** Writing out operations in terms of simpler ones: what the expansion passes share. */

import { Builder } from '../ir/builder.ts';
import type { Operation, Program, Value } from '../ir/program.ts';
import { rewrite } from './rewrite.ts';

/** Builds what stands for an operation and returns its value; undefined, before building anything, keeps the operation. */
export type Expansion = (operation: Operation, b: Builder) => Value | undefined;

export function expand(program: Program, expansion: Expansion): Program {
  return rewrite(program, {
    operation(operation, out) {
      const b = new Builder({ name: program.name });
      b.place = operation.place;
      const value = expansion(operation, b);
      if (value === undefined) {
        out.append(operation);
        return;
      }
      for (const instruction of b.finish().body.body) out.append(instruction);
      out.replace(operation.result!, value);
    },
  });
}
