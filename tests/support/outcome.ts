/** What a program makes of a launch, by the interpreter: for comparing programs that should mean the same. */

import { IsokernelError } from '../../src/ir/error.ts';
import { interpretProgram } from '../../src/ir/interpreter.ts';
import type { Program } from '../../src/ir/program.ts';
import { copyOf, type RandomLaunch } from './random-launch.ts';

/** The bytes of all buffers afterwards, as text; or the code of the error. */
export function outcome(program: Program, launch: RandomLaunch): string {
  const { args } = copyOf(launch);
  try {
    interpretProgram(program, { ...launch, args });
  } catch (error) {
    if (!(error instanceof IsokernelError)) throw error;
    return error.code;
  }
  return args.map((arg) => ('bytes' in arg ? Buffer.from(arg.bytes).toString('hex') : '-')).join('\n');
}
