// Looks at the machine once at start; heartbeats repeat what was found.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { HostProbe } from '../adapters/host/host-probe.js';
import type { Membership } from './membership.js';

export const probeHost = (parts: {
  readonly membership: Membership;
  readonly probe: HostProbe;
  readonly logger: Logger;
}) =>
  fromPromise<void, undefined>(async () => {
    const hardware = await parts.probe.probe();
    parts.membership.hardware.set(hardware);
    parts.logger.info(
      { event: 'host.probed', gpus: hardware.gpus.map(({ name }) => name), cores: hardware.cpu.cores },
      hardware.gpus.length > 0 ? 'host probed' : 'host probed: no GPU found',
    );
  });
