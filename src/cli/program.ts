// The whole command tree.
import { Command } from 'commander';
import { AGENT_VERSION } from '../version.js';
import { bridgeSocketCommand } from './bridge-socket.js';
import { claimCommand } from './claim.js';
import { consoleCommand } from './console.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { healthcheckCommand } from './healthcheck.js';
import { identityCommand } from './identity.js';
import { initCommand } from './init.js';
import { jobsCommand } from './jobs.js';
import { modelsCommand } from './models.js';
import { networkCommand } from './network/network-command.js';
import { drainCommand, pauseCommand } from './orders/rest-commands.js';
import { resumeCommand } from './orders/resume-command.js';
import type { CommandIo } from './output.js';
import { replayCommand } from './replay.js';
import { reportCommand } from './report.js';
import { retryCommand } from './retry.js';
import { simulateEngineCommand } from './simulate-engine-command.js';
import { type Signals, startCommand } from './start.js';
import { statusCommand } from './status.js';

export const createProgram = (io: CommandIo, signals: Signals): Command =>
  new Command('resultity-node')
    .description('Serves language-model inference for the Resultity network from your own machine.')
    .version(AGENT_VERSION, '-V, --version')
    .addCommand(initCommand(io))
    .addCommand(startCommand(io, signals))
    .addCommand(statusCommand(io))
    .addCommand(consoleCommand(io))
    .addCommand(doctorCommand(io))
    .addCommand(healthcheckCommand(io))
    .addCommand(claimCommand(io))
    .addCommand(jobsCommand(io))
    .addCommand(modelsCommand(io))
    .addCommand(reportCommand(io))
    .addCommand(replayCommand(io))
    .addCommand(drainCommand(io))
    .addCommand(pauseCommand(io))
    .addCommand(resumeCommand(io))
    .addCommand(retryCommand(io))
    .addCommand(identityCommand(io))
    .addCommand(networkCommand(io))
    .addCommand(demoCommand(io))
    .addCommand(simulateEngineCommand(io, signals))
    .addCommand(bridgeSocketCommand(io, signals))
    .addHelpText(
      'after',
      '\nTry it without a GPU, account or network:\n  $ resultity-node demo\n\nExit codes: 0 ok, 1 failure, 2 usage, 3 doctor found failures, 4 not running, 6 forbidden, 7 already running, 9 left at the third signal, 11 replay differs, 75 try again, 78 bad settings. All of them: docs/exit-codes.md.',
    );
