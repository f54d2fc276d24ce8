/** `isokernel show FILE`: what a kernel became. Compiles only, so no device need be here. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { compileProgram, workgroupFor as cpuWorkgroup } from '../../backends/cpu/compile.ts';
import { listModule, moduleText } from '../../backends/cpu/wasm/listing.ts';
import { placedWgsl, workgroupFor as wgslWorkgroup } from '../../backends/webgpu/shader.ts';
import type { NumericMode } from '../index.ts';
import { IsokernelError } from '../ir/error.ts';
import { print } from '../ir/print.ts';
import { numericModes } from '../ir/types.ts';
import type { Verified } from '../ir/verified.ts';
import type { Kernel } from '../lang/kernel.ts';
import { optimize } from '../passes/pipeline.ts';
import { annotated, linesWithPlaces, type ProgramLine } from './annotate.ts';
import { loadKernel } from './load.ts';
import { statisticsTable } from './statistics.ts';

type Triple = readonly [number, number, number];
interface Flags {
  readonly as: keyof typeof forms;
  readonly optimized?: boolean;
  readonly workgroup?: Triple;
  readonly mode?: NumericMode;
}

/** A memory as the CPU backend imports it: the numbers are for the listing only. */
const linearMemory = { maximum: 65536, shared: true };

/** What is printed of a kernel. */
export const forms = {
  ir: async (kernel: Kernel, verified: Verified, { optimized, workgroup }: Flags) => {
    const program = optimized
      ? optimize(verified, { workgroup: cpuWorkgroup(verified, { workgroup }) })
      : verified.program;
    return annotated(kernel, linesWithPlaces(print(program)), '//');
  },
  wgsl: async (kernel: Kernel, verified: Verified, { workgroup }: Flags) => {
    const code = await placedWgsl(verified, wgslWorkgroup(verified, { workgroup }));
    return annotated(kernel, linesWithPlaces(code, ' //'), '//');
  },
  wasm: async (kernel: Kernel, verified: Verified, { workgroup }: Flags) => {
    const { module, names, marks } = await compileProgram(
      verified,
      cpuWorkgroup(verified, { workgroup }),
      linearMemory,
    );
    // the last of the marks at an offset is of what stands there: operations before it became no code
    const places = new Map(marks.map(({ offset, place }) => [offset, place]));
    const lines = moduleText(listModule(module), names).map(
      ({ text, offset }): ProgramLine => ({ text, place: offset === undefined ? undefined : places.get(offset) }),
    );
    return annotated(kernel, lines, ';;');
  },
  'asm-stats': async (_: Kernel, verified: Verified, { workgroup }: Flags) => {
    const cpu = await compileProgram(verified, cpuWorkgroup(verified, { workgroup }), linearMemory);
    const program = optimize(verified, { workgroup: wgslWorkgroup(verified, { workgroup }) });
    return statisticsTable(listModule(cpu.module), program);
  },
} as const;

function workgroupArgument(text: string): Triple {
  const sizes = text.split(/[,x]/).map(Number);
  if (sizes.length > 3 || !sizes.every((size) => Number.isInteger(size) && size >= 1))
    throw new InvalidArgumentError('It must be up to three whole numbers: 64, or 16,16.');
  const [x = 1, y = 1, z = 1] = sizes;
  return [x, y, z];
}

export function show(): Command {
  return new Command('show')
    .description(
      'prints what a kernel became, with the lines of its source beside: FILE is a module, FILE#name one kernel of it',
    )
    .argument('<file>', 'module, or module#kernel')
    .addOption(
      new Option('--as <form>', 'ir, the verified program; what the GPU gets; what the CPU gets; or counts of both')
        .choices(Object.keys(forms))
        .default('ir'),
    )
    .option('--optimized', 'with --as ir: after the passes that come before every backend')
    .addOption(
      new Option('--workgroup <x,y,z>', 'for a kernel that leaves it open; else what the backend prefers').argParser(
        workgroupArgument,
      ),
    )
    .addOption(new Option('--mode <mode>', "numeric mode; the kernel's own where not given").choices([...numericModes]))
    .action(async (file: string, flags: Flags) => {
      if (flags.optimized && flags.as !== 'ir')
        throw new IsokernelError('usage', `--optimized is for --as ir; what --as ${flags.as} shows is optimized`, {
          hint: 'Leave it out.',
        });
      const { kernel: found } = await loadKernel(file);
      const kernel = flags.mode === undefined ? found : found.as(flags.mode);
      const verified = await kernel.verified();
      if (flags.workgroup !== undefined && (verified.program.workgroup ?? verified.facts.groupSensitive))
        throw new IsokernelError('usage', `"${kernel.name}" sees its workgroup, so it always has the same one`, {
          hint: 'Leave --workgroup out.',
        });
      process.stdout.write(await forms[flags.as](kernel, verified, flags));
    });
}
