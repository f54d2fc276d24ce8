/** What each operation does to an invocation, but for those at which the workgroup meets (workgroup.ts). */

import { numberOf } from '../bits.ts';
import { operandType } from '../builder.ts';
import { IsokernelError } from '../error.ts';
import { type ScalarFunction, scalarFunction } from '../evaluate.ts';
import { canonical, exactFunction } from '../exact.ts';
import { type AtomicOp, type Form, type IdOp, rowOf, type ScalarOp, type ScalarRow } from '../ops.ts';
import { type Memory, type Operation, rankOf } from '../program.ts';
import { componentType, isFloat, type NumericMode, type ScalarType } from '../types.ts';
import type { Invocation } from './invocation.ts';
import type { Layout } from './layout.ts';
import type { Region } from './region.ts';
import { softwareFunction } from './software.ts';

export type Effect = (invocation: Invocation) => void;

export function effectOf(operation: Operation, layout: Layout): Effect {
  const { op, result } = operation;
  const effect = forms[rowOf(op).form as EffectForm](operation, layout);
  const type = result && componentType(result.type);
  if (layout.program.mode !== 'exact' || type === undefined || !isFloat(type)) return effect;
  // wherever a float comes from
  const outputs = layout.slots([result!]);
  return (invocation) => {
    effect(invocation);
    for (const output of outputs) invocation.values[output] = canonical(type, invocation.values[output]!);
  };
}

/** What a scalar operation gives in a program of this mode. */
export function meaningOf(mode: NumericMode, op: ScalarOp, type: ScalarType, to: ScalarType): ScalarFunction {
  if (mode !== 'exact') return scalarFunction(op, type, to);
  const exact = exactFunction(op, type, to, softwareFunction);
  if (exact === undefined) throw new IsokernelError('ineligible', `exact: ${op} has no pinned bits yet`);
  return exact;
}

type EffectForm = Exclude<Form, 'barrier' | 'collective'>;

const forms: { readonly [F in EffectForm]: (operation: Operation, layout: Layout) => Effect } = {
  scalar({ op, args, result }, layout) {
    const type = operandType(rowOf(op) as ScalarRow, args)!;
    const compute = meaningOf(layout.program.mode, op as ScalarOp, type, result!.type as ScalarType);
    const [x = 0, y = 0, z = 0] = layout.slots(args);
    const output = layout.slot(result!);
    return ({ values }) => {
      values[output] = compute(values[x]!, values[y]!, values[z]!);
    };
  },

  constant({ result, attribute }, layout) {
    const value = numberOf(result!.type as ScalarType, attribute);
    const output = layout.slot(result!);
    return ({ values }) => {
      values[output] = value;
    };
  },

  argument({ result, reference }, layout) {
    const outputs = layout.slots([result!]);
    const param = layout.memory(reference);
    return ({ values, around }) => {
      outputs.forEach((output, c) => {
        values[output] = around.scalars[param]![c]!;
      });
    };
  },

  id({ op, result, attribute }, layout) {
    const id = ids[op as IdOp];
    const output = layout.slot(result!);
    return (invocation) => {
      invocation.values[output] = id(invocation, attribute);
    };
  },

  dimension({ result, attribute, reference }, layout) {
    const output = layout.slot(result!);
    const memory = layout.memory(reference);
    return ({ values, regions }) => {
      values[output] = regions[memory]!.shape[attribute]!;
    };
  },

  compose({ args, result }, layout) {
    const inputs = layout.slots(args);
    const output = layout.slot(result!);
    return ({ values }) => {
      for (let c = 0; c < inputs.length; c++) values[output + c] = values[inputs[c]!]!;
    };
  },

  extract({ args, result, attribute }, layout) {
    const input = layout.slot(args[0]!) + attribute;
    const output = layout.slot(result!);
    return ({ values }) => {
      values[output] = values[input]!;
    };
  },

  load(operation, layout) {
    const locate = locator(operation, layout);
    const memory = layout.memory(operation.reference);
    const outputs = layout.slots([operation.result!]);
    return (invocation) => {
      const region = invocation.regions[memory]!;
      const element = locate(invocation, region);
      for (let c = 0; c < outputs.length; c++)
        invocation.values[outputs[c]!] = element < 0 ? 0 : region.read(element, c);
      if (element >= 0) invocation.around.detector?.access('read', operation, invocation, region, element, []);
    };
  },

  store(operation, layout) {
    const locate = locator(operation, layout);
    const memory = layout.memory(operation.reference);
    const inputs = layout.slots(operation.args.slice(-1));
    return (invocation) => {
      const region = invocation.regions[memory]!;
      if (invocation.drops(region)) return;
      const element = locate(invocation, region);
      if (element < 0) return;
      const stored = inputs.map((input) => invocation.values[input]!);
      for (let c = 0; c < stored.length; c++) region.write(element, c, stored[c]!);
      invocation.around.detector?.access('write', operation, invocation, region, element, stored);
    };
  },

  clear({ reference }, layout) {
    const memory = layout.memory(reference);
    return ({ regions }) => regions[memory]!.clear();
  },

  atomic(operation, layout) {
    const locate = locator(operation, layout);
    const memory = layout.memory(operation.reference);
    const update = atomics[operation.op as AtomicOp]((operation.reference as Memory).element as ScalarType);
    const [x = 0, y = 0] = layout.slots(operation.args.slice(rankOf(operation.reference as Memory)));
    const output = operation.result && layout.slot(operation.result);
    return (invocation) => {
      const { regions, values } = invocation;
      const region = regions[memory]!;
      const element = invocation.drops(region) ? -1 : locate(invocation, region);
      const old = element < 0 ? 0 : region.read(element, 0);
      if (element >= 0) {
        region.write(element, 0, update(old, values[x]!, values[y]!));
        invocation.around.detector?.access('atomic', operation, invocation, region, element, []);
      }
      if (output !== undefined) values[output] = old;
    };
  },
};

const ids: { readonly [N in IdOp]: (invocation: Invocation, axis: number) => number } = {
  globalId: ({ global }, axis) => global[axis]!,
  localId: ({ local }, axis) => local[axis]!,
  workgroupId: ({ group }, axis) => group[axis]!,
  numWorkgroups: ({ around }, axis) => around.groups[axis]!,
  workgroupSize: ({ around }, axis) => around.workgroup[axis]!,
  localIndex: ({ localIndex }) => localIndex,
  inGrid: ({ inGrid }) => (inGrid ? 1 : 0),
};

/** What an atomic leaves in memory, of the old value and its operands. What it returns is the old value. */
const atomics: { readonly [N in AtomicOp]: (type: ScalarType) => ScalarFunction } = {
  atomicLoad: () => (old) => old,
  atomicStore: () => (_, value) => value,
  atomicAdd: (type) => scalarFunction('add', type, type),
  atomicSub: (type) => scalarFunction('sub', type, type),
  atomicMin: (type) => scalarFunction('min', type, type),
  atomicMax: (type) => scalarFunction('max', type, type),
  atomicAnd: (type) => scalarFunction('and', type, type),
  atomicOr: (type) => scalarFunction('or', type, type),
  atomicXor: (type) => scalarFunction('xor', type, type),
  atomicExchange: () => (_, value) => value,
  atomicCompareExchange: () => (old, expected, value) => (old === expected ? value : old),
};

/** Finds the element that an access means; -1 where it is out of bounds, which a pass may have claimed impossible. */
function locator(operation: Operation, layout: Layout): (invocation: Invocation, region: Region) => number {
  const memory = operation.reference as Memory;
  const indices = layout.slots(operation.args.slice(0, rankOf(memory)));
  return (invocation, region) => {
    const { values, around } = invocation;
    const element = region.locate(values, indices);
    if (element >= 0) return element;
    const given = indices.map((slot) => values[slot]!);
    around.detector?.outOfBounds(operation, invocation, region, given);
    if (operation.proven)
      throw new IsokernelError(
        'out-of-bounds',
        `${operation.op} of ${memory.name} at [${given}] of [${region.shape}] is marked as proven to be in bounds`,
        { kernel: layout.program.name, place: operation.place },
      );
    return -1;
  };
}
