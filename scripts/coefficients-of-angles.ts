/** The polynomials of trigonometric functions, of their inverses and of roots, for scripts/coefficients.ts. */

import { Decimal } from 'decimal.js';
import type { Fit } from './coefficients.ts';

const D = Decimal.clone({ precision: 60 });
const halfPi = D.acos(0);
const ln2 = D.ln(2);
const one = new D(1);

/** f(y) / y as a function of y^2. */
const ratio = (f: (y: Decimal) => Decimal) => (square: Decimal) => f(square.sqrt()).div(square.sqrt());

/** By Taylor's series: alternating, with terms up to e^(x^2). */
function erf(x: Decimal): Decimal {
  const square = x.mul(x);
  let power = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    power = power.mul(square).div(-n);
    sum = sum.plus(power.div(2 * n + 1));
  }
  return sum.mul(2).div(halfPi.mul(2).sqrt());
}

export const fitsOfAngles: readonly Fit[] = [
  {
    name: 'sineOfQuarters',
    about: 'sin(pi/2 f) / f as a function of f^2 <= 1/4 in Q32, result in Q30',
    of: ratio((f) => D.sin(f.mul(halfPi))),
    from: 0,
    to: 0.25,
    degree: 4,
    s: 32,
    q: 30,
  },
  {
    name: 'cosineOfQuarters',
    about: 'cos(pi/2 f) as a function of f^2 <= 1/4 in Q32, result in Q30',
    of: (square) => D.cos(square.sqrt().mul(halfPi)),
    from: 0,
    to: 0.25,
    degree: 4,
    s: 32,
    q: 30,
  },
  {
    name: 'rootSeries',
    about: 'sqrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30',
    of: (x) => x.plus(1.5).sqrt(),
    from: -0.5,
    to: 0.5,
    degree: 10,
    s: 32,
    q: 30,
  },
  {
    name: 'arcSine',
    about: 'asin(y) / y as a function of y^2 <= 1/4 in Q32, result in Q31',
    of: ratio((y) => y.asin()),
    from: 0,
    to: 0.25,
    degree: 8,
    s: 32,
    q: 31,
  },
  {
    name: 'arcTangent',
    about: '(1 - atan(y) / y) / y^2 as a function of y^2 <= tan(pi/8)^2 in Q32, result in Q32',
    of: (square) =>
      ratio((y) => y.atan())(square)
        .neg()
        .plus(1)
        .div(square),
    from: 0,
    to: D.sqrt(2).minus(1).pow(2),
    degree: 6,
    s: 32,
    q: 32,
  },
  {
    name: 'coshSeries',
    about: 'cosh(f ln(2)) as a function of f^2 <= 1/4 in Q32, result in Q31',
    of: (square) => D.cosh(square.sqrt().mul(ln2)),
    from: 0,
    to: 0.25,
    degree: 3,
    s: 32,
    q: 31,
  },
  {
    name: 'sinhSeries',
    about: 'sinh(f ln(2)) / f as a function of f^2 <= 1/4 in Q32, result in Q32',
    of: ratio((f) => D.sinh(f.mul(ln2))),
    from: 0,
    to: 0.25,
    degree: 3,
    s: 32,
    q: 32,
  },
  {
    name: 'arcTanh',
    about: 'atanh(z) / z as a function of z^2 <= 0.1287 in Q32, result in Q31',
    of: ratio((z) => z.atanh()),
    from: 0,
    to: 0.1287,
    degree: 6,
    s: 32,
    q: 31,
  },
  {
    name: 'cubeRootSeries',
    about: 'cbrt(3/2 + x); |x| <= 1/2 in Q32, result in Q30',
    of: (x) => x.plus(1.5).cbrt(),
    from: -0.5,
    to: 0.5,
    degree: 8,
    s: 32,
    q: 30,
  },
  {
    name: 'erfSeries',
    about: 'erf(x) / x as a function of x^2 / 4 - 1/2 in Q32 up to x = 2, result in Q30',
    of: (x) => ratio(erf)(x.plus(0.5).mul(4)),
    from: -0.5,
    to: 0.5,
    degree: 11,
    s: 32,
    q: 30,
  },
  {
    name: 'erfcSeries',
    about: 'erfc(x) as a function of x / 2 - 3/2 in Q32 from x = 2 to x = 4, result in Q34',
    of: (x) => one.minus(erf(x.plus(1.5).mul(2))),
    from: -0.5,
    to: 0.5,
    degree: 11,
    s: 32,
    q: 34,
  },
];
