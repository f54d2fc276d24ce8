export * from './lang/elements.ts';
export * from './lang/kernel.ts';
export * from './lang/params.ts';
