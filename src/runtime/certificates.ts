/**
 * The certificates of a runtime's devices: kept ones, or probed at the first job that needs them; taken away where a sample shows a
 * difference, which is kept too.
 */

import { type Certificate, certificateVersion, isCertificate } from '../device/certify/certificate.ts';
import { summaryOf } from '../ir/error.ts';
import { fingerprintOf, Kept } from '../router/kept.ts';
import type { Store } from '../router/store.ts';
import type { Warning } from './api.ts';
import type { Member } from './member.ts';

export class Certificates {
  readonly #store: Store | undefined;
  readonly #warn: (warning: Warning) => void;
  readonly #asked = new Map<Member, Promise<void>>();

  constructor(store: Store | undefined, warn: (warning: Warning) => void) {
    this.#store = store;
    this.#warn = warn;
  }

  /** Sees to it that each of the devices is certified, or known not to be; one after the other, as they share cores. */
  async settle(members: readonly Member[]): Promise<void> {
    for (const member of members) {
      // what its backend knows by construction needs no probe
      if (member.device.capabilities.numeric !== undefined || member.lost !== undefined) continue;
      let asked = this.#asked.get(member);
      if (asked === undefined) this.#asked.set(member, (asked = this.#ask(member)));
      await asked;
    }
  }

  async #ask(member: Member): Promise<void> {
    const kept = this.#kept(member);
    const known = await kept.load().catch((error: unknown) => {
      this.#warn({
        code: 'certificate-unreadable',
        message: `the kept certificate of ${member.id} is ignored and made anew: ${String(error)}`,
      });
      return undefined;
    });
    if (known !== undefined) {
      member.certificate = known;
      return;
    }
    try {
      // the probe brings the builder and the interpreter with it: too much for a first import
      const { certify } = await import('../device/certify/certify.ts');
      member.certificate = await certify(member.device);
    } catch (error) {
      member.certificate = { exact: false, reason: `it could not be probed: ${summaryOf(error)}` };
      return;
    }
    await this.#keep(member, kept);
  }

  /** Takes the certificate away, for good: until the driver or the code generator is another one. */
  async revoke(member: Member, reason: string): Promise<void> {
    member.certificate = { exact: false, reason };
    this.#warn({ code: 'decertified', message: `${member.id} runs exact kernels no more: ${reason}` });
    if (member.device.capabilities.numeric === undefined) await this.#keep(member, this.#kept(member));
  }

  async #keep(member: Member, kept: Kept<Certificate>): Promise<void> {
    await kept.save(member.certificate).catch((error: unknown) => {
      this.#warn({
        code: 'certificate-failed',
        message: `the certificate of ${member.id} could not be kept: ${String(error)}`,
      });
    });
  }

  #kept({ device }: Member): Kept<Certificate> {
    const name = `certificate-${device.capabilities.id}`;
    return new Kept(this.#store, name, fingerprintOf(device, certificateVersion), 'certificate', isCertificate);
  }
}
