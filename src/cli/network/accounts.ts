// Who may use the network and what they may spend: accounts, API keys, deposits.
import { Command } from 'commander';
import { formatCredits } from '../../network/admin/credits.js';
import { type CommandIo, note, printFacts, printTable } from '../output.js';
import { creditsArgument } from './arguments.js';
import { adminOf, answer, type SharedOptions, shared, when } from './network-context.js';

export const accountsCommand = (io: CommandIo): Command =>
  new Command('accounts')
    .description('accounts and their namespaces, the scopes that pay')
    .addCommand(
      shared(new Command('create').description('make an account with one namespace').argument('<name>'), [
        'accounts create acme',
      ]).action(async (name: string, options: SharedOptions) => {
        const account = await adminOf(options, io).call('accounts.create', { name });
        answer(io, options, account, () => {
          const [first] = account.namespaces;
          printFacts(io, { Account: account.account, Namespace: first?.namespace ?? '-' });
          note(io, 'Next: deposit credits for the namespace, and create an API key for it.');
        });
      }),
    )
    .addCommand(
      shared(new Command('list').description('list accounts with the balances of their namespaces'), [
        'accounts list',
      ]).action(async (options: SharedOptions) => {
        const list = await adminOf(options, io).call('accounts.list', {});
        answer(io, options, list, ({ accounts }) =>
          printTable(
            io,
            ['ACCOUNT', 'NAME', 'NAMESPACE', 'AVAILABLE', 'RESERVED', 'CREATED'],
            accounts.flatMap(({ account, name, created_ms, namespaces }) =>
              namespaces.map(({ namespace, available, reserved }) => [
                account,
                name,
                namespace,
                formatCredits(BigInt(available)),
                formatCredits(BigInt(reserved)),
                when(created_ms),
              ]),
            ),
          ),
        );
      }),
    );

export const keysCommand = (io: CommandIo): Command =>
  new Command('keys')
    .description('API keys; each belongs to one namespace')
    .addCommand(
      shared(new Command('create').description('make an API key; it is shown once').argument('<namespace>'), [
        'keys create acme/default',
        'export OPENAI_API_KEY=$(resultity-node network keys create acme/default)',
      ]).action(async (namespace: string, options: SharedOptions) => {
        const key = await adminOf(options, io).call('keys.create', { namespace });
        answer(io, options, key, ({ secret }) => {
          io.stdout.write(`${secret}\n`);
          note(io, `This is the only time key ${key.key} is shown: the network keeps its digest.`);
        });
      }),
    )
    .addCommand(
      shared(new Command('list').description('list API keys, without their secrets'), ['keys list']).action(
        async (options: SharedOptions) => {
          const list = await adminOf(options, io).call('keys.list', {});
          answer(io, options, list, ({ keys }) =>
            printTable(
              io,
              ['KEY', 'NAMESPACE', 'ENDS WITH', 'CREATED', 'REVOKED'],
              keys.map((key) => [
                key.key,
                key.namespace,
                key.hint,
                when(key.created_ms),
                key.revoked_ms === null ? '-' : when(key.revoked_ms),
              ]),
            ),
          );
        },
      ),
    )
    .addCommand(
      shared(new Command('revoke').description('end an API key at once').argument('<key>'), [
        'keys revoke rk-0123abcd-4567cdef',
      ]).action(async (key: string, options: SharedOptions) => {
        const revoked = await adminOf(options, io).call('keys.revoke', { key });
        answer(io, options, revoked, () => note(io, `Key ${revoked.key} is revoked.`));
      }),
    );

export const depositCommand = (io: CommandIo): Command =>
  shared(
    new Command('deposit')
      .description('give credits to a namespace')
      .argument('<namespace>')
      .argument('<credits>', 'e.g. 25 or 0.5', creditsArgument),
    ['deposit acme/default 25'],
  ).action(async (namespace: string, amount: string, options: SharedOptions) => {
    const balance = await adminOf(options, io).call('deposit', { namespace, amount });
    answer(io, options, balance, ({ available, reserved }) =>
      printFacts(io, {
        Namespace: balance.namespace,
        Available: formatCredits(BigInt(available)),
        Reserved: formatCredits(BigInt(reserved)),
      }),
    );
  });
