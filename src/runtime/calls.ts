/**
 * The last call of each kernel, of a runtime: programs run the same kernel on the same buffers again and again, and what was found out of
 * such a call (its checks, its step, what the router knows of it, its commands on a device) need not be found out anew.
 */

import type { Arguments, LaunchOptions } from './api.ts';
import { bind, type Call, sameAnswers } from './arguments.ts';
import { DeviceBuffer, holding } from './buffer.ts';
import { stepOf } from './call.ts';
import type { RunnableKernel } from './kernel.ts';

interface Kept {
  readonly call: Call;
  /** By parameter. */
  readonly values: readonly unknown[];
  readonly invocations: LaunchOptions['invocations'];
}

export class Calls {
  readonly #owner: object;
  readonly #kept = new WeakMap<RunnableKernel, Kept>();

  /** `owner` is the runtime whose buffers the arguments may be. */
  constructor(owner: object) {
    this.#owner = owner;
  }

  /** Checks the arguments of a call, or finds that it is the last one again. */
  bind(kernel: RunnableKernel, args: Arguments, invocations: LaunchOptions['invocations']): Call {
    const kept = typeof kernel === 'object' && kernel !== null ? this.#kept.get(kernel) : undefined;
    if (kept !== undefined && this.#isAgain(kept, args, invocations)) {
      if (kept.call.repeated !== undefined) return kept.call;
      const call = { ...kept.call, repeated: { steps: [stepOf(kept.call)], recordings: new WeakMap() } };
      this.#kept.set(kernel, { ...kept, call });
      return call;
    }
    const call = bind(kernel, args, invocations, this.#owner);
    const values = call.kernel.params.map(({ name }) => args[name]);
    // arrays may change from call to call, and are captured at each; what is printed is another array at each
    const keeps = call.printed === undefined && typeof invocations !== 'object' && values.every(isLasting);
    if (keeps) this.#kept.set(kernel, { call, values, invocations });
    return call;
  }

  #isAgain({ call, values, invocations }: Kept, args: Arguments, invocationsNow: unknown): boolean {
    if (invocationsNow !== invocations || typeof args !== 'object' || args === null) return false;
    const { params } = call.kernel;
    for (let i = 0; i < params.length; i++) {
      const value = args[params[i]!.name];
      if (!Object.is(value, values[i])) return false;
      if (value instanceof DeviceBuffer) holding.check(value, this.#owner, `argument ${params[i]!.name}`);
    }
    return Object.keys(args).length === params.length && sameAnswers(call);
  }
}

function isLasting(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof DeviceBuffer;
}
