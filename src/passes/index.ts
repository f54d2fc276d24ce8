/** IR to IR: the passes that backends share, and the pipeline of them. */
export * from './rewrite.ts';
