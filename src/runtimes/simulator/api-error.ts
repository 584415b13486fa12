// vLLM's way of saying no: one JSON shape, with the HTTP status repeated inside.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly param: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  body(): string {
    return JSON.stringify({
      error: { message: this.message, type: this.type, param: this.param, code: this.status },
    });
  }
}

export const badRequest = (message: string, param: string | null = null): ApiError =>
  new ApiError(400, 'BadRequestError', message, param);

export const modelUnknown = (name: string): ApiError =>
  new ApiError(404, 'NotFoundError', `The model \`${name}\` does not exist.`, 'model');

/** What a stream is told when the engine dies under it. */
export const engineDead = (): ApiError =>
  new ApiError(
    500,
    'InternalServerError',
    'EngineCore encountered an issue (EngineDeadError): a simulated failure',
  );

export const unavailable = (): ApiError =>
  new ApiError(503, 'ServiceUnavailableError', 'The engine is unavailable: a simulated failure');

export const contextExceeded = (limit: number, prompt: number, output: number): ApiError =>
  badRequest(
    `This model's maximum context length is ${limit} tokens. However, you requested ${output} output tokens and your ` +
      `prompt contains at least ${prompt} input tokens, for a total of at least ${prompt + output} tokens. ` +
      'Please reduce the length of the input prompt or the number of requested output tokens.',
    'input_tokens',
  );
