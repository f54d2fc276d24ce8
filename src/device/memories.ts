/**
 * The memories of one device: how much is in use, and which are its own and still alive. A backend's own memory type holds
 * what the hardware needs.
 */

import { IsokernelError } from '../ir/error.ts';
import type { Capabilities, DeviceMemory } from './contract.ts';

export class Memories<M extends DeviceMemory> {
  readonly #capabilities: Capabilities;
  readonly #alive = new Set<DeviceMemory>();
  readonly #freed = new WeakSet<DeviceMemory>();
  used = 0;

  constructor(capabilities: Capabilities) {
    this.#capabilities = capabilities;
  }
  get budget(): number {
    return this.#capabilities.limits.memory;
  }

  /** A memory that `make` makes; `out-of-memory` where it does not fit or `make` fails. */
  add(bytes: number, make: () => M): M {
    const { id, limits } = this.#capabilities;
    if (!Number.isInteger(bytes) || bytes < 0)
      throw new IsokernelError('argument-range', `${bytes} is no number of bytes`, { hint: 'Give a whole number.' });
    const hint = 'Free buffers, or work in smaller pieces.';
    if (bytes > limits.buffer)
      throw new IsokernelError('out-of-memory', `${id}: ${bytes} bytes; its largest buffer is ${limits.buffer}`, {
        hint,
      });
    if (this.used + bytes > limits.memory)
      throw new IsokernelError(
        'out-of-memory',
        `${id}: ${bytes} bytes beside ${this.used} in use; its memory is ${limits.memory}`,
        { hint },
      );
    let memory: M;
    try {
      memory = make();
    } catch (cause) {
      if (cause instanceof IsokernelError && cause.code === 'out-of-memory') throw cause;
      throw new IsokernelError('out-of-memory', `${id}: the system refused ${bytes} bytes`, { hint, cause });
    }
    this.#alive.add(memory);
    this.used += bytes;
    return memory;
  }

  /** The memory as the device's own; throws `freed-buffer` or `foreign-buffer`, or where the range is not inside it. */
  check(memory: DeviceMemory, offset = 0, bytes = 0): M {
    if (!this.#alive.has(memory)) {
      if (this.#freed.has(memory))
        throw new IsokernelError('freed-buffer', 'this memory was freed', { hint: 'Free it after its last use.' });
      throw new IsokernelError('foreign-buffer', `this memory is not of ${this.#capabilities.id}`, {
        hint: 'Copy through the host: read it from its own device and write it to this one.',
      });
    }
    if (!(offset >= 0 && bytes >= 0 && offset + bytes <= memory.bytes))
      throw new IsokernelError(
        'argument-range',
        `bytes ${offset} to ${offset + bytes} of a memory of ${memory.bytes} bytes`,
        { hint: 'Offset and length are in bytes.' },
      );
    return memory as M;
  }

  /** Forgets a memory: from now on using it is an error. */
  remove(memory: DeviceMemory): M {
    const own = this.check(memory);
    this.#alive.delete(memory);
    this.#freed.add(memory);
    this.used -= memory.bytes;
    return own;
  }
}
