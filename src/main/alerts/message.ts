import type { Budget } from '../../shared/domain/budget.ts'
import { formatAverage, formatIncrease, formatPercent, formatProjection, formatSmallMoney, formatSpent } from '../../shared/format.ts'

/** One message, before it takes the shape of its channel. No part of it has a line break. */
export interface AlertMessage {
  /** The same for every attempt, so that a receiver can tell a repetition. */
  readonly id: string
  readonly title: string
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  /** What to do now; null where nothing is. */
  readonly action: string | null
  /** Where; null while the room has no open door. It carries no token. */
  readonly url: string | null
}

/** The share of a limit at which a call no longer fitted. */
export const EXHAUSTED = 100

export interface BudgetAlert {
  readonly budget: Budget
  readonly raises: number
  readonly threshold: number
  readonly url: string | null
}

export function budgetMessage({ budget, raises, threshold, url }: BudgetAlert): AlertMessage {
  const { agentId, spent, limit, projection, average, unit, parked, recommendedIncrease } = budget
  const title =
    threshold >= EXHAUSTED
      ? `Iron Cage: ${agentId} has no budget left for its next call: ${formatSpent(spent, limit)} of ${formatSmallMoney(limit)} spent`
      : `Iron Cage: ${agentId} has spent ${threshold}% of ${formatSmallMoney(limit)}`
  const facts = [
    { name: 'Agent', value: agentId },
    { name: 'Spent', value: `${formatSpent(spent, limit)} (${formatPercent(spent, limit)})` },
    { name: 'Limit', value: formatSmallMoney(limit) },
    { name: 'Projection', value: projection === null ? null : formatProjection(projection).replace(/^Projection: /, '') },
    { name: 'Average', value: average === null ? null : formatAverage(average, unit) },
    { name: 'Waiting calls', value: parked.length === 0 ? null : String(parked.length) },
  ]
  return {
    id: `${agentId}-${raises}-${threshold}`,
    title: oneLine(title),
    facts: facts.flatMap(({ name, value }) => (value === null ? [] : [{ name, value: oneLine(value) }])),
    action: recommendedIncrease > 0 ? formatIncrease(recommendedIncrease) : null,
    url,
  }
}

export function testMessage(id: string, url: string | null): AlertMessage {
  return {
    id: `test-${id}`,
    title: 'Iron Cage: a test of this alert channel',
    facts: [{ name: 'Result', value: 'Alerts arrive here.' }],
    action: null,
    url,
  }
}

const WHERE_ELSE = 'The control room has no address at the moment; open it on the machine where the agent runs.'

export function asText({ title, facts, action, url }: AlertMessage): string {
  const paragraphs = [title, facts.map(({ name, value }) => `${name}: ${value}`).join('\n')]
  if (action !== null) paragraphs.push(`Recommended: ${action}`)
  paragraphs.push(url === null ? WHERE_ELSE : `In the control room: ${url}`)
  return `${paragraphs.join('\n\n')}\n`
}

export function asHtml({ title, facts, action, url }: AlertMessage): string {
  const rows = facts.map(({ name, value }) => `<tr><th align="left">${escapeMarkup(name)}</th><td>${escapeMarkup(value)}</td></tr>`)
  const where = url === null ? WHERE_ELSE : `<a href="${escapeMarkup(url).replaceAll('"', '&quot;')}">Open the control room</a>`
  return [
    '<!doctype html><html><body>',
    `<h2>${escapeMarkup(title)}</h2>`,
    `<table cellpadding="4">${rows.join('')}</table>`,
    action === null ? '' : `<p>Recommended: <strong>${escapeMarkup(action)}</strong></p>`,
    `<p>${where}</p>`,
    '</body></html>',
  ].join('\n')
}

/** Of one section; with more of them Slack refuses the whole message. */
const MOST_FIELDS = 10

/** The shape that Slack's incoming webhooks take, and what understands them. */
export function asSlack({ title, facts, action, url }: AlertMessage): unknown {
  const markdown = (text: string): unknown => ({ type: 'mrkdwn', text })
  const next = [
    ...(action === null ? [] : [`Recommended: *${escapeMarkup(action)}*`]),
    url === null ? WHERE_ELSE : `<${escapeMarkup(url)}|Open the control room>`,
  ]
  return {
    text: escapeMarkup(title),
    blocks: [
      { type: 'section', text: markdown(`*${escapeMarkup(title)}*`) },
      ...inLots(facts, MOST_FIELDS).map((lot) => ({ type: 'section', fields: lot.map(({ name, value }) => markdown(`*${escapeMarkup(name)}*\n${escapeMarkup(value)}`)) })),
      { type: 'section', text: markdown(next.join('\n')) },
    ],
  }
}

function inLots<T>(all: readonly T[], most: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, lot) => all.slice(lot * most, (lot + 1) * most))
}

/** An agent names its own unit: whatever it writes stays text, in a line, a page and a Slack message. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** All that Slack knows, and enough for HTML outside of attributes. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
