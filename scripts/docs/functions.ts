/** docs/numerics-functions.md: what `isokernel numerics` found, from the report of it that the project keeps. */

import { readFileSync } from 'node:fs';
import { arityOf, functionNames } from '../../src/cli/numerics/reference.ts';
import type { Entry } from '../../src/cli/numerics.ts';

/** Why the functions of several operands, of which nobody tries all, are as close as said; and what the others are. */
const bounds: { readonly [name: string]: string } = {
  div: 'correctly rounded. The reciprocal of the divisor is too small by less than 3 units of 2^-32 (a test tries every significand), so 26 bits of the quotient, rounded down, are right or 1 too small; the remainder, exact in 32 bits, says which, and whether anything is left for the rounding',
  fma: 'correctly rounded. The product is exact, in 64 bits. Where an operand is shifted so far that bits of it are lost, a last bit stands for them, and the sum keeps 36 bits more than the result has: no rounding can tell the difference',
  rem: 'x - y trunc(x / y) by definition, each step rounded; it is compared with that',
  pow: 'within 0.54 ulp. log2(x) is off by less than 2^-38 of itself (two coefficients in 64 bits, the rest of the series, times f^2 < 2^-6.9, to 2^-31), so the exponent, below 2^7, by less than 2^-31; its fraction is cut at 2^-32, and 2^fraction, from 0.7 up, is right to 2 units of 2^-30: all in all less than 0.04 ulp beside the last rounding',
  atan2:
    'within 0.6 ulp. The quotient is off by less than 2^-29 of itself, the angle of it by 2 units of 2^-31 more, and the differences from pi/4, pi/2 and pi by as much as these constants are rounded: less than 0.1 ulp beside the last rounding',
  hypot:
    'correctly rounded. An estimate within half a unit; then the sum of squares, exact, is compared with the square of the middle between two neighbours',
};

export async function functionsPage(): Promise<string> {
  const report = JSON.parse(
    readFileSync(new URL('../../docs/numerics-functions.json', import.meta.url), 'utf8'),
  ) as Entry[];
  const byName = new Map(report.map((entry) => [entry.function, entry]));
  const entries = functionNames.flatMap((name) => byName.get(name) ?? []);
  const whole = entries.filter(({ inputs }) => inputs === 2 ** 32);
  const sampled = entries.filter((entry) => arityOf(entry.function) === 1 && !whole.includes(entry));
  const several = entries.filter(({ function: name }) => arityOf(name) > 1);
  return `${[
    '# How exact the functions of `exact` are',
    'In mode `exact` a function is an algorithm in 32-bit integers, the same bits on every device: fixed point, and one rounding at the end. (Division, square root and `fma` are correctly rounded, so a device whose own are that uses its own. `inverseSqrt` is sqrt(1 / x), rounded twice.) `expm1`, `log1p`, `log10`, `cbrt`, `hypot` and `erf`, which no device has, are these algorithms in every mode.',
    'A function that is off by half a unit in the last place (ulp) at worst is correctly rounded. "Not nearest" counts the results that are not the f32 nearest to the true value; nearly all of them are the second nearest of two that lie almost equally far.',
    `## One operand, all ${(2 ** 32).toLocaleString('en')} inputs`,
    table(whole),
    ...(sampled.length === 0
      ? []
      : [
          '## One operand, a sample',
          'Special inputs with their neighbours, and inputs spread evenly over all exponents. `isokernel numerics NAME` tries all.',
          table(sampled),
        ]),
    '## Two operands and three',
    'Special operands with their neighbours in all combinations, and random ones: a quarter of any exponent, and a quarter each within 1, 8 and 16 of that of 1.',
    table(several),
    'Why that holds for the others too:',
    several.map(({ function: name }) => `- \`${name}\`: ${bounds[name]}.`).join('\n'),
    '## How this was measured',
    "By `isokernel numerics --json docs/numerics-functions.json`, on the CPU; `npm run docs` writes this page of it. Each result is compared with the function in f64 (V8 has those of FreeBSD's msun; a test samples them against 60 decimal digits). Where the f64 is within 256 of its own units of the middle between two f32, 60 digits decide which is nearer. A result must also be the one NaN or the one zero that `exact` has. What is below 2^-126, or rounds to it, is 0, operands and results; that counts as no error.",
  ].join('\n\n')}\n`;
}

function table(entries: readonly Entry[]): string {
  const rows = entries.map(({ function: name, inputs, incorrect, worst, at, got }) => {
    const share =
      incorrect === 0 ? '0' : `${incorrect.toLocaleString('en')} (${((100 * incorrect) / inputs).toPrecision(2)} %)`;
    const where = incorrect === 0 ? '' : `${name}(${at.join(', ')}) gives ${got}`;
    return `| \`${name}\` | ${inputs.toLocaleString('en')} | ${incorrect === 0 ? '0.5' : worst.toFixed(4)} | ${share} | ${where} |`;
  });
  return ['| function | inputs | worst, ulp | not nearest | where |', '|---|--:|--:|--:|---|', ...rows].join('\n');
}
