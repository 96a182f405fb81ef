import type { ControlRoomClient } from '../../shared/client.ts'
import type { Demo, DemoRun } from '../../shared/domain/demo.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { AppError } from '../../shared/errors.ts'
import { describeCosts } from './costSentences.ts'
import { createDemoTeller, describeTrigger, type DemoNews } from './demoTeller.ts'
import { describePerformance } from './performanceSentences.ts'

/** Says a line; `facts` are the same for programs. */
export type Say = (text: string, facts: Readonly<Record<string, JsonValue>>) => Promise<void>

export interface DemoFollowing {
  /** As it is now; null before the first word of the room. */
  readonly run: DemoRun | null
  /** How it ended, when everything about it has been said: at once, each time that it does. Rejects when the room goes away. */
  nextEnd(): Promise<'over' | 'interrupted' | 'reset'>
  close(): void
}

/** A line for whatever happens to the demo, in order. */
export function followDemo(client: ControlRoomClient, say: Say): DemoFollowing {
  const newsOf = createDemoTeller()
  let run: DemoRun | null = null
  let next = Promise.withResolvers<'over' | 'interrupted' | 'reset'>()
  next.promise.catch(() => undefined)
  let said: Promise<void> = Promise.resolve()

  async function tell(news: DemoNews, agentId: DemoRun['agentId'] | null): Promise<void> {
    await describe(client, news, agentId, say)
    if (news.kind !== 'phase' || news.phase === 'paused' || news.phase === 'running') return
    next.resolve(news.phase)
    next = Promise.withResolvers()
    next.promise.catch(() => undefined)
  }

  function hear(demo: Demo): void {
    const agentId = demo.run?.agentId ?? run?.agentId ?? null
    run = demo.run
    // What is asked for a line takes a while: the lines keep their order.
    for (const news of newsOf(demo)) said = said.then(() => tell(news, agentId)).catch((problem: unknown) => next.reject(problem))
  }

  const following = client.follow('demo.follow', {}, {
    onItem: hear,
    onEnd: (error) => next.reject(error ?? new AppError('UNAVAILABLE', 'The control room tells no more of the demo.')),
  })
  return {
    get run() {
      return run
    },
    nextEnd: () => next.promise,
    close: () => following.close(),
  }
}

async function describe(client: ControlRoomClient, news: DemoNews, agentId: DemoRun['agentId'] | null, say: Say): Promise<void> {
  if (news.kind === 'trigger') {
    const { id, state, firedAtLead } = news.trigger
    return say(describeTrigger(news.trigger), { kind: 'trigger', trigger: id, state, lead: firedAtLead })
  }
  if (news.kind === 'leads') {
    const { formatted } = await client.request('agent.metrics', { agentId: agentId ?? '' })
    const parts = [formatted.progress ?? `${news.done} leads`, `${formatted.spent} of ${formatted.limit} spent (${formatted.used})`, ...(formatted.average === null ? [] : [formatted.average])]
    return say(parts.join(', '), { kind: 'leads', leads: news.done, formatted })
  }
  switch (news.phase) {
    case 'paused':
      return say('The demo is paused.', { kind: 'paused' })
    case 'running':
      return say('The demo goes on.', { kind: 'running' })
    case 'reset':
      return say('The demo is back at its start.', { kind: 'reset' })
    case 'interrupted':
      return say('The demo is interrupted: its agent is gone before its end. It goes on with: iron_cage demo --go-on', { kind: 'interrupted' })
    case 'over': {
      const metrics = await client.request('agent.metrics', { agentId: agentId ?? '' })
      const lines = [...describePerformance(metrics), ...describeCosts(metrics, { estimated: 0, counted: 0, assumed: 0 })]
      return say(['The demo is over.', ...lines].join('\n'), { kind: 'over', formatted: metrics.formatted })
    }
  }
}
