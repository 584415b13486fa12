// Starts a Runtime, or takes over the one that runs already with this very spec: sound and unaltered, its bridge too.
import type { Logger } from 'pino';
import type { BridgeSpec, ContainerSpec } from '../container-spec.js';
import type { RuntimeStart } from '../runtime-host.js';
import { ContainerConflictError } from '../runtime-host-errors.js';
import { bridgeBody } from './bridge-body.js';
import { type AskedContainer, alteredFields } from './compare-container.js';
import { type ContainerOwner, type EngineFacts, LABEL } from './container-body.js';
import type { DockerClient } from './docker-client.js';
import { startError } from './docker-errors.js';
import type { ImageDetails } from './engine-answers.js';
import { presentImage } from './ensure-image.js';
import { gpuInjectionOf, hasSecurityOption } from './host-report.js';
import { exitOf, type InspectedContainer, phaseOf, startedMsOf } from './inspected-container.js';
import { isBridgeOf, isRuntimeOf, listOwned, removeAll, removeContainer } from './owned-containers.js';
import { runtimeBody } from './runtime-body.js';

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

/** A spec whose images are here, and the engine it is for. */
interface Plan {
  readonly spec: ContainerSpec;
  readonly facts: EngineFacts;
  readonly runtime: AskedContainer;
  readonly bridge: { readonly spec: BridgeSpec; readonly image: ImageDetails } | undefined;
}

const planOf = async (
  { client, owner }: StartContext,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<Plan> => {
  const info = await client.info(signal);
  const facts: EngineFacts = {
    gpuInjection: gpuInjectionOf(info),
    rootless: hasSecurityOption(info, 'rootless'),
    swapLimit: info.SwapLimit ?? true,
  };
  const image = await presentImage(client, spec.image, signal);
  const bridge = spec.bridge && {
    spec: spec.bridge,
    image: await presentImage(client, spec.bridge.image, signal),
  };
  const body = runtimeBody(spec, owner, facts, image.Id);
  return { spec, facts, runtime: { body, imageEnvironment: image.Config.Env }, bridge };
};

const askedBridge = ({ owner }: StartContext, { spec, facts, bridge }: Plan, runtimeId: string) =>
  bridge && {
    body: bridgeBody({ ...spec, bridge: bridge.spec }, owner, facts, bridge.image.Id, runtimeId),
    imageEnvironment: bridge.image.Config.Env,
  };

const isSound = (found: InspectedContainer | undefined, asked: AskedContainer): found is InspectedContainer =>
  found !== undefined && phaseOf(found) === 'running' && alteredFields(found, asked).length === 0;

/** A name of ours that is taken: by what another Agent of this node has just made, or by somebody else. */
const yieldName = async ({ client, owner, logger }: StartContext, name: string, conflict: Error) => {
  const holder = await client.inspectContainer(name);
  if (holder !== undefined && holder.Config.Labels[LABEL.node] !== owner.nodeId) throw conflict;
  if (holder === undefined) return;
  logger.warn(
    { containerId: holder.Id },
    'another start of this node was under way; its container is removed',
  );
  await removeContainer(client, holder.Id);
};

/** With an init of ours in front, the engine starts what is not there, and it ends at once. */
const refuseMissingProgram = (found: InspectedContainer): void => {
  const code = exitOf(found)?.code;
  if (code !== 126 && code !== 127) return;
  throw startError('executable', `${found.Config.Entrypoint.join(' ')} cannot be run: exit code ${code}`);
};

/**
 * Makes and starts one container, and looks whether it became what was asked.
 * @param image as the spec names it
 */
const run = async (
  context: StartContext,
  asked: AskedContainer,
  image: string,
  signal: AbortSignal,
): Promise<InspectedContainer> => {
  const { client } = context;
  const { body } = asked;
  const id = await client.createContainer(body, image, signal).catch(async (caught: unknown) => {
    if (!(caught instanceof ContainerConflictError)) throw caught;
    await yieldName(context, body.name, caught);
    return client.createContainer(body, image, signal);
  });
  await client.startContainer(id, image, signal);
  const made = await client.inspectContainer(id, signal);
  if (made === undefined) throw startError('engine', 'it was removed while it started');
  refuseMissingProgram(made);
  const altered = alteredFields(made, asked);
  if (altered.length > 0) {
    throw startError('spec', `the engine made another container than was asked for: ${altered.join(', ')}`);
  }
  return made;
};

const startOf = (found: InspectedContainer, spec: ContainerSpec, adopted: boolean): RuntimeStart => ({
  id: found.Id,
  specHash: spec.specHash,
  startedMs: startedMsOf(found) ?? Date.now(),
  adopted,
});

/** @throws ContainerStartError, ContainerConflictError, ImageError, EngineUnavailableError; the reason of `signal` */
export const startRuntime = async (
  context: StartContext,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<StartedRuntime> => {
  const { client, owner, logger } = context;
  const plan = await planOf(context, spec, signal);
  const owned = await listOwned(client, owner.nodeId, signal);
  const candidate = owned.find((one) => isRuntimeOf(one, spec.specHash));
  const found = candidate && (await client.inspectContainer(candidate.Id, signal));
  const kept = isSound(found, plan.runtime) ? found : undefined;
  const keptAsked = kept && askedBridge(context, plan, kept.Id);
  const bridge = kept && keptAsked && owned.find((one) => isBridgeOf(one, kept.Id));
  const keptBridge =
    bridge && keptAsked && isSound(await client.inspectContainer(bridge.Id, signal), keptAsked)
      ? bridge
      : undefined;
  signal.throwIfAborted();
  await removeAll(
    client,
    owned.filter(({ Id }) => Id !== kept?.Id && Id !== keptBridge?.Id),
    logger,
  );
  if (kept && (keptAsked === undefined || keptBridge)) {
    return { start: startOf(kept, spec, true), asked: plan.runtime, askedBridge: keptAsked };
  }
  try {
    const runtime = kept ?? (await run(context, plan.runtime, spec.image, signal));
    const asked = askedBridge(context, plan, runtime.Id);
    if (asked && spec.bridge) {
      await run(context, asked, spec.bridge.image, signal).catch(async (caught: unknown) => {
        // A bridge cannot be put before one that has ended, and why that ended is what matters.
        const ended = await client.inspectContainer(runtime.Id, signal);
        if (ended !== undefined) refuseMissingProgram(ended);
        throw caught;
      });
    }
    logger.info({ containerId: runtime.Id, specHash: spec.specHash }, 'container started');
    return { start: startOf(runtime, spec, kept !== undefined), asked: plan.runtime, askedBridge: asked };
  } catch (caught) {
    // By label, not by id: a create that was left or broke off may have been carried out.
    await listOwned(client, owner.nodeId)
      .then((left) => removeAll(client, left, logger))
      .catch((err: unknown) => logger.warn({ err }, 'what a failed start left could not be removed'));
    throw caught;
  }
};
