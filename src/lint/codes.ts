/** The warnings: what is legal and slow. Codes are stable: commands take them as words. */

export const warningCodes = {
  'uncoalesced-access': 'neighbouring invocations along x touch elements of a buffer that lie far apart',
  'divergent-loop': 'invocations of one workgroup leave a loop at different times, and the early ones wait',
  'bank-conflict': 'neighbouring invocations along x touch words of workgroup memory that share a bank, and take turns',
} as const;

export type WarningCode = keyof typeof warningCodes;

/** What a kernel could do faster, where, and what to write instead. */
export interface LintWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly hint: string;
}
