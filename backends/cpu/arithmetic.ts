/** The instructions of a scalar operation, whatever pushes its operands: a local, an expression, a lane of a vector. */

import { IsokernelError } from '../../src/ir/error.ts';
import type { OpName, ScalarOp } from '../../src/ir/ops.ts';
import type { Operation } from '../../src/ir/program.ts';
import { componentType, isFloat, type ScalarType } from '../../src/ir/types.ts';
import { type NativeOp, native, special } from './native.ts';
import type { Code } from './wasm/encoder.ts';
import type { PlainName } from './wasm/opcodes.ts';

/** Pushes a value. */
export type Push = () => void;

export interface Operand {
  readonly push: Push;
  /** Evaluates it once, now, and gives what pushes it any number of times. */
  readonly hold: () => Push;
}

/** The types that say which instructions an operation is: of its operands, and of what it gives. */
export function typesOf({ op, args, result }: Operation): { readonly type: ScalarType; readonly to: ScalarType } {
  const type = componentType((op === 'select' ? args[1]! : args[0]!).type);
  return { type, to: componentType(result!.type) };
}

/** Pushes what a scalar operation gives. `last`: the bits of its last operand, where that is a constant. */
export function writeArithmetic(code: Code, operation: Operation, operands: readonly Operand[], last?: number): void {
  const { op } = operation;
  if (!isNative(op)) throw new IsokernelError('compile-failed', `${op} was not expanded`);
  const { type, to } = typesOf(operation);
  if (isSpecial(op)) writeSpecial(code, op, type, to, operands, last);
  else {
    for (const { push } of operands) push();
    code.op(...(op === 'bitcast' ? reinterpretation(type, to) : instructionsOf(op, type)));
  }
}

function writeSpecial(
  code: Code,
  op: (typeof special)[number],
  type: ScalarType,
  to: ScalarType,
  operands: readonly Operand[],
  last: number | undefined,
): void {
  const [x, y, z] = operands as [Operand, Operand, Operand];
  switch (op) {
    case 'div':
    case 'rem':
      if (isFloat(type)) {
        x.push();
        y.push();
        code.op('f32.div');
      } else divide(code, op, type === 'i32', x, y, last === undefined ? undefined : last | 0);
      return;
    case 'mulHigh': {
      const extend = type === 'i32' ? 'i64.extend_i32_s' : 'i64.extend_i32_u';
      x.push();
      code.op(extend);
      y.push();
      code.op(extend, 'i64.mul').i64(32).op('i64.shr_u', 'i32.wrap_i64');
      return;
    }
    case 'min':
    case 'max': {
      // y where it is less, or greater, than x: which says what becomes of -0 and NaN
      const pushX = x.hold();
      const pushY = y.hold();
      pushY();
      pushX();
      pushY();
      pushX();
      code.op(...instructionsOf(op === 'min' ? 'lt' : 'gt', type), 'select');
      return;
    }
    case 'fma':
      x.push();
      y.push();
      code.op('f32.mul');
      z.push();
      code.op('f32.add');
      return;
    case 'not':
      x.push();
      if (type === 'bool') code.op('i32.eqz');
      else code.i32(-1).op('i32.xor');
      return;
    case 'select':
      y.push();
      z.push();
      x.push();
      code.op('select');
      return;
    case 'convert':
      x.push();
      convert(code, type, to);
      return;
  }
}

/** WebAssembly traps where the divisor is 0, and for INT_MIN / -1; a divisor of 1 gives what is pinned for both. */
function divide(
  code: Code,
  op: 'div' | 'rem',
  signed: boolean,
  x: Operand,
  y: Operand,
  constant: number | undefined,
): void {
  const instruction = `i32.${op}_${signed ? 's' : 'u'}` as const;
  if (constant !== undefined && constant !== 0 && !(signed && constant === -1)) {
    x.push();
    code.i32(constant).op(instruction);
    return;
  }
  const pushX = x.hold();
  const pushY = y.hold();
  pushX();
  code.i32(1);
  pushY();
  pushY();
  code.op('i32.eqz');
  if (signed) {
    pushX();
    code.i32(-0x80000000).op('i32.eq');
    pushY();
    code.i32(-1).op('i32.eq', 'i32.and', 'i32.or');
  }
  code.op('select', instruction);
}

function convert(code: Code, from: ScalarType, to: ScalarType): void {
  if (to === 'bool') {
    if (isFloat(from)) code.op('f32.abs').f32(0).op('f32.gt');
    else if (from !== 'bool') code.i32(0).op('i32.ne');
  } else if (isFloat(to)) {
    if (!isFloat(from)) code.op(from === 'i32' ? 'f32.convert_i32_s' : 'f32.convert_i32_u');
  } else if (isFloat(from)) {
    code.op(to === 'i32' ? 'i32.trunc_sat_f32_s' : 'i32.trunc_sat_f32_u');
  }
}

export function isNative(op: OpName): op is NativeOp {
  return Object.hasOwn(native, op) || (special as readonly OpName[]).includes(op);
}
function isSpecial(op: NativeOp): op is (typeof special)[number] {
  return (special as readonly OpName[]).includes(op);
}

function instructionsOf(op: NativeOp, type: ScalarType): readonly PlainName[] {
  const row = (native as Partial<Record<ScalarOp, { readonly [T in ScalarType]?: readonly PlainName[] }>>)[op];
  const instructions = row?.[type];
  if (instructions === undefined) throw new IsokernelError('compile-failed', `${op} of ${type} was not expanded`);
  return instructions;
}
function reinterpretation(from: ScalarType, to: ScalarType): readonly PlainName[] {
  if (isFloat(from) === isFloat(to)) return [];
  return isFloat(to) ? ['f32.reinterpret_i32'] : ['i32.reinterpret_f32'];
}
