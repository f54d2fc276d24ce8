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
const ln2 = D.ln(2);

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

/** A function with its limit at a point, near which the formula has too few digits. */
function continued(at: number, limit: Number, of: (x: Number) => Number): (x: Number) => Number {
  return (x) => (x.minus(at).abs().lt(1e-25) ? limit : of(x));
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
  {
    name: 'expSeries',
    about: 'e^x; |x| <= 0.3467 in Q32, result in Q30',
    of: (x) => x.exp(),
    from: -0.3467,
    to: 0.3467,
    degree: 7,
    s: 32,
    q: 30,
  },
  {
    name: 'exp2Series',
    about: '2^x; |x| <= 1/2 in Q32, result in Q30',
    of: (x) => new D(2).pow(x),
    from: -0.5,
    to: 0.5,
    degree: 7,
    s: 32,
    q: 30,
  },
  {
    name: 'expm1Series',
    about: '(2^x - 1) / x; |x| <= 1/2 in Q32, result in Q31',
    of: continued(0, ln2, (x) => new D(2).pow(x).minus(1).div(x)),
    from: -0.5,
    to: 0.5,
    degree: 6,
    s: 32,
    q: 31,
  },
];

/** A number in Q(q) as two words, modulo 2^64. */
function wide(value: Number, q: number): string {
  const bits = BigInt.asUintN(64, BigInt(value.mul(new D(2).pow(q)).round().toFixed()));
  return `{ high: ${bits >> 32n}, low: ${bits & 0xffffffffn} }`;
}

/**
 * Factors c = factor / 256 that bring a significand m to 1 + f with |f| < 0.0906: below limits[i], as a significand in Q31, factors[i].
 * The last one is 1/2. Limits are about the geometric means of neighbouring 1 / c.
 */
const factors = [256, 215, 181, 152, 128];
const limits = [0.125, 0.375, 0.625, 0.875].map((power) =>
  new D(2)
    .pow(power)
    .mul(256)
    .round()
    .mul(2 ** 23),
);

function logarithm(name: string, of: string, base: Number): string[] {
  const scale = base.ln();
  const unit = ln2.div(scale);
  // the whole part of a sum is added in units as they are rounded, so that log(1) is 0
  const rounded = unit.mul(new D(2).pow(56)).round().div(new D(2).pow(56));
  const starts = factors.map((c) => {
    const log = c === 256 ? new D(0) : c === 128 ? rounded : new D(256).div(c).ln().div(scale);
    return wide(log.minus(rounded.mul(127)), 56);
  });
  const fit: Fit = {
    name,
    about: '',
    of: continued(0, one.div(scale), (x) => x.plus(1).ln().div(x).div(scale)),
    from: -0.0906,
    to: 0.0906,
    degree: 6,
    s: 34,
    q: 30,
  };
  return [
    table(`${of}(1 + x) / x; |x| < 0.0906 in Q34, result in Q30`, `${name}Series`, list(words(fit))),
    table(`${of}(2) in Q56`, `${name}Unit`, wide(unit, 56)),
    table(`-${of}(c) - 127 ${of}(2) in Q56, for each factor c`, `${name}Starts`, list(starts)),
  ];
}

/** log2(1 + x) to 2^-38 of itself: its first two coefficients in 64 bits, and the series of the rest. */
function preciseLog2(): string[] {
  const [first, second] = [one.div(ln2), one.div(ln2).div(-2)];
  const log2 = (x: Number) => x.plus(1).ln().div(ln2);
  const fit: Fit = {
    name: 'preciseLog2Series',
    about: '',
    of: continued(0, first.div(3), (x) => log2(x).div(x).minus(first).div(x).minus(second).div(x)),
    from: -0.0906,
    to: 0.0906,
    degree: 6,
    s: 34,
    q: 31,
  };
  return [
    table(
      'log2(1 + x) / x, its first and second coefficient in Q62',
      'preciseLog2Start',
      list([wide(first, 62), wide(second, 62)]),
    ),
    table('The rest of it over x^2; |x| < 0.0906 in Q34, result in Q31', fit.name, list(words(fit))),
  ];
}

const list = (items: readonly (string | number)[]): string => `[${items.join(', ')}]`;
const table = (about: string, name: string, value: string): string =>
  `/** ${about}. */\n// biome-ignore format: as the script writes it\nexport const ${name} = ${value};`;

/** The text of src/ir/software/coefficients.ts. */
export function coefficients(): string {
  const head =
    '/** Constants of the software functions. Made by `npm run coefficients`; scripts/coefficients.ts says how. */';
  const parts = [
    ...fits.map((fit) => table(fit.about, fit.name, list(words(fit)))),
    table('log2(e) in Q63', 'log2e', wide(one.div(ln2), 63)),
    table('256 times the factors that bring a significand close to 1', 'factors', list(factors)),
    table('Up to where each factor but the last is used, in Q31', 'limits', list(limits.map((x) => x.toFixed()))),
    ...logarithm('ln', 'ln', D.exp(1)),
    ...logarithm('log2', 'log2', new D(2)),
    ...logarithm('log10', 'log10', new D(10)),
    ...preciseLog2(),
  ];
  return `${[head, ...parts].join('\n\n')}\n`;
}

const file = fileURLToPath(new URL('../src/ir/software/coefficients.ts', import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, coefficients());
