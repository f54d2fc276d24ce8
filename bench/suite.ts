/** The suites. `core`: eleven cases that together touch what devices differ in. */

import type { Case } from './case.ts';
import { blackscholes } from './cases/blackscholes.ts';
import { heat } from './cases/heat.ts';
import { histogram } from './cases/histogram.ts';
import { mandelbrot } from './cases/mandelbrot.ts';
import { matmul } from './cases/matmul.ts';
import { nbody } from './cases/nbody.ts';
import { reduce } from './cases/reduce.ts';
import { saxpy } from './cases/saxpy.ts';
import { scan } from './cases/scan.ts';
import { sha256 } from './cases/sha256.ts';
import { triad } from './cases/triad.ts';

const core: readonly Case[] = [
  saxpy,
  triad,
  reduce,
  scan,
  mandelbrot,
  nbody,
  matmul,
  heat,
  blackscholes,
  sha256,
  histogram,
];

export const suites = { core } as const;
