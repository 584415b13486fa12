// Stands for systeminformation in the killed node: a host that is known already. The real one runs a dozen programs at
// each of a thousand starts, and no kill is aimed at them.
export default {
  cpu: async () => ({ manufacturer: 'Test', brand: 'Known', cores: 2 }),
  mem: async () => ({ total: 16 * 2 ** 30, available: 8 * 2 ** 30 }),
  osInfo: async () => ({ distro: 'Test', release: '1', kernel: '6.1', arch: 'x64' }),
  graphics: async () => ({ controllers: [] }),
};
