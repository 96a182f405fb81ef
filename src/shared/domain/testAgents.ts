import type { Agent, LaunchPlan } from './agent.ts'

/** An invented agent for specs, as it might be in the middle of its work. */

export function samplePlan(changes: Partial<LaunchPlan> = {}): LaunchPlan {
  return {
    script: '/invented/agents/lead_gen_agent.py',
    name: 'lead_gen_agent.py',
    command: ['/usr/bin/python3', '/invented/agents/lead_gen_agent.py'],
    interpreter: 'python3',
    args: [],
    workingDirectory: '/invented/agents',
    variables: {},
    budget: 50_000_000_000,
    atLimit: null,
    parkForMs: 600_000,
    baselinePerUnit: null,
    llm: {
      mode: 'simulated',
      upstreams: { openai: null, anthropic: null },
      unknownModel: 'refuse',
      simulation: { seed: 0, delayMs: 0, failures: [] },
    },
    safety: {
      rules: { mode: 'redact', types: {}, directions: {}, unauthorised: 'refuse', injection: 'warn' },
      permissions: { models: null, tools: null, hosts: null, paths: null },
      notPrivate: [],
    },
    services: [],
    secrets: null,
    sealSecrets: false,
    environment: 'development',
    restart: 'on-failure',
    maxRestarts: 3,
    healthyAfterMs: 10_000,
    gracePeriodMs: 5_000,
    ...changes,
  }
}

export function sampleAgent(changes: Partial<Agent> = {}): Agent {
  return {
    id: 'lg-7a3f9c2d',
    plan: samplePlan(),
    status: 'running',
    reason: null,
    pid: 4711,
    createdAt: 1_000,
    startedAt: 1_000,
    endedAt: null,
    restartAt: null,
    restarts: 0,
    uptime: { upMs: 0, downMs: 0, at: 1_000, counts: 'up' },
    exit: null,
    survivors: null,
    lastOutput: [],
    ...changes,
  }
}
