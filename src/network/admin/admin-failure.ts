// Body of every answer to an operator that is not a success, on the socket and on the page's port.
import { z } from 'zod';

export const adminFailure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    advice: z.string().optional(),
  }),
});
