/**
 * The facts of a program that need one walk and no reasoning about values: what it touches, what it can see of its
 * workgroup, what types it needs. Expects a well-formed program.
 */

import { localBytes } from './declarations.ts';
import { type IdOp, rowOf } from './ops.ts';
import { forEachInstruction, operandsOf, type Program, resultsOf, type Value } from './program.ts';
import { componentType, type ElementType, isFloat, isPacked, type ValueType } from './types.ts';
import type { Facts } from './verified.ts';

type WalkedFacts = Pick<
  Facts,
  | 'hasBarrier'
  | 'groupSensitive'
  | 'orderDependent'
  | 'usesFloat'
  | 'usesF16'
  | 'privateBytes'
  | 'workgroupBytes'
  | 'gridRank'
>;

/** Whether the id depends on how the grid is cut into workgroups. */
const seesWorkgroup: { readonly [N in IdOp]: boolean } = {
  globalId: false,
  localId: true,
  workgroupId: true,
  numWorkgroups: true,
  workgroupSize: true,
  localIndex: true,
  inGrid: true,
};

export function walkedFacts(program: Program): WalkedFacts {
  let hasBarrier = false;
  let groupSensitive = false;
  let usesFloat = false;
  let gridRank = 1;
  let usesF16 = [...program.params, ...program.locals].some((it) =>
    holdsF16(it.kind === 'scalar' ? it.type : it.element),
  );
  const fromAtomics: Value[] = [];
  const used = new Set<Value>();

  forEachInstruction(program.body, (instruction) => {
    for (const { type } of resultsOf(instruction)) {
      usesF16 ||= holdsF16(type);
      usesFloat ||= isFloat(componentType(type));
    }
    for (const value of operandsOf(instruction)) used.add(value);
    if (instruction.kind !== 'op') return;
    const { op, attribute, reference, result } = instruction;
    const row = rowOf(op);
    groupSensitive ||= reference?.kind === 'local' && reference.space === 'workgroup';
    if (row.form === 'barrier' || row.form === 'collective') hasBarrier = true;
    if (row.form === 'atomic' && result !== undefined) fromAtomics.push(result);
    if (row.form === 'id') {
      groupSensitive ||= seesWorkgroup[op as IdOp];
      if (row.axes === 3) gridRank = Math.max(gridRank, attribute + 1);
    }
  });
  return {
    hasBarrier,
    groupSensitive: groupSensitive || hasBarrier,
    orderDependent: fromAtomics.some((value) => used.has(value)),
    usesFloat,
    usesF16,
    privateBytes: localBytes(program, 'private'),
    workgroupBytes: localBytes(program, 'workgroup'),
    gridRank: gridRank as 1 | 2 | 3,
  };
}

function holdsF16(type: ValueType | ElementType): boolean {
  return !isPacked(type as ElementType) && componentType(type as ValueType) === 'f16';
}
