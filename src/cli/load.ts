/** Loads what the words of a command name: modules with kernels, and modules with backends. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Backend } from '../device/contract.ts';
import { IsokernelError, messageOf } from '../ir/error.ts';
import type { Kernel } from '../lang/kernel.ts';
import { isRunnableKernel } from '../runtime/kernel.ts';

async function importFile(file: string): Promise<Record<string, unknown>> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    throw new IsokernelError('usage', found === undefined ? `there is no file ${file}` : `${file} is no file`, {
      hint: `Name a JavaScript or TypeScript module; the current folder is ${process.cwd()}.`,
    });
  }
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    const code = (cause as { code?: unknown } | null)?.code;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || (cause instanceof SyntaxError && /\.[cm]?ts$/.test(file))) {
      throw new IsokernelError('invalid-file', `this Node does not read TypeScript: ${file}`, {
        hint: 'Use a Node that strips types (22.18 or newer), or start with: node --import tsx …',
        cause,
      });
    }
    throw new IsokernelError('invalid-file', `cannot load ${file}: ${messageOf(cause)}`, {
      hint: `Load it alone to see where: node ${file}.`,
      cause,
    });
  }
}

export interface LoadedKernel {
  /** The export's name. */
  readonly name: string;
  readonly kernel: Kernel;
  /** The module's export `example`, if it has one. */
  readonly example: Record<string, unknown> | undefined;
}

/** The kernels that `FILE` or `FILE#export` names: all of a file, or one. At least one. */
export async function loadKernels(spec: string): Promise<readonly [LoadedKernel, ...LoadedKernel[]]> {
  const hash = spec.lastIndexOf('#');
  const file = hash < 0 ? spec : spec.slice(0, hash);
  const module = await importFile(file);
  const kernels = Object.entries(module).filter((entry): entry is [string, Kernel] => isRunnableKernel(entry[1]));
  const wanted = hash < 0 ? undefined : spec.slice(hash + 1);
  const example = module['example'] as Record<string, unknown> | undefined;
  const [first, ...others] = kernels
    .filter(([name]) => wanted === undefined || name === wanted)
    .map(([name, kernel]): LoadedKernel => ({ name, kernel, example }));
  if (first === undefined) {
    const what = wanted === undefined ? 'no kernel' : `no kernel "${wanted}"`;
    const names = kernels.map(([name]) => name).join(', ');
    throw new IsokernelError('invalid-file', `${file} exports ${what}`, {
      hint: kernels.length > 0 ? `It exports ${names}.` : 'Write: export const name = kernel({ … }).',
    });
  }
  return [first, ...others];
}

/** The kernel that `FILE` or `FILE#export` names. A file with several kernels needs the name. */
export async function loadKernel(spec: string): Promise<LoadedKernel> {
  const [kernel, ...others] = await loadKernels(spec);
  if (others.length > 0) {
    const names = [kernel, ...others].map(({ name }) => name).join(', ');
    throw new IsokernelError('usage', `${spec} exports several kernels`, {
      hint: `Name one as ${spec}#NAME: ${names}.`,
    });
  }
  return kernel;
}

/** A backend from a module: its export `backend`, or its default export. */
export async function loadBackend(file: string): Promise<Backend> {
  const module = await importFile(file);
  for (const found of [module['backend'], module['default']]) {
    const backend = found as Partial<Backend> | null | undefined;
    if (typeof backend?.name === 'string' && typeof backend.discover === 'function') return backend as Backend;
  }
  throw new IsokernelError('unknown-backend', `${file} exports no backend`, {
    hint: 'Export an object with a name and discover() as `backend`.',
  });
}

/** The same, with the arguments of its module's export `example`, which must be there. */
export async function loadExample(
  spec: string,
): Promise<{ readonly kernel: Kernel; readonly example: Record<string, unknown> }> {
  const { kernel, example } = await loadKernel(spec);
  if (example !== undefined) return { kernel, example };
  throw new IsokernelError('invalid-file', `${spec} has no example arguments`, {
    hint: 'Write: export const example = { x: new Float32Array(1000), … }.',
  });
}
