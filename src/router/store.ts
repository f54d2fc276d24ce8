/**
 * Where calibrations are kept between runs. The router names no file system: whoever opens a runtime hands in a store, or
 * none (a browser), and then devices are calibrated once per page.
 */
export interface Store {
  /** The text kept under a name; undefined where there is none. */
  load(name: string): Promise<string | undefined>;
  save(name: string, text: string): Promise<void>;
}
