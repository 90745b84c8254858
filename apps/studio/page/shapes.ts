// shapes.ts: what the server answers, as far as the page looks at it. docs/reference/api.md says more.

export interface Page<T> {
  items: T[];
  next: string;
}
export interface Me {
  tenant: string;
  name: string;
  role: string;
  scopes: string[];
}
export interface Tenant {
  id: string;
  stopped: boolean;
  poll_seconds: number;
  cohort_min: number;
  retention_days: number;
  window_seconds: number;
  webhook: string;
  emails: string[];
  silent_after_s: number;
  alert_gap_s: number;
  alerts_per_hour: number;
  drift_share: number;
  next_sequence: number;
}
export interface Report {
  at_ms: number;
  devices: number;
  states: Record<string, number>;
  versions: Record<string, number>;
  boards: Record<string, number>;
  failures: Record<string, number>;
  silent: number;
  consent_health: number;
  consent_statistics: number;
  stopped: boolean;
}
export interface Health {
  version: string;
  at_ms: number;
  requests: number;
  crashes: number;
  starts: number;
  uptime_s: number;
  memory_bytes: number;
  latency_us: number;
  energy_uj: number;
  reboot_reason: number;
}
export interface Device {
  id: string;
  state: string;
  board: string;
  core: string;
  firmware: string;
  ram_bytes: number;
  flash_bytes: number;
  kernels: string[];
  peripherals: string[];
  groups: string[];
  attributes: Record<string, string>;
  desired: string;
  reported: string;
  variant: string;
  sequence: number;
  created_ms: number;
  seen_ms: number;
  shadow: string;
  auto_confirm: boolean;
  consent_health: boolean;
  consent_statistics: boolean;
  health: Health;
  before: Health;
  reason: string;
  last_action?: Action;
}
export interface Version {
  id: string;
  model: string;
  name: string;
  dataset_hash: string;
  pipeline_hash: string;
  weights_hash: string;
  code_version: string;
  parent: string;
  state: string;
  decided_by: string;
  note: string;
  created_by: string;
  created_ms: number;
  accuracy: number;
  field_accuracy: FieldAccuracy | null;
}
export interface FieldAccuracy {
  labelled: number;
  accuracy: number;
  low: number;
  high: number;
}
export interface Variant {
  id: string;
  version: string;
  board: string;
  core: string;
  precision: string;
  options: string;
  form: string;
  kernels: string[];
  firmware_min: string;
  flash_bytes: number;
  ram_bytes: number;
  bytes_on_air: number;
  latency_us: number;
  energy_uj: number;
  accuracy: number;
  sequence: number;
  artifacts: { name: string }[];
}
export interface FullVersion extends Version {
  variants: Variant[];
  aliases: string[];
}
export interface Alias {
  id: string;
  model: string;
  name: string;
  version: string;
}
export interface Gate {
  llr: number;
  well: number;
  sick: number;
  silent: number;
  verdict: string;
}
export interface GatePlan {
  sick_if_good: number;
  sick_if_bad: number;
  stop_good: number;
  pass_bad: number;
  silence_s: number;
  least_requests: number;
  slower: number;
  less_sure: number;
  by: string;
}
export interface Stage {
  percent: number;
  least: number;
  approval: boolean;
  gate: boolean;
}
export interface Plan {
  kind: string;
  version: string;
  other: string;
  fallback: string;
  filter: string;
  stages: Stage[];
  mode: string;
  confirm: boolean;
  approval: boolean;
  dynamic: boolean;
  revert: boolean;
  skip_unfit: boolean;
  per_minute: number;
  growth: number;
  grow_every: number;
  window_from: number;
  window_to: number;
  gate: GatePlan;
  most_failed: number;
  hold: boolean;
  metric: string;
  share: number;
  effect: number;
  error: number;
}
export interface Arm {
  devices: number;
  sum: number;
  squares: number;
}
export interface ArmsVerdict {
  verdict: string;
  effect: number;
  low: number;
  high: number;
}
export interface Unfit {
  why: string;
  devices: number;
}
export interface Rollout {
  id: string;
  name: string;
  created_by: string;
  approved_by: string;
  plan: Plan;
  state: string;
  reason: string;
  stage: number;
  created_ms: number;
  started_ms: number;
  ended_ms: number;
  gates: Record<string, Gate>;
  targets: number;
  offered: number;
  installed: number;
  failed: number;
  reverted: number;
  exposed: number;
  devices_to_verdict: { if_good: number; if_bad: number };
  unfit?: Unfit[];
  switched: boolean;
  a: Arm;
  b: Arm;
  arms: ArmsVerdict;
  evidence: { watched: number; unwatched: number };
  cannot_see: string[];
}
export interface TrailPoint {
  at_ms: number;
  stage: number;
  offered: number;
  installed: number;
  failed: number;
  reverted: number;
  well: number;
  sick: number;
  silent: number;
  llr: number;
}
export interface Action {
  id: string;
  rollout: string;
  device: string;
  version: string;
  variant: string;
  mode: string;
  state: string;
  verdict: string;
  reason: string;
  stage: number;
  arm: string;
  revert: boolean;
  messages: string[];
  offered_ms: number;
  taken_ms: number;
  done_ms: number;
}
export interface Cohort {
  version: string;
  board: string;
  devices: number;
  reports: number;
  drifted: number;
  input: number[];
  output: number[];
  confidence: number[];
  first_ms: number;
  last_ms: number;
  expected_accuracy: number;
}
export interface Window {
  version: string;
  board: string;
  start_ms: number;
  seconds: number;
  words: number;
  crashes: number;
  latency_us: number | null;
  energy_uj: number | null;
  expected_accuracy: number | null;
  drifted_share: number | null;
  distance: number | null;
}
export interface Labels {
  version: string;
  board: string;
  right: number;
  wrong: number;
  pairs: Record<string, number>;
  accuracy: number;
  low: number;
  high: number;
  last_ms: number;
}
export interface Alert {
  id: string;
  kind: string;
  target: string;
  what: string;
  at_ms: number;
  unsent_before: number;
  webhook: string;
  email: string;
}
export interface VerdictRow {
  opt_in: number;
  report_s: number;
  sick: number;
  verdict: string;
  hours: number;
  devices_needed: number;
  devices_watched: number;
  all_silent: boolean;
}
export interface PlanCheck {
  targets: number;
  unfit: Unfit[];
  first_stage: number;
  cannot_see: string[];
  time_to_verdict: VerdictRow[];
}
export interface Job {
  id: string;
  kind: string;
  state: string;
  asked_by: string;
  error: string;
  log: string[];
  percent: number;
  created_ms: number;
  ended_ms: number;
  result: unknown;
}
export interface Audit {
  id: string;
  who: string;
  role: string;
  what: string;
  target: string;
  note: string;
  at_ms: number;
}
export interface Group {
  id: string;
  filter: string;
}
export interface Key {
  id: string;
  name: string;
  role: string;
  scopes: string[];
  created_ms: number;
  expires_ms: number;
  revoked: boolean;
}
