/** IR to IR: the passes that backends share, and the pipeline of them. */
export { uniformValues } from '../ir/uniformity.ts';
export * from './exact/fence-floats.ts';
export { type LowerOptions, lowerExact } from './exact/lower.ts';
export * from './exact/write-out.ts';
export * from './expand-collectives.ts';
export * from './expand-functions.ts';
export * from './expand-threefry.ts';
export * from './fold-constants.ts';
export * from './hoist-invariant.ts';
export * from './pipeline.ts';
export { proveBounds } from './prove-bounds.ts';
export * from './remove-dead.ts';
export * from './rewrite.ts';
export * from './share-common.ts';
export * from './specialise.ts';
