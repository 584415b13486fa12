// `resultity-node network …`: the reference network and the verbs that ask a running one.
import { Command } from 'commander';
import type { CommandIo } from '../output.js';
import { accountsCommand, depositCommand, keysCommand } from './accounts.js';
import { configCommand } from './config.js';
import { orderCommand } from './order.js';
import { pageCommand } from './page.js';
import { receiptCommand } from './receipt.js';
import { jobsCommand, ledgerCommand, nodesCommand, statusCommand } from './show-network.js';
import { startCommand } from './start.js';

export const networkCommand = (io: CommandIo): Command =>
  new Command('network')
    .description('run a reference network of your own, and look after it')
    .addCommand(startCommand(io))
    .addCommand(statusCommand(io))
    .addCommand(nodesCommand(io))
    .addCommand(orderCommand(io))
    .addCommand(jobsCommand(io))
    .addCommand(ledgerCommand(io))
    .addCommand(accountsCommand(io))
    .addCommand(keysCommand(io))
    .addCommand(depositCommand(io))
    .addCommand(configCommand(io))
    .addCommand(receiptCommand(io))
    .addCommand(pageCommand(io));
