/** The failure of a job one of whose invocations ran out of fuel: the same words from every backend. */

import { IsokernelError } from './error.ts';
import { forEachInstruction, type Loop, type Program } from './program.ts';

/** `id` is the verifier's number of the loop. */
export function outOfFuel(program: Program, id: number): IsokernelError {
  let found: Loop | undefined;
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind === 'loop' && instruction.verified?.id === id) found = instruction;
  });
  const place = found?.place;
  return new IsokernelError(
    'out-of-fuel',
    `kernel "${program.name}": loop ${id} ran longer than the ${program.fuel} iterations that its fuel allows`,
    { kernel: program.name, place, hint: 'Bound the loop by the arguments, or raise it: kernel({ fuel }).' },
  );
}
