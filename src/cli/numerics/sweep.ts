/** A batch of one function's inputs: run on a device in mode `exact`, and compared. */

import { Builder } from '../../ir/builder.ts';
import { hash } from '../../ir/hash.ts';
import { ops, type ScalarRow, type SoftwareOp } from '../../ir/ops.ts';
import { software } from '../../ir/software/index.ts';
import { verify } from '../../ir/verify.ts';
import type { RunnableKernel } from '../../runtime/kernel.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { compare, type Findings } from './compare.ts';
import { batch } from './inputs.ts';
import { arityOf, type FunctionName } from './reference.ts';

export interface Task {
  readonly function: FunctionName;
  readonly sample: number | undefined;
  /** Which batch of the inputs. */
  readonly index: number;
  readonly device: string;
}

/** r[i] = op(x0[i], …). */
function kernelOf(op: FunctionName): RunnableKernel {
  const b = new Builder({ name: op, mode: 'exact' });
  const operands = (ops[op] as ScalarRow).args.map((_, i) => b.buffer(`x${i}`, 'read', 'f32'));
  const result = b.buffer('r', 'write', 'f32');
  const i = b.id('globalId');
  b.store(result, [i], b.op(op, ...operands.map((operand) => b.load(operand, [i]))));
  const program = b.finish();
  return {
    name: op,
    params: program.params,
    shapes: { r: ({ x0 }) => (x0 as { readonly length: number }).length },
    invocations: undefined,
    verified: async () => verify(program),
  };
}
/** What a function is made of, as the hash of a program of it: another algorithm has another, and then what was found holds no more. */
export async function algorithmOf(op: FunctionName): Promise<string> {
  if (!isSoftware(op)) return hash(await kernelOf(op).verified());
  const b = new Builder({ name: op });
  const words = (ops[op] as ScalarRow).args.map((_, i) => b.buffer(`x${i}`, 'read', 'u32'));
  const result = b.buffer('r', 'write', 'u32');
  const i = b.id('globalId');
  const operands = words.map((word) => b.bitcast(b.load(word, [i]), 'f32'));
  b.store(result, [i], b.bitcast(software[op](b, ...operands), 'u32'));
  return hash(verify(b.finish()));
}
function isSoftware(op: FunctionName): op is Extract<FunctionName, SoftwareOp> {
  return Object.hasOwn(software, op);
}

const kernels = new Map<FunctionName, RunnableKernel>();

export async function sweep(
  rt: Pick<Runtime, 'run'>,
  { function: name, sample, index, device }: Task,
): Promise<Findings> {
  const kernel = kernels.get(name) ?? kernelOf(name);
  kernels.set(name, kernel);
  const operands = batch({ arity: arityOf(name), sample }, index).map(({ buffer }) => new Float32Array(buffer));
  const args = Object.fromEntries(operands.map((operand, i) => [`x${i}`, operand]));
  const { r } = (await rt.run(kernel, args, { device, strict: true })) as { r: Float32Array<ArrayBuffer> };
  return compare(name, operands, r);
}
