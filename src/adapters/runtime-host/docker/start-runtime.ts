// Starts a Runtime, or takes over the one that runs already with this very spec: sound and unaltered, its bridge too.
import type { Logger } from 'pino';
import type { ContainerSpec } from '../container-spec.js';
import type { RuntimeStart } from '../runtime-host.js';
import { EngineUnavailableError } from '../runtime-host-errors.js';
import { type AskedContainer, alteredFields } from './compare-container.js';
import type { ContainerOwner } from './container-body.js';
import type { DockerClient } from './docker-client.js';
import { startError } from './docker-errors.js';
import type { ListedContainer } from './engine-answers.js';
import { exitOf, type InspectedContainer, phaseOf, startedMsOf } from './inspected-container.js';
import { isBridgeOf, isRuntimeOf, listOwned, removeAll } from './owned-containers.js';
import { runContainer } from './run-container.js';
import { planStart, type StartPlan } from './start-plan.js';

export interface StartContext {
  readonly client: DockerClient;
  readonly owner: ContainerOwner;
  readonly logger: Logger;
}

/** What runs now, and what it was asked to be, for a later comparison. */
export interface StartedRuntime {
  readonly start: RuntimeStart;
  readonly asked: AskedContainer;
  readonly askedBridge: AskedContainer | undefined;
}

/** The one that may stay, as it is now. */
const soundOne = async (
  client: DockerClient,
  candidate: ListedContainer | undefined,
  asked: AskedContainer | undefined,
  signal: AbortSignal,
): Promise<InspectedContainer | undefined> => {
  if (candidate === undefined || asked === undefined) return undefined;
  const found = await client.inspectContainer(candidate.Id, signal);
  const isSound = found && phaseOf(found) === 'running' && alteredFields(found, asked).length === 0;
  return isSound ? found : undefined;
};

/** What runs already and is as it should be; everything else of this node is removed. */
const keepWhatIsSound = async (
  { client, owner, logger }: StartContext,
  { specHash }: ContainerSpec,
  plan: StartPlan,
  signal: AbortSignal,
) => {
  const owned = await listOwned(client, owner.nodeId, signal);
  const candidate = owned.find((one) => isRuntimeOf(one, specHash));
  const runtime = await soundOne(client, candidate, plan.runtime, signal);
  const before = runtime && owned.find((one) => isBridgeOf(one, runtime.Id));
  const bridge = await soundOne(client, before, runtime && plan.bridgeTo(runtime.Id), signal);
  signal.throwIfAborted();
  const others = owned.filter(({ Id }) => Id !== runtime?.Id && Id !== bridge?.Id);
  await removeAll(client, others, logger);
  return { runtime, bridge };
};

/** A bridge cannot be put before a Runtime that has ended, and why that ended is what matters. */
const endBefore = async ({ client }: StartContext, runtimeId: string, signal: AbortSignal) => {
  const found = await client.inspectContainer(runtimeId, signal);
  const code = found && exitOf(found)?.code;
  if (code === undefined) return undefined;
  // With an init in front, the engine starts what is not there, and it ends with one of these.
  const trouble = code === 126 || code === 127 ? 'executable' : 'engine';
  return startError(trouble, `it ended with code ${code} before its bridge was there`);
};

/** Only what this start made: another Agent of this node may be at work, and one of us has to win. */
const cleanUp = async (
  { client, owner, logger }: StartContext,
  made: ReadonlySet<string>,
  isAnswered: boolean,
): Promise<void> => {
  try {
    const owned = await listOwned(client, owner.nodeId);
    // A create whose answer never came may have been carried out.
    const left = owned.filter(({ Id, State }) => made.has(Id) || (!isAnswered && State === 'created'));
    await removeAll(client, left, logger);
  } catch (err) {
    logger.warn({ err }, 'what a failed start left could not be removed; the next one does it');
  }
};

/** @throws ContainerStartError, ContainerConflictError, ImageError, EngineUnavailableError; the reason of `signal` */
export const startRuntime = async (
  context: StartContext,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<StartedRuntime> => {
  const { client, owner, logger } = context;
  const plan = await planStart(client, spec, owner, signal);
  const kept = await keepWhatIsSound(context, spec, plan, signal);
  const made = new Set<string>();
  const run = (asked: AskedContainer) =>
    runContainer(client, asked, (id) => void made.add(id), logger, signal);
  try {
    const runtime = kept.runtime ?? (await run(plan.runtime));
    made.add(runtime.Id);
    const askedBridge = plan.bridgeTo(runtime.Id);
    if (askedBridge !== undefined && kept.bridge === undefined) {
      await run(askedBridge).catch(async (caught: unknown) => {
        throw (await endBefore(context, runtime.Id, signal)) ?? caught;
      });
    }
    const adopted = kept.runtime !== undefined;
    logger.info({ containerId: runtime.Id, specHash: spec.specHash, adopted }, 'container runs');
    return {
      start: {
        id: runtime.Id,
        specHash: spec.specHash,
        startedMs: startedMsOf(runtime) ?? Date.now(),
        adopted,
      },
      asked: plan.runtime,
      askedBridge,
    };
  } catch (caught) {
    await cleanUp(context, made, !signal.aborted && !(caught instanceof EngineUnavailableError));
    throw caught;
  }
};
