// The container that gives an engine which knows only TCP a Unix socket: it shares the Runtime's network, in which there
// is nothing but the engine's port, and sees the socket's directory and nothing else.
import type { BridgeSpec, ContainerSpec } from '../container-spec.js';
import {
  type ContainerBody,
  type ContainerOwner,
  containerBody,
  type EngineFacts,
} from './container-body.js';

const MIB = 1024 ** 2;
/** Measured: 45 MiB with 128 connections, a MiB under way in each; the rest is room for files the kernel keeps. */
const LIMITS = { memoryBytes: 128 * MIB, sharedMemoryBytes: MIB, pids: 64, cpus: undefined };

const RUNTIME_NETWORK = /^container:(.+)$/;

/** The container whose network this one shares; undefined: none. */
export const networkOwner = (networkMode: string): string | undefined =>
  RUNTIME_NETWORK.exec(networkMode)?.[1];

/**
 * @param image its id in this engine
 * @param runtimeId the container it stands before
 */
export const bridgeBody = (
  spec: ContainerSpec & { readonly bridge: BridgeSpec },
  owner: ContainerOwner,
  facts: EngineFacts,
  image: string,
  runtimeId: string,
): ContainerBody =>
  containerBody(spec, owner, facts, {
    role: 'bridge',
    image,
    entrypoint: spec.bridge.entrypoint,
    args: spec.bridge.args,
    environment: {},
    networkMode: `container:${runtimeId}`,
    hostname: undefined,
    mounts: [spec.socketMount],
    tmpfs: [],
    limits: LIMITS,
    deviceRequests: [],
  });
