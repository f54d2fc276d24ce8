/** Writing out operations in terms of simpler ones: what the expansion passes share. */

import { Builder } from '../ir/builder.ts';
import type { OpName } from '../ir/ops.ts';
import type { Program, Value } from '../ir/program.ts';
import { rewrite } from './rewrite.ts';

/** Builds what stands for an operation with these operands, and returns its value. */
export type Expansion = (b: Builder, ...args: Value[]) => Value;

/** The program with the operations of the table written out. */
export function expand(program: Program, expansions: { readonly [N in OpName]?: Expansion }): Program {
  return rewrite(program, {
    operation(operation, out) {
      const expansion = expansions[operation.op];
      if (expansion === undefined) {
        out.append(operation);
        return;
      }
      const b = new Builder({ name: program.name });
      b.place = operation.place;
      const value = expansion(b, ...operation.args);
      for (const instruction of b.finish().body.body) out.append(instruction);
      out.replace(operation.result!, value);
    },
  });
}
