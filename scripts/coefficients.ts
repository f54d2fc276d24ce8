/**
 * `npm run coefficients`: writes src/ir/software/coefficients.ts, the constants of the software functions.
 *
 * Each polynomial interpolates its function at the Chebyshev nodes of its interval, computed to 60 digits, which comes within a
 * small factor of the least possible error; the degree is chosen so that this is below what the words round away. Then each
 * coefficient is rounded to the fixed point that `polynomial` (src/ir/software/fixed.ts) wants. There every product is rounded
 * down, by half a unit on average, which the coefficient added to it makes good.
 */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Decimal } from 'decimal.js';
import { fitsOfAngles } from './coefficients-of-angles.ts';

const D = Decimal.clone({ precision: 60 });
type Number = Decimal;
const one = new D(1);

export interface Fit {
  readonly name: string;
  /** What is fitted, and the format of argument and result, for the comment. */
  readonly about: string;
  /** As a function of the argument on its interval. */
  readonly of: (x: Number) => Number;
  readonly from: number | Number;
  readonly to: number | Number;
  readonly degree: number;
  /** The argument is in Qs, the result in Qq. */
  readonly s: number;
  readonly q: number;
}

/** Monomial coefficients, lowest first, of the polynomial through the function's values at the Chebyshev nodes. */
function interpolate({ of, from, to, degree }: Fit): Number[] {
  const [a, b] = [new D(from), new D(to)];
  const pi = D.acos(-1);
  const nodes = Array.from({ length: degree + 1 }, (_, i) => {
    const t = D.cos(pi.mul(2 * i + 1).div(2 * degree + 2));
    return a.plus(b).plus(b.minus(a).mul(t)).div(2);
  });
  // Newton's divided differences, then expanded
  const differences = nodes.map((x) => of(x));
  for (let order = 1; order <= degree; order++)
    for (let i = degree; i >= order; i--)
      differences[i] = differences[i]!.minus(differences[i - 1]!).div(nodes[i]!.minus(nodes[i - order]!));
  let coefficients: Number[] = [differences[degree]!];
  for (let i = degree - 1; i >= 0; i--) {
    const shifted = [new D(0), ...coefficients];
    coefficients = shifted.map((c, k) => c.minus(k < coefficients.length ? coefficients[k]!.mul(nodes[i]!) : 0));
    coefficients[0] = coefficients[0]!.plus(differences[i]!);
  }
  return coefficients;
}

/** In fixed point, each but the last half a unit larger for the product that was rounded down. */
function words(fit: Fit): string[] {
  return interpolate(fit).map((c, k) => {
    const unit = new D(2).pow(fit.q + k * (32 - fit.s));
    const word = c
      .mul(unit)
      .plus(k === fit.degree ? 0 : 0.5)
      .round();
    if (word.lt(-(2 ** 31)) || word.gte(2 ** 32)) throw new Error(`${fit.name}: coefficient ${k} is no word: ${word}`);
    return word.toFixed();
  });
}

const fits: readonly Fit[] = [
  ...fitsOfAngles,
  {
    name: 'reciprocalSeed',
    about: '(1 - 2^-9) / (3/2 + x), less than 1 by more than it errs; |x| <= 1/2 in Q32, result in Q30',
    of: (x) => one.minus(new D(2).pow(-9)).div(x.plus(1.5)),
    from: -0.5,
    to: 0.5,
    degree: 3,
    s: 32,
    q: 30,
  },
  {
    name: 'inverseRootSeed',
    about: '1 / sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30',
    of: (x) => one.div(x.plus(1.5).sqrt()),
    from: -0.5,
    to: 0.5,
    degree: 4,
    s: 32,
    q: 30,
  },
];

/** The text of src/ir/software/coefficients.ts. */
export function coefficients(): string {
  const head =
    '/** Constants of the software functions. Made by `npm run coefficients`; scripts/coefficients.ts says how. */';
  const tables = fits.map(
    (fit) =>
      `/** ${fit.about}. */\n// biome-ignore format: as the script writes it\nexport const ${fit.name}: readonly number[] = [${words(fit).join(', ')}];`,
  );
  return `${[head, ...tables].join('\n\n')}\n`;
}

const file = fileURLToPath(new URL('../src/ir/software/coefficients.ts', import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, coefficients());
