import type { Demo, DemoEngine, DemoTrigger } from '../../shared/domain/demo.ts'

/** What is worth a line while a demo runs. */
export type DemoNews =
  | { readonly kind: 'leads'; readonly done: number }
  | { readonly kind: 'trigger'; readonly trigger: DemoTrigger }
  | { readonly kind: 'phase'; readonly phase: 'paused' | 'running' | 'interrupted' | 'over' | 'reset' }

/** Tells of each state of the demo what is new in it. */
export function createDemoTeller(): (demo: Demo) => DemoNews[] {
  let tens: number | null = null
  let phase: string | null = null
  const told = new Map<string, string>()

  /** What happened before we looked is told too, but where nothing was due yet there is nothing to tell. */
  function triggerNews(trigger: DemoTrigger): DemoNews[] {
    const before = told.get(trigger.id) ?? 'waiting'
    told.set(trigger.id, trigger.state)
    return trigger.state === before || trigger.state === 'waiting' ? [] : [{ kind: 'trigger', trigger }]
  }

  function leadNews(done: number): DemoNews[] {
    const now = Math.floor(done / 10)
    const isNew = tens !== null && now > tens
    tens = now
    return isNew ? [{ kind: 'leads', done }] : []
  }

  function phaseNews(now: NonNullable<Demo['run']>['phase'] | 'reset'): DemoNews[] {
    const before = phase
    phase = now
    if (now === before || now === 'starting') return []
    // That it goes is told by its leads; that it goes on is not.
    if (now === 'running') return before === 'paused' || before === 'interrupted' ? [{ kind: 'phase', phase: now }] : []
    return now === 'reset' && before === null ? [] : [{ kind: 'phase', phase: now }]
  }

  return ({ run, triggers }) => {
    if (run === null) {
      tens = null
      told.clear()
      return phaseNews('reset')
    }
    const done = run.phase === 'over' ? run.lead : Math.max(0, run.lead - 1)
    return [...triggers.flatMap(triggerNews), ...leadNews(done), ...phaseNews(run.phase)]
  }
}

/** `Lead 34: LinkedIn stops answering.` */
export function describeTrigger({ title, lead, state, firedAtLead, note }: DemoTrigger): string {
  const at = `Lead ${firedAtLead ?? lead}: `
  const said = note === null ? '' : ` ${note}`
  if (state === 'missed') return `${at}${title} did not come.${said}`
  return `${at}${title}${state === 'due' ? ' is due' : ''}.${said}`
}

/** `Its agent is made with LangChain 1.0.3, on /usr/bin/python3 (Python 3.11.2).` */
export function describeEngine({ kind, python, pythonVersion, langchainVersion, note }: DemoEngine): string {
  const made = kind === 'langchain' ? `LangChain${langchainVersion === null ? '' : ` ${langchainVersion}`}` : 'the SDK alone'
  const where = python === null ? '' : `, on ${python}${pythonVersion === null ? '' : ` (Python ${pythonVersion})`}`
  return `Its agent is made with ${made}${where}.${note === null ? '' : ` ${note}`}`
}
