// Jobs that nobody waits for on a connection: admitted, then asked after. They outlive a killed network.
import type { RunningNetwork } from './processes.js';

export interface PolledJob {
  readonly status: string;
  readonly [field: string]: unknown;
}

/** Admits one chat job. @param more fields of the request. @returns its id */
export const submitJob = async (
  network: RunningNetwork,
  apiKey: string,
  prompt: string,
  tokens: number,
  more: object = {},
): Promise<string> => {
  const response = await fetch(`${network.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      prefer: 'respond-async',
    },
    body: JSON.stringify({
      model: 'demo-chat',
      messages: [{ role: 'user', content: prompt }],
      max_tokens: tokens,
      seed: 1,
      ...more,
    }),
  });
  const body = (await response.json()) as { request_id?: string };
  if (response.status !== 202 || body.request_id === undefined) {
    throw new Error(`not admitted: ${response.status} ${JSON.stringify(body)}`);
  }
  return body.request_id;
};

export const pollJob = async (network: RunningNetwork, apiKey: string, job: string): Promise<PolledJob> => {
  const response = await fetch(`${network.url}/v1/jobs/${job}`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  return (await response.json()) as PolledJob;
};
