// The two texts a scraper may ask for. prom-client writes Prometheus' own; its OpenMetrics renames the counters for good,
// so a registry could serve only one of them: here the second is made from the first.

export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
export const OPENMETRICS_TEXT = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const qualityOf = (accept: string, isMeant: (type: string) => boolean): number => {
  const found = accept.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (!isMeant(type)) return [];
    const quality = parameters.find((one) => one.startsWith('q='))?.slice(2);
    return [quality === undefined ? 1 : Number(quality)];
  });
  return Math.max(0, ...found.filter((quality) => quality <= 1));
};

/** @param accept the request's header. OpenMetrics for whoever names it and does not prefer the other */
export const wantsOpenMetrics = (accept: string | undefined): boolean => {
  if (accept === undefined || accept.length > 1_024) return false;
  const open = qualityOf(accept, (type) => type === 'application/openmetrics-text');
  return open > 0 && open >= qualityOf(accept, (type) => type === 'text/plain');
};

/** Families of counters are named without `_total`, no line is empty, and the end is marked. */
export const toOpenMetrics = (text: string): string => {
  const counters = new Set(
    [...text.matchAll(/^# TYPE (\S+)_total counter$/gm)].map(([, name]) => `${name}_total`),
  );
  const lines = text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const [, kind, name = '', rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    return [counters.has(name) ? `# ${kind} ${name.slice(0, -'_total'.length)} ${rest}` : line];
  });
  return `${lines.join('\n')}\n# EOF\n`;
};
