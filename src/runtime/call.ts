/** The work of one call of a kernel: its arrays captured, its outputs made ready. */

import { IsokernelError } from '../ir/error.ts';
import type { Outputs } from './api.ts';
import type { Call } from './arguments.ts';
import { bytesOf, captureBytes, type HostArray, newArray } from './arrays.ts';
import { DeviceBuffer, holding } from './buffer.ts';
import { Content, type Origin } from './content.ts';
import { elementsOf } from './shapes.ts';
import { Slot } from './slot.ts';
import type { Operand, Placeable, Result, Step, Work } from './work.ts';

/**
 * Captures the arrays of a call; from here on its written buffers hold what `origin` will make. `delivered` is called at the
 * end, before the job is said to be done.
 */
export function workOfCall(call: Call, origin: Origin, delivered?: Work['delivered']): Work {
  const values = call.buffers.map(({ value }) => noSlot(value));
  const operands: Operand[] = [];
  const results: Result[] = [];
  const outputs: Outputs = {};
  call.buffers.forEach(({ param, shape, bytes }, operand) => {
    const value = values[operand];
    const input = param.access === 'write' ? undefined : contentOf(value);
    let output: Content | undefined;
    let passed = value;
    if (value instanceof DeviceBuffer) {
      if (param.access !== 'read') output = holding.next(value, origin);
    } else if (param.access !== 'read') {
      output = new Content(bytes, { origin });
      const into = (passed = value ?? newArray(param.element, elementsOf(shape)));
      results.push({ operand, into, callers: value !== undefined });
    }
    operands.push({ bytes, input, output });
    if (param.access === 'write') outputs[param.name] = passed!;
  });
  const { repeated } = call;
  const steps = repeated?.steps ?? [stepOf(call)];
  const replay = repeated === undefined ? undefined : { recordings: repeated.recordings, slotValues: [] };
  return { name: call.kernel.name, steps, operands, results, outputs, delivered, replay };
}

/** The work of a call as the router sees it: nothing is captured, and nothing changes. */
export function placeableOf(call: Call): Placeable {
  const values = call.buffers.map(({ value }) => noSlot(value));
  const operands = call.buffers.map(({ param, bytes }, i) => {
    const value = values[i];
    if (param.access === 'write' || value === undefined) return { bytes, input: undefined };
    const onHost = value instanceof DeviceBuffer ? undefined : new Content(bytes, { host: bytesOf(value) });
    return { bytes, input: onHost ?? holding.current(value as DeviceBuffer) };
  });
  const results = call.buffers.flatMap(({ param }, operand) =>
    param.access === 'read' || values[operand] instanceof DeviceBuffer ? [] : [{ operand }],
  );
  return { steps: [stepOf(call)], operands, results };
}

export function stepOf({ kernel, buffers, scalars, grid }: Call): Step {
  const operands = buffers.map(({ shape }, operand) => ({ operand, shape }));
  return { kernel, buffers: operands, scalars: scalars.map(noSlot), slots: [], grid };
}

/** The bytes of each array as they are now, copied; zeros for outputs. Rejects where the job that writes a buffer fails. */
export function copiesOf({ buffers }: Call): Promise<readonly Uint8Array[]> {
  return Promise.all(
    buffers.map(async ({ param, bytes, value }) => {
      const passed = noSlot(value);
      if (param.access === 'write' || passed === undefined) return new Uint8Array(bytes);
      return passed instanceof DeviceBuffer ? bytesOf(await passed.read()) : captureBytes(passed);
    }),
  );
}

function contentOf(value: DeviceBuffer | HostArray | undefined): Content | undefined {
  if (value instanceof DeviceBuffer) return holding.current(value);
  return value === undefined ? undefined : new Content(value.byteLength, { host: captureBytes(value), passing: true });
}

function noSlot<T>(value: T | Slot): T {
  if (!(value instanceof Slot)) return value;
  throw new IsokernelError('argument-type', `the slot ${value.name} is no argument outside of record()`, {
    hint: 'Pass a value, or run the kernel inside record().',
  });
}
