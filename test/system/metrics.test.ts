// What a scraper is told by a real node that has done real work.
import { expect, test } from 'vitest';
import { valuesOf } from '../console/metrics/known-scrape.js';
import { HAS_PROMTOOL, promtool } from '../deploy/observability/promtool.js';
import { type RunningNode, until } from '../e2e/processes.js';
import { startWholeSystem, untilAcknowledged } from '../e2e/whole-system.js';
import { HAS_PROMETHEUS, startPrometheus } from './real-prometheus.js';

const metricsUrl = async (node: RunningNode): Promise<string> => {
  const { url } = await until(
    'the console is open',
    () => node.control.console(),
    (place) => place.url !== null,
  );
  return `${url}/metrics`;
};

const scrape = async (url: string, accept?: string) => {
  const answer = await fetch(url, accept === undefined ? {} : { headers: { accept } });
  expect(answer.status).toBe(200);
  return { type: answer.headers.get('content-type'), body: await answer.text() };
};

const PLAIN = 5;
const STREAMS = 4;
const CANARY = 'a-prompt-nobody-may-see';

test('after N jobs the counters say N, in both texts, and scrapers in a crowd are given one text', async () => {
  const { node, client, directory } = await startWholeSystem();
  const url = await metricsUrl(node);
  const messages = [{ role: 'user' as const, content: CANARY }];
  let prompt = 0;
  let output = 0;
  const count = (usage: { prompt_tokens: number; completion_tokens: number } | null | undefined): void => {
    prompt += usage?.prompt_tokens ?? 0;
    output += usage?.completion_tokens ?? 0;
  };
  for (let job = 0; job < PLAIN; job++) {
    const { usage } = await client.chat.completions.create({ model: 'demo-chat', messages, max_tokens: 8 });
    count(usage);
  }
  for (let job = 0; job < STREAMS; job++) {
    const stream = await client.chat.completions.create({
      model: 'demo-chat',
      messages,
      max_tokens: 8,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const { usage } of stream) count(usage);
  }
  await untilAcknowledged(node);

  // A text may be a second old.
  const values = await until(
    'the last job is told',
    async () => valuesOf((await scrape(url)).body),
    (found) =>
      [...found].some(([name, value]) => name.includes('verdict="accepted"') && value === PLAIN + STREAMS),
  );
  const [network] = [...values.keys()].flatMap(
    (key) => /^resultity_node_connected\{network="([^"]+)"\}$/.exec(key)?.[1] ?? [],
  );
  const of = (name: string, labels = ''): number | undefined =>
    values.get(`resultity_node_${name}{network="${network}"${labels}}`);
  const status = await node.control.status();
  expect(network).toBe(status.network.name);
  expect({
    accepted: of('jobs_accepted_total'),
    completed: of('jobs_ended_total', ',outcome="completed"'),
    failed: of('jobs_ended_total', ',outcome="internal"'),
    durations: of('job_duration_seconds_count'),
    streams: of('first_token_seconds_count'),
    prompt: of('prompt_tokens_total'),
    output: of('output_tokens_total'),
    outbox: of('outbox_results'),
    rotation: of('in_rotation'),
    behind: of('config_behind'),
    version: of('config_version'),
    ready: values.get('resultity_node_runtime_state{state="ready"}'),
    disk: (values.get('resultity_node_disk_free_bytes') ?? 0) > 0,
  }).toEqual({
    accepted: PLAIN + STREAMS,
    completed: PLAIN + STREAMS,
    failed: 0,
    durations: PLAIN + STREAMS,
    streams: STREAMS,
    prompt,
    output,
    outbox: 0,
    rotation: 1,
    behind: 0,
    version: status.config?.version,
    ready: 1,
    disk: true,
  });

  // The first and the last chunk of the last stream hold no token.
  expect([output, output + 1, output + 2]).toContain(of('generated_tokens_total'));

  const open = await scrape(url, 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
  expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(open.body.endsWith('\n# EOF\n')).toBe(true);
  const plain = await scrape(url);
  expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8');
  for (const secret of [CANARY, (await node.control.jobs(1))[0]?.job ?? ''])
    expect(plain.body).not.toContain(secret);
  if (HAS_PROMTOOL) expect(await promtool(['check', 'metrics'], plain.body)).toEqual({ ok: true, said: '' });

  if (HAS_PROMETHEUS) {
    const prometheus = await startPrometheus(directory, new URL(url).host);
    const counted = await until(
      'Prometheus has read the metrics',
      () => prometheus.query('sum(resultity_node_jobs_ended_total{outcome="completed"})'),
      (values) => values.length > 0,
    );
    expect(counted).toEqual([PLAIN + STREAMS]);
    expect(await prometheus.target()).toEqual({ health: 'up', lastError: '' });
    expect(await prometheus.query('resultity_node_in_rotation and on (instance) up')).toEqual([1]);
  }

  // CPU time is another in each text that is made anew.
  const crowd = await Promise.all(Array.from({ length: 50 }, () => scrape(url)));
  const made = new Set(crowd.map(({ body }) => valuesOf(body).get('process_cpu_seconds_total')));
  expect(made.size).toBeLessThan(crowd.length);
});
