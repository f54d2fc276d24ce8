/** IR to IR: the passes that backends share, and the pipeline of them. */
export * from './expand-collectives.ts';
export * from './expand-threefry.ts';
export * from './pipeline.ts';
export * from './rewrite.ts';
export * from './specialise.ts';
