// The signed receipts of a job, with all that anyone needs to check them without this program.
import { Command } from 'commander';
import { type CommandIo, note, printFacts } from '../output.js';
import { adminOf, answer, type SharedOptions, shared, when } from './network-context.js';

export const receiptCommand = (io: CommandIo): Command =>
  shared(new Command('receipt').description("show a job's signed receipts").argument('<job>', 'the job id'), [
    'receipt 01JD3Q9V6Y5T0M8K2N4P6R8S0W',
    "receipt 01JD3Q9V6Y5T0M8K2N4P6R8S0W --json | jq '.receipts[0].typed_data'",
  ]).action(async (job: string, options: SharedOptions) => {
    const shown = await adminOf(options, io).call('receipts.show', { job });
    answer(io, options, shown, ({ receipts }) => {
      for (const { receipt, signature, digest } of receipts) {
        printFacts(io, {
          Receipt: digest,
          Node: receipt.node,
          Attempt: String(receipt.attempt),
          Outcome: receipt.outcome,
          Model: `${receipt.model} (${receipt.model_digest})`,
          Tokens: `${receipt.prompt_tokens} in, ${receipt.completion_tokens} out`,
          Accepted: when(receipt.accepted_ms),
          Times: `queued ${receipt.queue_ms} ms, first token ${receipt.first_token_ms} ms, total ${receipt.total_ms} ms`,
          Request: receipt.request_digest,
          Output: `${receipt.output_digest}, ${receipt.output_bytes} bytes`,
          Number: `${receipt.seq}, after ${receipt.previous}`,
          Signature: signature,
        });
      }
      note(io, 'The EIP-712 typed data that was signed is in the output of --json.');
    });
  });
