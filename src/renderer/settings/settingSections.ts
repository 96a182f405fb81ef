import { Bell, Cloud, CircleDollarSign, Contrast, Cpu, History, ListChecks, Rocket, ShieldCheck } from '@lucide/vue'
import type { Component } from 'vue'
import type { SettingView } from '../../shared/contract/settings.ts'

export interface SettingSection {
  readonly id: string
  readonly title: string
  readonly icon: Component
  readonly about: string
  readonly keys: readonly string[]
}

/** What belongs together, in the order in which somebody looks for it. */
export const SETTING_SECTIONS = [
  {
    id: 'providers',
    title: 'Providers',
    icon: Cloud,
    about: 'Who answers the LLM calls of agents, and when calls are kept away from a provider that fails. Keys lie among the secrets.',
    keys: ['provider', 'upstream_openai', 'upstream_anthropic', 'upstream_failures', 'upstream_cooldown', 'upstream_probe', 'simulated_seed', 'simulated_delay', 'simulated_failures'],
  },
  {
    id: 'prices',
    title: 'Prices and budgets',
    icon: CircleDollarSign,
    about: 'What tokens cost, what an agent may spend unless its own file or its launch says otherwise, and what happens at the limit.',
    keys: ['prices', 'unknown_model', 'budget', 'at_limit', 'park_for', 'baseline'],
  },
  {
    id: 'alerts',
    title: 'Alerts',
    icon: Bell,
    about: 'Who is told outside of the room when a budget is nearly or wholly used up. Passwords stand in environment variables; here only their names, as env:NAME.',
    keys: ['alert_email', 'alert_email_from', 'smtp_server', 'smtp_user', 'smtp_password', 'alert_webhook', 'alert_webhook_secret', 'alert_private_data'],
  },
  {
    id: 'protection',
    title: 'Protection',
    icon: ShieldCheck,
    about: 'What happens to private data and to incidents, unless an agent’s own file, its launch or the room’s rules say otherwise.',
    keys: ['safety_mode', 'safety_types', 'safety_directions', 'unauthorised', 'injection'],
  },
  {
    id: 'allowances',
    title: 'Allow-lists',
    icon: ListChecks,
    about: 'What agents may use, and what is nobody’s private data. In a name, * stands for any characters.',
    keys: ['not_private', 'allowed_models', 'allowed_tools', 'allowed_hosts', 'allowed_paths'],
  },
  {
    id: 'launch',
    title: 'Launch',
    icon: Rocket,
    about: 'How agents are started and ended, and which secrets they get, unless their own file or their launch says otherwise.',
    keys: ['env', 'secrets', 'seal_secrets', 'restart', 'max_restarts', 'healthy_after', 'grace_period'],
  },
  {
    id: 'retention',
    title: 'Retention',
    icon: History,
    about: 'For how long things are kept. The audits, and what calls have cost, stay.',
    keys: ['events_kept_for', 'originals_kept_for', 'log_kept_for'],
  },
  { id: 'room', title: 'Control room', icon: Cpu, about: 'Where the room is reached, when its window opens, where new versions of it come from, what it writes to its log, who gets its traces, and what all rooms together may spend.', keys: ['port', 'open_at_login', 'update_feed', 'log_level', 'log_format', 'verbose', 'otel_endpoint', 'shared_budget'] },
  { id: 'appearance', title: 'Appearance', icon: Contrast, about: 'How this window looks. It is remembered by this browser, and is nobody else’s.', keys: [] },
] as const satisfies readonly SettingSection[]

export type SectionId = (typeof SETTING_SECTIONS)[number]['id']

/** Their settings in the order above; what no section knows stands with the room. */
export function settingsIn(section: SettingSection, settings: readonly SettingView[]): SettingView[] {
  const own = section.keys.flatMap((key) => settings.find((one) => one.key === key) ?? [])
  if (section.id !== 'room') return own
  const known = new Set(SETTING_SECTIONS.flatMap(({ keys }) => keys as readonly string[]))
  return [...own, ...settings.filter(({ key }) => !known.has(key))]
}

const LABELS: Readonly<Record<string, string>> = {
  provider: 'LLM calls',
  upstream_openai: 'OpenAI’s address',
  upstream_anthropic: 'Anthropic’s address',
  upstream_failures: 'Failures until calls are kept away',
  upstream_cooldown: 'Kept away for',
  upstream_probe: 'Time for the call that tries again',
  simulated_seed: 'Seed of simulated answers',
  simulated_delay: 'Delay of simulated answers',
  simulated_failures: 'Simulated failures',
  prices: 'File with own prices',
  unknown_model: 'Models without a price',
  park_for: 'How long a call waits',
  baseline: 'Baseline for a unit of work',
  alert_email: 'Mail to',
  alert_email_from: 'Mail from',
  smtp_server: 'Mail server',
  smtp_user: 'User at the mail server',
  smtp_password: 'Password at the mail server',
  alert_webhook: 'Webhook',
  alert_webhook_secret: 'Webhook’s secret',
  alert_private_data: 'Findings among the alerts',
  safety_mode: 'Private data',
  safety_types: 'By type',
  safety_directions: 'By direction',
  unauthorised: 'Unauthorised actions',
  injection: 'Prompt injection',
  not_private: 'Not private',
  env: 'Environment',
  seal_secrets: 'Placeholders for secrets',
  events_kept_for: 'Events, in days',
  originals_kept_for: 'Originals of findings, in days',
  log_kept_for: 'Files of the log, in days',
  open_at_login: 'Open when you log in',
  update_feed: 'New versions from',
  otel_endpoint: 'Traces of LLM calls to',
  shared_budget: 'Budget of all rooms',
}

/** `max_restarts` is "Max restarts" where nobody has found better words. */
export function labelOf(key: string): string {
  const words = key.replaceAll('_', ' ')
  return LABELS[key] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
