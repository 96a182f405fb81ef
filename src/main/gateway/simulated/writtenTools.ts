import type { Conversation, Gist, ToolOffer, Turn } from './conversation.ts'
import type { Dice } from './dice.ts'
import { writeProse } from './prose.ts'
import { valueForSchema } from './schemaValue.ts'
import { ownWords, subjectOf } from './subject.ts'
import { pickTools } from './toolPick.ts'

/** Agents that speak with their model in text alone: tools stand in the prompt, and are used by writing `Action:` and `Action Input:`. */

const MOST_CHARACTERS = 40_000
const LONGEST_RESULT = 4_000
const MARK = 'Action Input:'
const RESULT = 'Observation:'
const LIST = /\bone (?:name )?of \[([^[\]]{1,2000})\]/
const QUESTION = '\nQuestion:'
/** After it comes what has been done; before it stands how things are to be written. */
const BEGIN = 'Begin!'

/** What is written as answer; null where there is no such talk. */
export function writtenAnswer(conversation: Conversation, dice: Dice): string | null {
  const { turns } = conversation
  const manual = manualIn(turns)
  if (manual === null) return null
  const offers = offersIn(manual)
  if (offers.length === 0) return null
  const gist: Gist = { instructions: 'Final Answer:', request: requestIn(turns), results: resultsIn(turns) }
  const [tool] = pickTools({ ...conversation, tools: offers, toolChoice: { kind: 'auto' }, isParallel: false }, gist)
  if (!tool) return writeProse(gist, dice)
  const subject = subjectOf(gist.request)
  const input = tool.schema === null ? subject.excerpt : JSON.stringify(valueForSchema(tool.schema, subject, dice))
  return `Thought: I should use ${tool.name} for this.\nAction: ${tool.name}\n${MARK} ${input}`
}

function manualIn(turns: readonly Turn[]): string | null {
  const turn = turns.find(({ role, text }) => role !== 'assistant' && role !== 'tool' && text.slice(0, MOST_CHARACTERS).includes(MARK))
  return turn?.text.slice(0, MOST_CHARACTERS) ?? null
}

function offersIn(manual: string): ToolOffer[] {
  const names = (LIST.exec(manual)?.[1] ?? '').split(',').map((name) => name.trim().replace(/^["'`]|["'`]$/g, ''))
  return names.filter((name) => name !== '').map((name) => offerOf(manual, name))
}

function offerOf(manual: string, name: string): ToolOffer {
  const titled = manual.indexOf(`Tool Name: ${name}\n`)
  if (titled >= 0) {
    const begin = manual.indexOf('Tool Arguments:', titled)
    const end = begin < 0 ? -1 : manual.indexOf('\nTool Description:', begin)
    const description = end < 0 ? '' : (manual.slice(end + '\nTool Description:'.length).split('\n', 1)[0] ?? '')
    return { name, description, schema: end < 0 ? null : parsed(manual.slice(begin + 'Tool Arguments:'.length, end)) }
  }
  const line = manual.split('\n').find((candidate) => candidate.startsWith(name) && /^\W/.test(candidate.slice(name.length))) ?? ''
  return { name, description: line.slice(name.length), schema: null }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** What was asked first; what frameworks say in between is how to go on. */
function requestIn(turns: readonly Turn[]): string {
  const text = turns.find(({ role }) => role === 'user')?.text.slice(-MOST_CHARACTERS) ?? ''
  const asked = text.lastIndexOf(QUESTION)
  const own = ownWords(text)
  return asked < 0 ? own.slice(0, own.includes(BEGIN) ? own.indexOf(BEGIN) : own.length) : (text.slice(asked + QUESTION.length).trim().split('\n', 1)[0] ?? '')
}

function resultsIn(turns: readonly Turn[]): string[] {
  return turns.flatMap(({ role, text }) => {
    if (role === 'system') return []
    const past = text.slice(-MOST_CHARACTERS)
    // The manual has the word in it, to say how it is used.
    const done = past.includes(MARK) && role === 'user' ? past.slice(past.includes(BEGIN) ? past.lastIndexOf(BEGIN) : past.length) : past
    return done
      .split(RESULT)
      .slice(1)
      .map((part) => (part.split(/\n(?:Thought|Action|Final Answer):/, 1)[0] ?? '').trim().slice(0, LONGEST_RESULT))
  })
}
