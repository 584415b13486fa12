// What the page asks of the network: the operator's verbs, each answer parsed; and whether the network answers at all.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { z } from 'zod';
import { adminFailure } from '../../../src/network/admin/admin-failure.js';
import { PAGE_VERBS } from '../../../src/network/admin/verbs/page-verbs.js';
import { RefusedError } from '../../console/api/refused-error.js';

export type PageVerb = keyof typeof PAGE_VERBS;
type Input<V extends PageVerb> = z.input<(typeof PAGE_VERBS)[V]['input']>;
export type Answer<V extends PageVerb> = z.output<(typeof PAGE_VERBS)[V]['output']>;

export interface NetworkApi {
  /** @throws RefusedError with the network's own code and advice, or its silence */
  call<V extends PageVerb>(verb: V, input: Input<V>): Promise<Answer<V>>;
  /** By the reader's clock: since when nothing is answered; null while it is. */
  readonly silentSinceMs: ReadonlySignal<number | null>;
  /** The network takes this token no more. */
  readonly isRefused: ReadonlySignal<boolean>;
}

const UNAUTHORIZED = 401;

export const createNetworkApi = (token: string): NetworkApi => {
  const silentSinceMs = signal<number | null>(null);
  const isRefused = signal(false);

  const send = async (verb: PageVerb, input: unknown): Promise<Response> => {
    try {
      const response = await fetch(new URL(`api/${verb}`, document.baseURI), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(input),
        cache: 'no-store',
      });
      silentSinceMs.value = null;
      return response;
    } catch (cause) {
      silentSinceMs.value ??= Date.now();
      throw unreachable(cause);
    }
  };

  return {
    silentSinceMs,
    isRefused,
    call: async (verb, input) => {
      const response = await send(verb, input);
      if (response.status === UNAUTHORIZED) isRefused.value = true;
      const said: unknown = await response.json().catch(() => undefined);
      if (!response.ok) throw refusalIn(response.status, said);
      const answer = PAGE_VERBS[verb].output.safeParse(said);
      if (!answer.success) throw notUnderstood(answer.error);
      return answer.data as Answer<typeof verb>;
    },
  };
};

const refusalIn = (status: number, said: unknown): RefusedError => {
  const body = adminFailure.safeParse(said);
  if (body.success) return new RefusedError(body.data.error);
  const message = `The network answered with status ${status}.`;
  return new RefusedError({ code: `HTTP_${status}`, message, retryable: status >= 500 });
};

const unreachable = (cause: unknown): RefusedError =>
  new RefusedError(
    {
      code: 'NETWORK_UNREACHABLE',
      message: 'The network does not answer.',
      retryable: true,
      advice: 'Check that it runs: `resultity-node network status`.',
    },
    { cause },
  );

const notUnderstood = (cause: unknown): RefusedError =>
  new RefusedError(
    {
      code: 'ANSWER_NOT_UNDERSTOOD',
      message: 'The network answered something this page does not understand.',
      retryable: false,
      advice: 'Load the page again: the network may have been updated meanwhile.',
    },
    { cause },
  );
