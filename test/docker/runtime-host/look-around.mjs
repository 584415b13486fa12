// Runs inside a sealed container: writes one line of JSON about what it finds there, and waits to be stopped.
import fs from 'node:fs';
import os from 'node:os';

const lines = (path) => fs.readFileSync(path, 'utf8').trimEnd().split('\n');

const status = Object.fromEntries(
  lines('/proc/self/status').map((line) => {
    const [name, value = ''] = line.split(':\t');
    return [name, value.trim()];
  }),
);

const mounts = Object.fromEntries(
  lines('/proc/self/mounts').map((line) => {
    const [, target, type, options] = line.split(' ');
    return [target, { type, options: options.split(',') }];
  }),
);

/** `written`, or why not. */
const write = (path) => {
  try {
    fs.writeFileSync(path, 'x');
    return 'written';
  } catch (error) {
    return error.code;
  }
};

const seen = {
  uid: process.getuid(),
  gid: process.getgid(),
  capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => status[name]),
  noNewPrivileges: status.NoNewPrivs,
  seccomp: status.Seccomp,
  interfaces: Object.keys(os.networkInterfaces()),
  routes: lines('/proc/net/route').length - 1,
  hostname: os.hostname(),
  hosts: lines('/etc/hosts'),
  init: lines('/proc/1/comm')[0],
  oomScoreAdj: lines('/proc/self/oom_score_adj')[0],
  openFiles: lines('/proc/self/limits')
    .find((line) => line.startsWith('Max open files'))
    .split(/ {2,}/)
    .slice(1, 3),
  environment: Object.keys(process.env).sort(),
  writes: Object.fromEntries(
    [
      '/file',
      '/etc/file',
      '/usr/bin/node',
      '/models/0/file',
      '/dev/shm/file',
      '/tmp/file',
      '/cache/file',
      '/run/engine/file',
    ].map((path) => [path, write(path)]),
  ),
  model: lines('/models/0/weights'),
  mounts: Object.fromEntries(
    ['/', '/tmp', '/cache', '/dev/shm', '/models/0', '/run/engine'].map((path) => [path, mounts[path]]),
  ),
  devices: fs.readdirSync('/dev').sort(),
};

process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 60_000);
console.log(JSON.stringify(seen));
