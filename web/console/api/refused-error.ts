// A refusal of the node, or its silence, with the node's own code, words and advice.

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly advice?: string | undefined;
}

export class RefusedError extends Error implements Refusal {
  override readonly name = 'RefusedError';
  readonly code: string;
  readonly retryable: boolean;
  readonly advice: string | undefined;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options);
    this.code = refusal.code;
    this.retryable = refusal.retryable;
    this.advice = refusal.advice;
  }
}

/** Anything caught, as what is shown to the reader. */
export const refusalOf = (caught: unknown): Refusal => {
  if (caught instanceof RefusedError) return caught;
  return {
    code: 'PAGE',
    message: caught instanceof Error ? caught.message : String(caught),
    retryable: false,
    advice: 'Load the page again.',
  };
};
