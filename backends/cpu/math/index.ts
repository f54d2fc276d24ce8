/** The functions of f32 that no machine has as an instruction, written in operations that every machine has. */
export { exp, exp2, log, log2, pow } from './exponential.ts';
export { acosh, asinh, atanh, cosh, sinh, tanh } from './hyperbolic.ts';
export { acos, asin, atan, atan2 } from './inverse.ts';
export { cos, sin, tan } from './trigonometric.ts';
