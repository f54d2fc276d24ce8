/** The kernel IR: types, the operation table, building, verifying, text, bytes and the interpreter. */
export * from './bits.ts';
export * from './builder.ts';
export { decode, encode } from './bytes.ts';
export * from './canonical.ts';
export * from './error.ts';
export { errorCodes } from './error-codes.ts';
export * from './evaluate.ts';
export * from './fuel.ts';
export { hash } from './hash.ts';
export * from './interpreter.ts';
export * from './numeric-class.ts';
export * from './ops.ts';
export { parse } from './parse.ts';
export { type PrintOptions, print } from './print.ts';
export * from './program.ts';
export * from './types.ts';
export * from './verified.ts';
export { verify } from './verify.ts';
