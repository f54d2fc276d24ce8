/**
 * `Runtime.check`: a launch on the interpreter with its detectors watching, for what hardware hides. In a file of its own that
 * brings the interpreter, as few programs need it.
 *
 * It sees what these arguments do and nothing else: no finding is no proof.
 */

import { IsokernelError, isIsokernelError, type Place, summaryOf } from '../ir/error.ts';
import { type Finding as Detected, Detector, interpretSteps, prepare } from '../ir/interpreter.ts';
import type { LaunchOptions } from './api.ts';
import type { Call } from './arguments.ts';
import { stepOf } from './call.ts';
import type { RunnableKernel } from './kernel.ts';
import { elementsOf } from './shapes.ts';

/** What `Runtime.check` can find. */
export type FindingCode = Detected['code'] | 'out-of-fuel';

/** One thing that a kernel does wrong, the first time that it does it at that place. */
export interface Finding {
  /** Name of the kernel. */
  readonly kernel: string;
  /** What kind of thing; docs/errors.md has them all. */
  readonly code: FindingCode;
  /** What happened: which invocations, which element. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
  /** In the author's file where that can be read, else in the kernel's body. */
  readonly place: Place | undefined;
  /** All of it for people, with the line meant and a caret below it. */
  readonly text: string;
}

/** How the launch is made that is checked. */
export type CheckOptions = Pick<LaunchOptions, 'invocations' | 'signal'>;

const hints: Readonly<Record<FindingCode, string>> = {
  'data-race':
    'Let each invocation write elements of its own, or make the array atomic; within one workgroup, k.barrier() between the two orders them.',
  'out-of-bounds':
    'Compare the index with the length of its dimension first. If it is meant: on every device the load gives 0, and the store does nothing.',
  'uninitialised-read': 'Store to the element first, or make the parameter readWrite and pass its contents.',
  'divergent-barrier': 'Move it to where every invocation of the workgroup comes by.',
  'non-uniform':
    'Give it a value that is the same in the whole workgroup; k.groupBroadcast(x) gives all of them that of the first.',
  'out-of-fuel': 'Bound the loop by the arguments, or raise it: kernel({ fuel }).',
};

/** All that there is to find. */
export const findingCodes = Object.keys(hints) as readonly FindingCode[];

/** Elements that may be written: the detectors keep several hundred bytes for each. */
const mostElements = 2 ** 20;
/** Milliseconds between two looks at the event loop. */
const slice = 20;

/** Runs a call on copies of its arrays. Rejects with the kernel's own errors, and with the reason of a signal that aborts. */
export async function check(
  call: Call,
  copies: readonly Uint8Array[],
  { signal }: CheckOptions,
): Promise<readonly Finding[]> {
  const { kernel } = call;
  checkSize(call);
  const { program } = await kernel.verified();
  const { buffers, scalars, grid } = stepOf(call);
  const arrays = buffers.map(({ operand, shape }) => ({ bytes: copies[operand]!, shape }));
  const [nextArray, nextScalar] = [arrays.values(), scalars.values()];
  const args = program.params.map(({ kind }) => (kind === 'buffer' ? nextArray : nextScalar).next().value!);
  const detector = new Detector();
  const found = (code: FindingCode, message: string, place: Place | undefined) => told(kernel, code, message, place);
  const findings = () => detector.findings.map(({ code, message, place }) => found(code, message, place));
  let looked = performance.now();
  try {
    for (const _ of interpretSteps(prepare(program), { args, grid }, detector)) {
      if (performance.now() - looked < slice) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      looked = performance.now();
      if (signal?.aborted) throw signal.reason;
    }
  } catch (error) {
    // what was found before may well be why
    if (!(error instanceof IsokernelError) || error.code !== 'out-of-fuel') throw error;
    return [...findings(), found(error.code, summaryOf(error).replace(/^kernel "[^"]*": /, ''), error.place)];
  }
  return findings();
}

function checkSize({ kernel, buffers }: Call): void {
  const written = buffers.filter(({ param }) => param.access !== 'read' && param !== kernel.printing?.param);
  const elements = written.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
  if (elements <= mostElements) return;
  throw new IsokernelError(
    'argument-shape',
    `check() of ${kernel.name} would follow ${elements} elements that may be written, and follows ${mostElements} at most`,
    { kernel: kernel.name, hint: 'Pass smaller arrays: what is wrong shows in a few workgroups, too.' },
  );
}

function told(kernel: RunnableKernel, code: FindingCode, message: string, place: Place | undefined): Finding {
  const hint = hints[code];
  const plain = new IsokernelError(code, `kernel "${kernel.name}": ${message}`, { kernel: kernel.name, place, hint });
  const explained = place === undefined ? plain : (kernel.explain?.(plain) ?? plain);
  const error = isIsokernelError(explained) ? explained : plain;
  return { kernel: kernel.name, code, message, hint, place: error.place, text: error.message };
}
