// Looks at the machine at start; from then on what was found is kept fresh.

import { fromPromise } from 'xstate';
import type { HardwareSource } from './kept-hardware.js';
import type { Membership } from './membership.js';

export const probeHost = (parts: HardwareSource & { readonly membership: Membership }) =>
  fromPromise<void, undefined>(async () => {
    const hardware = await parts.membership.hardware.begin(parts);
    parts.logger.info(
      { event: 'host.probed', gpus: hardware.gpus.map(({ name }) => name), cores: hardware.cpu.cores },
      hardware.gpus.length > 0 ? 'host probed' : 'host probed: no GPU found',
    );
  });
