// The vLLM image without what keeps it from compiling: the compiler is missing, so one request for logprobs kills it.
import type Docker from 'dockerode';
import { withLayer } from '../docker/images/image-layer.js';
import { imageId } from '../docker/images/import-image.js';
import { prepareVllm } from './prepare.js';

const SCRIPT = `#!/bin/sh
unset TORCHDYNAMO_DISABLE
exec /opt/vllm/bin/vllm "$@" --enforce-eager
`;

export const faultyVllmImage = async (engine: {
  readonly socketPath: string;
  readonly docker: Docker;
}): Promise<string> => {
  const reference = 'resultity-test/faulty-vllm:1';
  const present = await imageId(engine.docker, reference);
  if (present !== undefined) return present;
  const { imageId: base } = await prepareVllm({ engineSocket: engine.socketPath });
  return withLayer(engine.docker, base, reference, { 'usr/local/bin/vllm': SCRIPT });
};
