/**
 * Fences: keeps a device's compiler from fusing, and from using the laws of real numbers, in a program whose float operations
 * each mean what IEEE 754 says. The program means the same, bit for bit. It runs last, and on f32: f16 is written out before.
 *
 * A compiler that reassociates matches patterns of float operations. An exclusive or with a word that is zero, which it cannot
 * know, leaves nothing to match. So, where it reassociates,
 *
 *  - the result of an operation that rounds passes a fence on its way to whatever computes with it;
 *  - the right side of a difference or comparison and every divisor pass one with another word: of operands that a compiler
 *    finds equal, it must not see that they are. (Of two fences with the same word, some drivers see that they cancel.)
 *  - constants that take part are opaque.
 *
 * Where it only contracts, a product that may be added to something is fma(x, y, -0) with an opaque -0: the same bits fused or
 * not, and nothing is left to fuse.
 */

import type { NumericClass } from '../../ir/numeric-class.ts';
import type { OpName, ScalarOp } from '../../ir/ops.ts';
import {
  definitionsOf,
  forEachInstruction,
  type Operation,
  operandsOf,
  type Program,
  type Value,
} from '../../ir/program.ts';
import type { ScalarType } from '../../ir/types.ts';
import { type Rewriter, rewrite } from '../rewrite.ts';

export function fenceFloats(program: Program, { algebra }: NumericClass): Program {
  if (algebra === 'none') return program;
  const entry = new Entry();
  const fenced = algebra === 'contracts' ? fuseProducts(program, entry) : fence(program, entry);
  return { ...fenced, body: { ...fenced.body, body: [...entry.operations, ...fenced.body.body] } };
}

// ---- contraction ----

/** Operations that a compiler may find a product behind, to fuse it with. */
const fusing: ReadonlySet<OpName> = new Set(['add', 'sub', 'neg', 'abs', 'select']);

function fuseProducts(program: Program, entry: Entry): Program {
  const open = usedBy(program, (user) => fusing.has(user));
  return rewrite(program, {
    operation(operation, out) {
      const { op, args, result } = operation;
      if (op !== 'mul' || !isF32(result) || !open.has(result)) out.append(operation);
      else out.append({ ...operation, op: 'fma', args: [...args, entry.opaque('f32', 0x80000000)] });
    },
  });
}

// ---- reassociation ----

const rounding: ReadonlySet<OpName> = new Set(['add', 'sub', 'mul', 'div', 'sqrt', 'fma'] satisfies ScalarOp[]);
/** No law of numbers applies to what only moves a value or looks at its bits. */
const moving: ReadonlySet<OpName> = new Set(['bitcast', 'packHalf', 'select', 'compose', 'extract', 'store']);
/** Operations of which something is known where both operands are equal. */
const comparing: ReadonlySet<OpName> = new Set(['sub', 'div', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] satisfies ScalarOp[]);

function fence(program: Program, entry: Entry): Program {
  const computed = usedBy(program, (user) => user === 'select' || !moving.has(user));
  const definitions = definitionsOf(program.body);
  const isConstant = (value: Value) => definitions.get(value)?.op === 'constant';
  const resultWord = () => entry.opaque('u32', 0);
  const rightWord = () => entry.opaque('u32', 0, 'right');

  return rewrite(program, {
    operation(operation, out) {
      const { op } = operation;
      const args = moving.has(op)
        ? operation.args
        : operation.args.map((arg, i) => {
            if (!isF32(arg)) return arg;
            if (isConstant(arg)) return entry.opaque('f32', definitions.get(arg)!.attribute);
            const telling = i === 1 && comparing.has(op) && !isConstant(operation.args[0]!);
            return telling ? through(out, arg, rightWord()) : arg;
          });
      const { result } = operation;
      const whole = { ...operation, args };
      if (!rounding.has(op) || !isF32(result) || !computed.has(result)) return out.append(whole);
      const raw: Value = { type: 'f32' };
      out.append({ ...whole, result: raw });
      out.replace(result, through(out, raw, resultWord(), result.name));
    },
  });
}

/** The value behind a fence. */
function through(out: Rewriter, value: Value, word: Value, name?: string | undefined): Value {
  const bits = append(out, 'bitcast', [value], { type: 'u32' });
  const same = append(out, 'xor', [bits, word], { type: 'u32' });
  return append(out, 'bitcast', [same], { type: 'f32', ...(name !== undefined && { name }) });
}
function append(out: Rewriter, op: ScalarOp, args: readonly Value[], result: Value): Value {
  out.append({ kind: 'op', op, args, result, attribute: 0, reference: undefined });
  return result;
}

// ---- what both need ----

const isF32 = (value: Value | undefined): value is Value => value?.type === 'f32';

/** The values that an operation for which `counts` holds takes, or that an `if` or a loop passes on. */
function usedBy(program: Program, counts: (user: OpName) => boolean): ReadonlySet<Value> {
  const used = new Set<Value>();
  forEachInstruction(program.body, (instruction) => {
    if (instruction.kind === 'op' && !counts(instruction.op)) return;
    for (const value of operandsOf(instruction)) used.add(value);
  });
  return used;
}

/** Opaque values, made where the program begins: one for each type, bits and purpose. */
class Entry {
  readonly #made = new Map<string, Operation & { readonly result: Value }>();

  get operations(): readonly Operation[] {
    return [...this.#made.values()];
  }
  opaque(type: ScalarType, bits: number, purpose = ''): Value {
    const key = `${type} ${bits} ${purpose}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      made = { kind: 'op', op: 'opaque', args: [], result: { type }, attribute: bits, reference: undefined };
      this.#made.set(key, made);
    }
    return made.result;
  }
}
