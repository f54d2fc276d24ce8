/** What a backend is written against. */
export type * from './contract.ts';
