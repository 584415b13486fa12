// How metrics call each network: by its own name; before it has told one, or where two have the same, by its host.

export interface NamedNetwork {
  readonly url: string;
  /** Undefined before it was joined. */
  readonly name: string | undefined;
}

/** @returns one for each, in the same order, all different */
export const networkLabels = (networks: readonly NamedNetwork[]): readonly string[] => {
  const names = networks.map(({ name }) => name);
  return networks.map(({ url, name }, at) =>
    name !== undefined && names.indexOf(name) === at ? name : new URL(url).host,
  );
};
