/** A draft, its types found, to IR. */

import type { Builder } from '../ir/builder.ts';
import type { Place } from '../ir/error.ts';
import { maxNameLength, maxNesting } from '../ir/limits.ts';
import type { Program, Value } from '../ir/program.ts';
import type { ScalarType } from '../ir/types.ts';
import type { DraftBlock, DraftEnd, Join } from './draft.ts';
import { fail, quote, type Span } from './parse.ts';
import type { Scalar } from './values.ts';

export function emit(builder: Builder, body: DraftBlock): Program {
  let starts: number[] | undefined;

  /** In the text of the kernel's body: what a function from `uses` does is where it is called. */
  function placeOf({ source, start }: Span): Place {
    if (source.caller !== undefined) return placeOf(source.caller);
    starts ??= lineStarts(source.text);
    let line = starts.length;
    while (starts[line - 1]! > start) line--;
    return { line, column: start - starts[line - 1]! + 1 };
  }
  function operand(scalar: Scalar): Value {
    if (scalar.constant === undefined) return scalar.ir!;
    return literal(builder, scalar.type.settle(), scalar.constant, scalar);
  }
  function define(scalar: Scalar, value: Value): void {
    scalar.ir = value;
    if (scalar.name !== undefined && scalar.name.length <= maxNameLength) builder.name(value, scalar.name);
  }
  function carried(join: Join, edge: number): Value[] {
    return join.merges.map((merge) => operand(merge.inputs[edge]!));
  }
  function end(at: DraftEnd): readonly Value[] {
    if (at.kind === 'yield') return carried(at.join, at.edge);
    if (at.kind === 'break') builder.break(...carried(at.join, at.edge));
    else if (at.kind === 'continue') builder.continue(...carried(at.join, at.edge));
    else if (at.kind === 'return') builder.return();
    else builder.unreachable();
    return [];
  }
  function block(draft: DraftBlock, depth: number): readonly Value[] {
    for (const each of draft.body) {
      if (depth > maxNesting) {
        const hint = 'Write fewer levels: combine conditions with &&, or return early.';
        fail('too-large', `blocks nest deeper than ${maxNesting}, functions inlined`, each.span, hint);
      }
      builder.place = placeOf(each.span);
      if (each.kind === 'op') {
        const built = each.build(builder, each.args.map(operand)) ?? [];
        const values = Array.isArray(built) ? (built as readonly Value[]) : [built as Value];
        each.results.forEach((result, i) => {
          define(result, values[i]!);
        });
      } else if (each.kind === 'if') {
        const { condition, accept, reject, join } = each;
        const arm = (inner: DraftBlock) => () => block(inner, depth + 1);
        const results = builder.if(operand(condition), arm(accept), arm(reject));
        join.merges.forEach((merge, i) => {
          define(merge.result, results[i]!);
        });
      } else {
        const { head, exit } = each;
        const types = exit.merges.map((merge) => merge.result.type.settle());
        const results = builder.loop(carried(head, 0), types, (params) => {
          head.merges.forEach((merge, i) => {
            define(merge.result, params[i]!);
          });
          return block(each.body, depth + 1);
        });
        exit.merges.forEach((merge, i) => {
          define(merge.result, results[i]!);
        });
      }
    }
    return draft.end === undefined ? [] : end(draft.end);
  }

  block(body, 1);
  return builder.finish();
}

/** A constant of a type, which it must fit: rounded for floats; whole and in range for integers, where it wraps. */
function literal(builder: Builder, type: ScalarType, value: number, { span }: Scalar): Value {
  if (type === 'i32' || type === 'u32') {
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) {
      const why = Number.isInteger(value) ? 'out of range' : 'not whole';
      fail(
        'not-an-integer',
        `${quote(span)} is ${value}, which is ${why}, and an ${type} is wanted here`,
        span,
        Number.isInteger(value)
          ? 'Integers reach from -2^31 to 2^32 - 1.'
          : `Write a whole number, or k.${type}(${value}).`,
      );
    }
  }
  return builder.constant(type, value);
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}
