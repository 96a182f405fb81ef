import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event, EventOf } from '../../shared/domain/event.ts'
import type { RotationOutcome } from '../../shared/domain/secret.ts'
import { formatCount, formatSmallMoney } from '../../shared/format.ts'
import { OUTCOME_LOOK } from '@/secrets/secretWords.ts'
import { aboutBudget } from './budgetNews.ts'
import type { News } from './notice.ts'
import { serviceNews } from './serviceNews.ts'

/** What there is to tell of one event; null where it is no news, or a store that knows more tells it. */
export function eventNews(event: Event, nameOf: (agentId: AgentId | null) => string | null): News | null {
  switch (event.name) {
    case 'service.opened':
    case 'service.recovered':
      return serviceNews(event.payload.service, event.name === 'service.opened', event.at, nameOf(event.payload.service.agentId))
    case 'secret.rotated':
      return rotationNews(event)
    case 'budget.raised':
      return raisedNews(event, nameOf(event.agentId))
    case 'budget.callUnparked':
      return unparkedNews(event, nameOf(event.agentId))
    case 'keys.changed':
      return { ...ofSecrets(event, 'keys'), tone: event.payload.state === 'open' ? 'good' : 'caution', title: null }
    case 'stage.changed':
      return { ...ofSecrets(event, 'stage'), tone: 'info', title: null }
    case 'alert.failed':
      if (!event.payload.isFinal) return null
      return { about: `alert ${event.payload.channel} ${event.payload.target}`, kind: 'problem', weight: 'notable', tone: 'bad', agentId: event.agentId, title: 'An alert could not be sent', sentence: event.message, at: event.at }
    default:
      return null
  }
}

/** Other places of the room show it too, so that nobody is disturbed. */
function ofSecrets({ message, at }: Event, what: 'keys' | 'stage') {
  return { about: what, kind: 'secrets', weight: 'passing', agentId: null, sentence: message, at, isSilent: true, lead: { word: 'Show secrets', panel: 'secrets', record: null } } as const
}

function rotationNews({ payload: { secretId, name, version, agents }, at }: EventOf<'secret.rotated'>): News {
  const outcomes = Map.groupBy(agents, ({ outcome }) => outcome)
  const isLate = outcomes.has('at-restart')
  return {
    about: `rotated ${secretId}`,
    kind: 'secrets',
    weight: isLate ? 'notable' : 'passing',
    tone: isLate ? 'caution' : 'good',
    agentId: null,
    title: `${name} has a new value`,
    sentence: agents.length === 0 ? `Version ${version}. No running agent has it.` : `Version ${version}, for ${formatCount(agents.length, 'running agent')}.`,
    facts: [...outcomes].map(([outcome, own]: [RotationOutcome, unknown[]]) => ({ word: OUTCOME_LOOK[outcome].word, value: formatCount(own.length, 'agent') })),
    lead: { word: 'Show secrets', panel: 'secrets', record: null },
    at,
  }
}

const TO_COST = { word: 'Show the cost', panel: 'cost', record: null } as const

function raisedNews({ payload: { from, to, actor, reason }, agentId, at }: EventOf<'budget.raised'>, agent: string | null): News | null {
  if (agentId === null || agent === null) return null
  return {
    about: aboutBudget(agentId),
    kind: 'budget',
    weight: 'passing',
    tone: 'good',
    agentId,
    title: `${agent}: the budget is ${formatSmallMoney(to)} now`,
    sentence: `${actor} raised it by ${formatSmallMoney(to - from)}: ${reason}`,
    lead: TO_COST,
    at,
    isSeen: true,
  }
}

function unparkedNews({ payload: { end, actor, reason }, agentId, at }: EventOf<'budget.callUnparked'>, agent: string | null): News | null {
  if (agentId === null || agent === null) return null
  const common = { about: aboutBudget(agentId), kind: 'budget', agentId, lead: TO_COST, at } as const
  if (end === 'declined') return { ...common, weight: 'passing', tone: 'calm', title: `${agent}: a call was declined`, sentence: [actor, reason].filter(Boolean).join(': ') || 'Somebody declined it.', isSeen: true }
  if (end === 'unanswered') return { ...common, weight: 'notable', tone: 'bad', title: `${agent}: a call was refused`, sentence: 'Nobody decided about it in time.' }
  return null
}
