/** Loads what bench/peers/package.json names: a package of its own, so what is not installed is said, not found missing. */

import { IsokernelError } from '../../src/index.ts';

/** Throws `peer-missing` where the peers are not installed. */
export async function load(name: string): Promise<unknown> {
  try {
    const module = (await import(name)) as { default?: unknown };
    return module.default ?? module;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new IsokernelError('peer-missing', `the peer's package "${name}" is not installed`, {
      cause,
      hint: 'Run npm install in bench/peers: peers are a package of their own.',
    });
  }
}
