/**
 * Verification: the door between programs and everything that runs them.
 *
 * `verify` checks a program against every rule of the IR and proves the facts that backends, router and runtime stand on.
 * Only it makes a `Verified`. Time and memory are linear in the program; hostile programs are refused, not survived.
 *
 * Throws `invalid-ir`, `loop-without-exit` or `barrier-in-divergent-flow`, with the kernel's name, the place of the
 * instruction where it has one, and a hint.
 */

import { loopFacts } from './bounds.ts';
import { bufferFacts } from './buffers.ts';
import { walkedFacts } from './facts.ts';
import type { Block, Instruction, Loop, Operation, Program } from './program.ts';
import { uniformValues } from './uniformity.ts';
import type { Facts, LoopFacts, Verified } from './verified.ts';
import { checkWellFormed } from './wellformed.ts';

export function verify(program: Program): Verified {
  checkWellFormed(program);
  const uniform = uniformValues(program);
  const loops = loopFacts(program);
  const facts: Facts = {
    ...walkedFacts(program),
    buffers: bufferFacts(program),
    uniform,
    loops,
    fuelled: loops.some((loop) => loop.fuel !== 'none'),
  };
  return { program: annotated(program, loops), facts } as Verified;
}

/** A frozen copy whose loops carry their number and fuel. Values, parameters and local arrays keep their identity. */
function annotated(program: Program, loops: readonly LoopFacts[]): Program {
  let id = 0;
  const block = ({ body, end }: Block): Block =>
    Object.freeze({
      body: Object.freeze(body.map(instruction)),
      end: 'values' in end ? Object.freeze({ kind: end.kind, values: Object.freeze([...end.values]) }) : end,
    });
  const instruction = (it: Instruction): Instruction => {
    switch (it.kind) {
      case 'op': {
        const { kind, op, args, result, attribute, reference, place } = it;
        const copy: Operation = { kind, op, args: Object.freeze([...args]), result, attribute, reference, place };
        return Object.freeze(copy);
      }
      case 'if':
        return Object.freeze({
          ...it,
          accept: block(it.accept),
          reject: block(it.reject),
          results: Object.freeze([...it.results]),
        });
      case 'loop': {
        const verified = Object.freeze({ id, fuel: loops[id]!.fuel });
        id++;
        return Object.freeze<Loop>({
          ...it,
          params: Object.freeze([...it.params]),
          inits: Object.freeze([...it.inits]),
          body: block(it.body),
          results: Object.freeze([...it.results]),
          verified,
        });
      }
    }
  };
  return Object.freeze({
    ...program,
    params: Object.freeze([...program.params]),
    locals: Object.freeze([...program.locals]),
    body: block(program.body),
  });
}
