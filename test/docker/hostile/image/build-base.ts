// Builds the tree the hostile program runs in: Debian, Python, and programs with more rights than their caller.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, type Progress, runStep } from '../../../vllm/run-step.js';

const SUITE = 'bookworm';
const DEBIAN_PACKAGES = ['python3-minimal', 'libpython3-stdlib', 'libcap2-bin'];
const PYTHON = 'usr/bin/python3.11'; // of this Debian
const TEMPTING = 'opt/hostile';
const WASTE = [
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
];

const plain = (program: string, ...args: readonly string[]): Program => ({ program, args });

/** Copies of Python that would run as root, as somebody else, and with a capability. */
const temptations = (root: string): readonly Program[] => {
  const at = (name: string): string => join(root, TEMPTING, name);
  return [
    plain('mkdir', '--parents', join(root, TEMPTING)),
    ...['as-root', 'as-another', 'with-net-raw'].map((name) => plain('cp', join(root, PYTHON), at(name))),
    plain('chown', '1234:1234', at('as-another')), // before its mode: a change of owner takes the bit away
    plain('chmod', '4755', at('as-root'), at('as-another')),
    plain('chroot', root, 'setcap', 'cap_net_raw=ep', `/${TEMPTING}/with-net-raw`),
  ];
};

/**
 * Writes `root.tar` into the folder: about 130 MB.
 * @throws PreparationStepError not root, debootstrap is missing, the mirror did not answer, …
 */
export const buildBase = async (folder: string, progress: Progress): Promise<void> => {
  const root = join(folder, '..', 'root');
  await runStep(
    'bootstrap Debian',
    {
      program: 'unshare', // what debootstrap mounts goes with it, however it ends
      args: [
        ...['--mount', '--propagation', 'private', 'debootstrap', '--variant=minbase'],
        ...[`--include=${DEBIAN_PACKAGES.join(',')}`, SUITE, root],
      ],
      advice: "Run it once as root, with Debian's package debootstrap; afterwards it comes from the cache.",
    },
    progress,
  );
  for (const step of temptations(root)) await runStep(`${step.program} …`, step, progress);
  for (const waste of WASTE) await rm(join(root, waste), { recursive: true, force: true });
  await runStep(
    'pack the tree',
    {
      program: 'tar',
      args: [
        ...['--create', '--numeric-owner', '--sort=name', '--xattrs', '--xattrs-include=security.capability'],
        ...['--file', join(folder, 'root.tar'), '--directory', root, '.'],
      ],
    },
    progress,
  );
};
