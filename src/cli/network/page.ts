// Where a running network's page is, with the token that opens it.
import { Command } from 'commander';
import { NodeError } from '../../errors.js';
import { networkPaths } from '../../network/main/network-paths.js';
import { readPageToken } from '../../pages/page-token.js';
import { type CommandIo, note } from '../output.js';
import { adminOf, answer, dataDirOf, type SharedOptions, shared } from './network-context.js';

/** The network runs, and its page does not. */
class NoPageError extends NodeError {
  readonly code = 'NETWORK_PAGE';
  readonly retryable = false;
}

export const pageCommand = (io: CommandIo): Command =>
  shared(
    new Command('page').description(
      "print the link to the network's page: nodes, jobs, ledger, configuration, playground",
    ),
    ['page', 'page --json | jq -r .url'],
  ).action(async (options: SharedOptions) => {
    const { url, reason, advice } = await adminOf(options, io).call('page.show', {});
    if (url === null) {
      throw new NoPageError(`the network serves no page: ${reason}`, advice === null ? {} : { advice });
    }
    const token = await readPageToken(networkPaths(dataDirOf(options, io.env)).pageToken);
    answer(io, options, { url: `${url}#token=${token}` }, (link) => {
      io.stdout.write(`${link.url}\n`);
      note(io, 'Who has this link can do all that an operator can: keep it to yourself.');
    });
  });
