/** Finds the devices of a runtime. A backend that cannot start is recorded with what would help, and stops nobody else. */

import type { Backend, Device } from '../device/contract.ts';
import { IsokernelError, summaryOf } from '../ir/error.ts';
import { selectDevice, uniqueIds } from '../router/select.ts';
import type { OpenOptions, Unavailable } from './api.ts';
import { Member } from './member.ts';

export async function discover(
  options: OpenOptions,
): Promise<{ readonly members: Member[]; readonly unavailable: Unavailable[] }> {
  const { threads, memory, flags } = options;
  const found = await Promise.all(
    options.backends.map(async (entry): Promise<{ devices: readonly Device[]; unavailable: Unavailable[] }> => {
      let backend: Backend | undefined;
      try {
        backend = typeof entry === 'function' ? await entry() : entry;
        const devices = await backend.discover({ threads, memory, flags });
        checkDevices(devices);
        return { devices, unavailable: [] };
      } catch (thrown) {
        return { devices: [], unavailable: [unavailableOf((backend ?? entry).name, thrown)] };
      }
    }),
  );
  const devices = found.flatMap((one) => one.devices);
  const ids = uniqueIds(devices.map((device) => device.capabilities.id));
  const all = devices.map((device, i) => new Member(ids[i]!, device));
  let members: Member[];
  try {
    const wanted = options.devices?.map((name) => selectDevice(all, name));
    members = wanted === undefined ? all : all.filter((member) => wanted.includes(member));
  } catch (thrown) {
    await Promise.allSettled(all.map((member) => member.device.close()));
    throw thrown;
  }
  await Promise.allSettled(all.filter((one) => !members.includes(one)).map((one) => one.device.close()));
  return { members, unavailable: found.flatMap((one) => one.unavailable) };
}

const deviceMembers: Record<Exclude<keyof Device, 'lend'>, 'object' | 'function'> = {
  capabilities: 'object',
  lost: 'object',
  memory: 'object',
  alloc: 'function',
  free: 'function',
  write: 'function',
  read: 'function',
  ineligible: 'function',
  compile: 'function',
  record: 'function',
  submit: 'function',
  close: 'function',
};

/** Checks that what a backend found are devices, before one that lacks something fails a job. */
function checkDevices(devices: readonly Device[]): void {
  const hint = 'discover() resolves to a list of devices; the conformance suite says what is missing of one.';
  if (!Array.isArray(devices)) throw new IsokernelError('unknown-backend', 'discover() gave no list', { hint });
  for (const device of devices as readonly Device[]) {
    for (const [member, type] of Object.entries(deviceMembers)) {
      if (typeof device?.[member as keyof Device] === type) continue;
      throw new IsokernelError('unknown-backend', `a device of the backend has no ${member}`, { hint });
    }
  }
}

/** A loader is known by the function's name until it has loaded its backend. */
function unavailableOf(backend: string, thrown: unknown): Unavailable {
  const known = thrown instanceof IsokernelError;
  return {
    backend,
    code: known ? thrown.code : 'backend-unavailable',
    message: summaryOf(thrown),
    hint: known ? thrown.hint : undefined,
  };
}
