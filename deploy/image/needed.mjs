// Which files of the packages are needed where the program runs: about half of them are for people and compilers.
import { basename } from 'node:path';

const FOR_COMPILERS = /\.(?:map|[cm]?ts|flow|tsbuildinfo|gyp|gypi|o|a)$/;
const FOR_PEOPLE = /\.(?:md|mmd|markdown)$/i;
const LEGAL = /^(?:licen[cs]e|notice|copying)/i;
/** Beside a package's own package.json: none of ours reads a package's tests. */
const ASIDE = /\/node_modules\/(?:@[^/]+\/)?[^/]+\/(?:tests?|docs?|examples?|bench(?:marks?)?|\.github)$/;
/** Native parts for another system, and sources of optional ones. */
const FOREIGN = /\.musl\.node$/;
const PREBUILT = /\/prebuilds\/([^/]+)$/;
const HERE = `${process.platform}-${process.arch}`;
/** Bundles for browsers, types, and what ssh2 would compile: the container engine is reached by a Unix socket. */
const PARTS =
  /\/node_modules\/(?:@types|classic-receiver|\.bin|\.package-lock\.json|cpu-features|nan|node-addon-api|buildcheck|ethers\/dist|protobufjs\/dist)$/;

/** @param {string} path of a file or directory */
export const isNeeded = (path) => {
  const place = `/${path}`;
  const name = basename(path);
  if (LEGAL.test(name)) return true;
  const prebuilt = PREBUILT.exec(place)?.[1];
  if (prebuilt !== undefined) return prebuilt === HERE;
  return (
    ![FOR_COMPILERS, FOR_PEOPLE, FOREIGN].some((one) => one.test(name)) &&
    ![ASIDE, PARTS].some((one) => one.test(place))
  );
};
