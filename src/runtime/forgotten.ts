/** Buffers that are collected as garbage before they are freed: what they hold stays on devices until the runtime is closed. */

import type { DeviceBuffer } from './buffer.ts';

export class ForgottenBuffers {
  readonly #registry: FinalizationRegistry<string>;

  constructor(report: (message: string) => void) {
    this.#registry = new FinalizationRegistry((buffer) => {
      report(`a buffer was forgotten: ${buffer}`);
    });
  }

  /** `maker`: the function whose caller made it. Gives what is to be called when the buffer is freed. */
  watch(buffer: DeviceBuffer, maker: unknown): () => void {
    const made: { stack?: string } = {};
    const capture = (Error as { captureStackTrace?: (target: object, below: unknown) => void }).captureStackTrace;
    capture?.(made, maker);
    const stack = (made.stack ?? new Error().stack ?? '').replace(/^Error.*\n/, '');
    const what = `${buffer.type} [${buffer.shape.join(', ')}], made\n${stack}\nCall free() after its last use, or declare it with \`using\`.`;
    const token = {};
    this.#registry.register(buffer, what, token);
    return () => this.#registry.unregister(token);
  }
}
