// What an earlier Agent of this node left: keeps the one Runtime that may stay, with its bridge, and removes the rest.
import type { Logger } from 'pino';
import type { RuntimeRef } from '../runtime-host.js';
import { alteredFields } from './compare-container.js';
import type { DockerClient } from './docker-client.js';
import type { ListedContainer } from './engine-answers.js';
import { phaseOf, startedMsOf } from './inspected-container.js';
import { isBridgeOf, isRuntimeOf, listOwned, removeAll } from './owned-containers.js';

/** The spec is not known here, only its hash: whether it is what it should be in all, the next start finds out. */
const soundRuntime = async (
  client: DockerClient,
  owned: readonly ListedContainer[],
  specHash: string,
): Promise<RuntimeRef | undefined> => {
  for (const { Id } of owned.filter((one) => isRuntimeOf(one, specHash))) {
    const found = await client.inspectContainer(Id);
    if (found === undefined || phaseOf(found) !== 'running' || alteredFields(found, undefined).length > 0)
      continue;
    return { id: Id, specHash, startedMs: startedMsOf(found) ?? Date.now() };
  }
  return undefined;
};

/** @param wanted hash of the spec that may stay */
export const reconcileRuntimes = async (
  client: DockerClient,
  nodeId: string,
  wanted: string | undefined,
  logger: Logger,
): Promise<{ readonly found: RuntimeRef | undefined; readonly removed: readonly string[] }> => {
  const owned = await listOwned(client, nodeId);
  const found = wanted === undefined ? undefined : await soundRuntime(client, owned, wanted);
  const stays = (one: ListedContainer): boolean =>
    found !== undefined && (one.Id === found.id || (one.State === 'running' && isBridgeOf(one, found.id)));
  return {
    found,
    removed: await removeAll(
      client,
      owned.filter((one) => !stays(one)),
      logger,
    ),
  };
};
