// The networks that share one engine: what one of them has in hand there is room that the others cannot announce.

export interface CrowdMember {
  /** Attempts of this network offered or in hand. */
  count(): number;
  /** There may be more room than before. */
  recount(): void;
}

export interface CrowdView {
  /** Attempts of all the others. */
  count(): number;
  /** Own attempts have changed. */
  tell(): void;
}

export interface Crowd {
  join(member: CrowdMember): CrowdView;
}

export const createCrowd = (): Crowd => {
  const members: CrowdMember[] = [];
  return {
    join: (member) => {
      members.push(member);
      const others = (): readonly CrowdMember[] => members.filter((one) => one !== member);
      return {
        count: () => others().reduce((sum, one) => sum + one.count(), 0),
        tell: () => {
          for (const one of others()) one.recount();
        },
      };
    },
  };
};
