/** What a backend is written against: the contract, and what most devices share. docs/adapters.md writes one. */
export * from './commands.ts';
export type * from './contract.ts';
export * from './eligibility.ts';
export * from './memories.ts';
export * from './queue.ts';
