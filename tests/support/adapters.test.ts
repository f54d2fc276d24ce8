import { expect, test } from 'vitest';
import { create } from 'webgpu';
import { describeAdapters } from './adapters.ts';

describeAdapters('adapter', ({ id, name }) => {
  test('its name selects it in Dawn', async () => {
    const adapter = await create([`adapter=${name}`]).requestAdapter();
    const { vendor, architecture, device } = adapter!.info;
    expect(`${vendor} ${architecture} ${device}`).toContain(id.slice('webgpu:'.length));
  });
});
