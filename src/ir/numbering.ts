/**
 * Numbers for what a program knows by identity, as the text form, the bytes and the hash write them.
 *
 * Values are numbered in program order: an operation's result; an `if`'s results before its arms; a loop's results, then
 * its parameters, then its body. Parameters and local arrays are numbered together, in the order of their declaration.
 */

import { IsokernelError } from './error.ts';
import { maxInstructions, maxNesting } from './limits.ts';
import { type Block, type LocalArray, type Param, type Program, resultsOf, type Value } from './program.ts';

export interface Numbering {
  readonly values: ReadonlyMap<Value, number>;
  readonly references: ReadonlyMap<Param | LocalArray, number>;
}

/** Throws `invalid-ir` for a program that is beyond the limits of size; it need not be verified otherwise. */
export function numberingOf(program: Program): Numbering {
  const values = new Map<Value, number>();
  let instructions = 0;
  const define = (value: Value) => values.set(value, values.size);
  const walk = ({ body }: Block, depth: number): void => {
    if (depth > maxNesting) throw tooLarge(program, `blocks nest deeper than ${maxNesting}`);
    for (const instruction of body) {
      if (++instructions > maxInstructions) throw tooLarge(program, `more than ${maxInstructions} instructions`);
      resultsOf(instruction).forEach(define);
      if (instruction.kind === 'if') {
        walk(instruction.accept, depth + 1);
        walk(instruction.reject, depth + 1);
      } else if (instruction.kind === 'loop') {
        instruction.params.forEach(define);
        walk(instruction.body, depth + 1);
      }
    }
  };
  walk(program.body, 1);
  const references = new Map([...program.params, ...program.locals].map((it, i) => [it, i]));
  return { values, references };
}

function tooLarge({ name }: Program, message: string): IsokernelError {
  return new IsokernelError('invalid-ir', message, { kernel: name });
}
