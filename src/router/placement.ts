/**
 * What the router decided for one job, and why: plain data, and as text for people. Times are milliseconds.
 */

/** A device that was considered for a job, and what it would have taken. */
export interface Candidate {
  readonly device: string;
  /** Until the device has done what it was given before. */
  readonly wait: number;
  /** Moving the inputs there, and what the host wants back. */
  readonly transfer: number;
  readonly run: number;
  /** From now until the result is where it is wanted. */
  readonly finish: number;
  /** Why the device cannot take the job, where it cannot. */
  readonly ineligible?: string | undefined;
}

/** Where a job went, and why. */
export interface Placement {
  readonly device: string;
  readonly policy: string;
  /** Every device of the runtime that was considered, in the runtime's order. */
  readonly candidates: readonly Candidate[];
  /** Predicted run time on the chosen device. */
  readonly predicted: number;
  /** Measured run time, once the job is done. */
  readonly measured?: number | undefined;
  /** Of an `exact` job that was a sample: what of it another device ran again, and gave the same bits. */
  readonly checked?: Checked | undefined;
}

/** What of a job was computed twice. */
export interface Checked {
  readonly device: string;
  /** Bytes of results that were compared. */
  readonly bytes: number;
}

/** The placement as lines of text, the chosen device first. */
export function placementText(placement: Placement): string {
  const rows = [...placement.candidates].sort(
    (a, b) => Number(b.device === placement.device) - Number(a.device === placement.device),
  );
  const width = Math.max(...rows.map((row) => row.device.length));
  const lines = rows.map((row) => {
    const mark = row.device === placement.device ? '>' : ' ';
    const head = `${mark} ${row.device.padEnd(width)}`;
    if (row.ineligible !== undefined) return `${head}  ruled out: ${row.ineligible}`;
    const { wait, transfer, run, finish } = row;
    return `${head}  finish ${ms(finish)} = wait ${ms(wait)}, transfer ${ms(transfer)}, run ${ms(run)}`;
  });
  const measured =
    placement.measured === undefined ? '' : `; ran ${ms(placement.measured)}, predicted ${ms(placement.predicted)}`;
  const { checked } = placement;
  const same = checked === undefined ? '' : `; ${checked.bytes} bytes checked on ${checked.device}`;
  return [`${placement.device} by ${placement.policy}${measured}${same}`, ...lines].join('\n');
}

function ms(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ms`;
}
