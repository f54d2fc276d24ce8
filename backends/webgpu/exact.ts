/** How `exact` programs are written for a device. In a file of its own, so that it loads where such a program comes. */

import type { CompileOptions } from '../../src/device/index.ts';
import { openClass } from '../../src/ir/numeric-class.ts';
import { fenceFloats } from '../../src/passes/exact/fence-floats.ts';
import { lowerExact } from '../../src/passes/exact/lower.ts';
import { writeOut } from '../../src/passes/exact/write-out.ts';
import type { ExactForm } from './shader.ts';

/** Nothing is assumed of the device where the options do not say its class. */
export function exactForm({ numeric = openClass, guarded = true }: CompileOptions): ExactForm {
  const { algebra, subnormals, native } = numeric;
  return {
    key: [guarded, algebra, subnormals, ...native].join(),
    lower: (program) => writeOut(lowerExact(program, numeric, { guarded }), numeric),
    fence: (program) => fenceFloats(program, numeric),
  };
}
