/** The polynomials of trigonometric functions, of their inverses and of roots, for scripts/coefficients.ts. */

import { Decimal } from 'decimal.js';
import type { Fit } from './coefficients.ts';

const D = Decimal.clone({ precision: 60 });
const halfPi = D.acos(0);
const ln2 = D.ln(2);

/** f(y) / y as a function of y^2. */
const ratio = (f: (y: Decimal) => Decimal) => (square: Decimal) => f(square.sqrt()).div(square.sqrt());

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
];
