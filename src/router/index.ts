/** The router: where jobs run, and why. */
export * from './calibrate.ts';
export * from './estimate.ts';
export * from './placement.ts';
export * from './policies.ts';
export * from './router.ts';
export * from './select.ts';
export * from './store.ts';
export * from './target.ts';
