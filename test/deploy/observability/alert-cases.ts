// For each alert what makes it fire, and when: time series in promtool's notation, one sample a minute, in place of those
// of a healthy node. Then the same turns well again, and the alert is over.

export interface AlertCase {
  readonly alert: string;
  /** By series; labels of the healthy node's are given as they are exposed. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes at which nothing fires, at which exactly this alert fires, and at which it is over. */
  readonly quietAt: number;
  readonly firesAt: number;
  readonly overAt: number;
}

const D = 'network="devnet"';
const of = (name: string, labels = D): string => `resultity_node_${name}{${labels}}`;

/** Bad from the first minute until this one, and well after it. */
const until = (minute: number, bad: number, well: number): string => `${bad}x${minute} ${well}x100`;

/** A value that is bad for as long as the alert waits and a little longer. */
const lasting = (
  alert: string,
  series: string,
  [bad, well]: readonly [number, number],
  waitsMinutes: number,
): AlertCase => ({
  alert,
  series: { [series]: until(waitsMinutes + 5, bad, well) },
  quietAt: Math.max(0, waitsMinutes - 1),
  firesAt: waitsMinutes + 1,
  overAt: waitsMinutes + 8,
});

/** Every stream waits ten to twenty seconds, for forty minutes; from then on none waits long. */
const SLOW_STREAMS = Object.fromEntries(
  ['0.04', '10', '20', '+Inf'].map((le) => [
    of('first_token_seconds_bucket', `le="${le}",${D}`),
    le === '20' || le === '+Inf' ? '0+60x140' : '0x40 0+60x100',
  ]),
);

export const ALERT_CASES: readonly AlertCase[] = [
  lasting('ResultityNodeDown', 'up{}', [0, 1], 5),
  lasting('ResultityNodeOffline', of('connected'), [0, 1], 5),
  lasting('ResultityNodeOutOfRotation', of('in_rotation'), [0, 1], 30),
  {
    alert: 'ResultityNodeClaimRevoked',
    series: {
      [of('standing', `${D},state="active"`)]: '1x20 0x5 1x100',
      [of('standing', `${D},state="pending"`)]: '0x20 1x5 0x100',
    },
    quietAt: 20,
    firesAt: 23,
    overAt: 30,
  },
  lasting('ResultityNodeExcluded', of('standing', `${D},state="frozen"`), [1, 0], 5),
  lasting('ResultityNodePausedByNetwork', of('order', `${D},kind="drain",by="network"`), [1, 0], 5),
  lasting('ResultityNodeKeyUsedElsewhere', of('key_used_elsewhere'), [1, 0], 1),
  lasting('ResultityNodeConfigBehind', of('config_behind'), [1, 0], 30),
  {
    alert: 'ResultityNodeConfigExpired',
    // It expires after ten minutes, and five minutes later there is another.
    series: { [of('config_expires_timestamp_seconds')]: '600x15 90000x100' },
    quietAt: 10,
    firesAt: 13,
    overAt: 17,
  },
  lasting('ResultityNodeClockSkew', of('clock_offset_seconds'), [-3, 0.1], 5),
  lasting('ResultityNodeModelFailed', of('model_state', `${D},model="tiny",state="failed"`), [1, 0], 10),
  {
    alert: 'ResultityNodeRuntimeRestarting',
    series: { 'resultity_node_runtime_restarts_total{}': '0x10 0+1x5 5x100' },
    quietAt: 10,
    firesAt: 16,
    overAt: 40,
  },
  lasting('ResultityNodeRuntimeGivenUp', of('runtime_state', 'state="quarantined"'), [1, 0], 1),
  lasting('ResultityNodeRuntimeBehind', 'resultity_node_runtime_behind{}', [1, 0], 15),
  {
    alert: 'ResultityNodeJobsFailing',
    series: {
      [of('jobs_ended_total', `${D},outcome="completed"`)]: '0+8x100',
      [of('jobs_ended_total', `${D},outcome="runtime_crashed"`)]: '0x10 0+2x20 40x100',
    },
    quietAt: 10,
    firesAt: 25,
    overAt: 60,
  },
  { alert: 'ResultityNodeFirstTokenSlow', series: SLOW_STREAMS, quietAt: 10, firesAt: 30, overAt: 90 },
  lasting('ResultityNodeKvCacheFull', 'resultity_node_engine_kv_cache_usage_ratio{}', [0.97, 0.4], 10),
  lasting('ResultityNodeGpuMemoryFull', of('gpu_memory_used_bytes', 'gpu="GPU-1"'), [23.5e9, 20e9], 10),
  lasting('ResultityNodeGpuHot', of('gpu_temperature_celsius', 'gpu="GPU-1"'), [90, 70], 10),
  lasting('ResultityNodeGpuLost', 'resultity_node_gpus_lost{}', [1, 0], 2),
  lasting('ResultityNodeDiskLow', 'resultity_node_disk_free_bytes{}', [40e9, 250e9], 5),
  lasting('ResultityNodeJournalFull', of('journal_has_room'), [0, 1], 5),
  {
    alert: 'ResultityNodeResultsStuck',
    series: { [of('outbox_oldest_seconds')]: '0+60x15 0x100' },
    quietAt: 10,
    firesAt: 13,
    overAt: 18,
  },
  {
    alert: 'ResultityNodeResultsExpired',
    series: { [of('results_expired_total')]: '0x10 1x100' },
    quietAt: 10,
    firesAt: 12,
    overAt: 80,
  },
  lasting('ResultityNodeReportsFailing', of('report_failing'), [1, 0], 60),
];

/** What looks like trouble and is none: the owner's own orders. */
export const NO_ALERT: readonly Pick<AlertCase, 'series'>[] = [
  {
    series: {
      [of('in_rotation')]: '0x100',
      [of('idle', `${D},cause="ordered"`)]: '1x100',
      [of('order', `${D},kind="pause",by="owner"`)]: '1x100',
    },
  },
  // Three failures in all are no ratio yet.
  { series: { [of('jobs_ended_total', `${D},outcome="internal"`)]: '0+1x3 3x100' } },
];
