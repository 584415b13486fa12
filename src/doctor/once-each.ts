// Remembers what was found out under a name, a failure too: several checks may want to know it.

export const onceEach = <T>(find: (name: string) => Promise<T>): ((name: string) => Promise<T>) => {
  const found = new Map<string, Promise<T>>();
  return (name) => {
    const known = found.get(name) ?? find(name);
    found.set(name, known);
    return known;
  };
};
