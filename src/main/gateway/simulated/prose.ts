import type { Gist } from './conversation.ts'
import type { Dice } from './dice.ts'
import { oneLine, ownWords, shortened, subjectOf, withoutEnd, withoutPrivate, type Subject } from './subject.ts'

/** A short, sensible answer in plain English, made of the request's own words. */
export function writeProse(gist: Gist, dice: Dice): string {
  const subject = subjectOf(gist.request)
  const asked = { ...gist, request: ownWords(gist.request) }
  const answer =
    gist.results.length > 0 ? fromResults(gist.results, subject) : (choiceOf(asked.request, dice) ?? bodyOf(asked, subject, dice))
  return framed(gist, lengthened(answer, asked.request, subject))
}

/** Agents that speak with their model in text alone look for these words. */
function framed({ instructions, request }: Gist, answer: string): string {
  const isAsked = instructions.includes('Final Answer:') || request.includes('Final Answer:')
  return isAsked ? `Thought: I now can give a great answer\nFinal Answer: ${answer}` : answer
}

function fromResults(results: readonly string[], { topic }: Subject): string {
  const found = results.map((result) => shortened(readable(result), 240)).filter((text) => text !== '')
  if (found.length === 0) return `The look-up for ${topic} came back empty, so there is nothing to add for now.`
  return found.length === 1 ? `Here is what I found: ${found[0]}.` : `Here is what I found:\n${found.map((text) => `- ${text}`).join('\n')}`
}

/** `{"sky":"clear","degrees":18}` → `sky: clear, degrees: 18` */
function readable(result: string): string {
  return withoutEnd(
    oneLine(
      withoutPrivate(result)
        .replace(/" ?: ?/g, ': ')
        .replace(/"? ?, ?"?/g, ', '),
    ),
    ' .,;',
  )
}

const YES_OR_NO = /\byes or no\b|\byes\/no\b/i
const TRUE_OR_FALSE = /\btrue or false\b/i
const SCALE = /\b(?:from|between|scale of)\s+(\d{1,3})\s*(?:to|and|-|–)\s*(\d{1,3})\b/i
const ONE_OF = /\b(?:one of|either|as one word:)[:\s]+((?:["'`]?[\w-]+["'`]?(?:\s*,\s*(?:or\s+)?|\s+or\s+)){1,9}["'`]?[\w-]+["'`]?)/i

/** Where the request names the answers that it takes, one of them. */
function choiceOf(request: string, dice: Dice): string | null {
  if (YES_OR_NO.test(request)) return dice.pick(['Yes', 'No'])
  if (TRUE_OR_FALSE.test(request)) return dice.pick(['true', 'false'])
  const [first, ...others] = (ONE_OF.exec(request)?.[1] ?? '').split(/\s*,\s*(?:or\s+)?|\s+or\s+/).map((word) => word.replace(/["'`]/g, ''))
  if (first) return dice.pick([first, ...others])
  const scale = SCALE.exec(request)
  if (!scale) return null
  const [low, high] = [Number(scale[1]), Number(scale[2])]
  return high > low ? String(low + dice.below(high - low + 1)) : null
}

function bodyOf({ instructions, request }: Gist, subject: Subject, dice: Dice): string {
  const kind = KINDS.find(({ sign }) => sign.test(request)) ?? KINDS.find(({ sign }) => sign.test(instructions))
  return (kind?.write ?? general)(subject, dice)
}

interface Kind {
  readonly sign: RegExp
  readonly write: (subject: Subject, dice: Dice) => string
}

const KINDS: readonly Kind[] = [
  { sign: /\b(summar\w*|condense|tl;?dr)\b/i, write: summary },
  { sign: /\b(score|rate|rank|qualif\w+)\b/i, write: verdict },
  { sign: /\b(outreach|prospects?|leads?|sales|reach out|e-?mail|message|letter)\b/i, write: outreach },
  { sign: /\b(list|bullets?|ideas|steps|plan|outline)\b/i, write: list },
  { sign: /^\s*(hi|hello|hey|good (morning|afternoon|evening))\b/i, write: greeting },
]

function outreach({ person, company }: Subject, dice: Dice): string {
  const whom = person ?? 'there'
  const where = company ?? 'your team'
  const opening = dice.pick([
    `I have been reading about the work at ${where} and liked how clear it is.`,
    `${capital(where)} came up more than once in my reading this month.`,
    `A colleague pointed me to ${where} this week.`,
  ])
  const offer = dice.pick([
    'We help teams of your size spend less time on routine work and more on their customers.',
    'Teams like yours usually get the first hours back within a week with us.',
    'We take the repetitive part off a team and leave the decisions with it.',
  ])
  const close = dice.pick([
    'Would a short call next week be useful?',
    'May I send you a one-page summary?',
    'Is this something you are looking at this quarter?',
  ])
  return `Hi ${whom},\n\n${opening} ${offer} ${close}\n\nBest regards`
}

function summary({ excerpt, topic }: Subject, dice: Dice): string {
  return `In short: ${withoutEnd(withoutOrder(excerpt), ' .')}. ${dice.pick([
    `The main point is ${topic}; the rest supports it.`,
    `What matters most is ${topic}, and it needs one decision.`,
    `It comes down to ${topic}, with few open questions.`,
  ])}`
}

const ORDER = /^(?:please )?(?:summari[sz]e|condense|tl;?dr)\b ?(?:this|the following|what matters about|why)?/i

/** `Summarise this note for Ada: it rains` → `it rains` */
function withoutOrder(excerpt: string): string {
  const colon = excerpt.indexOf(': ')
  const told = ORDER.test(excerpt) && colon > 0 ? excerpt.slice(colon + 2) : excerpt.replace(ORDER, '')
  return told.replace(/^[ :]+/, '') || excerpt
}

function verdict({ company, topic }: Subject, dice: Dice): string {
  const score = 5 + dice.below(5)
  return `Score: ${score} out of 10. ${capital(company ?? topic)} ${dice.pick([
    'fits well in size and need; timing is the open question.',
    'shows a clear need, and the budget still has to be confirmed.',
    'is a good match on paper and worth a first conversation.',
  ])}`
}

function list({ topic }: Subject, dice: Dice): string {
  const items = [
    `Start with what is known about ${topic} and write it down.`,
    dice.pick(['Choose the one measure that shows progress.', 'Agree on who decides, and by when.']),
    dice.pick(['Try the smallest version first and look at the result.', 'Do the part with the largest doubt first.']),
    'Keep what works and repeat.',
  ]
  return items.map((item, index) => `${index + 1}. ${item}`).join('\n')
}

function greeting(_subject: Subject, dice: Dice): string {
  return dice.pick(['Hello! What can I do for you today?', 'Hi there! How can I help?', 'Hello! Tell me what you are working on.'])
}

function general({ excerpt, topic }: Subject, dice: Dice): string {
  return `${dice.pick([
    `On "${excerpt}": the short answer is that it depends on ${topic}.`,
    `Looking at ${topic}, one thing stands out.`,
    `Here is a first answer on ${topic}.`,
  ])} ${dice.pick([
    'The facts given point one way, and a small test would confirm it.',
    'I would begin with the simplest option and review it after a week.',
    'Most of the effect comes from the first step, so it deserves the most care.',
  ])}`
}

const MORE = [
  'The next point is how it is used from day to day.',
  'Small changes are easier to check than large ones.',
  'It helps to write down what was decided and why.',
  'Whoever is affected should hear of it early.',
  'A simple measure shows whether it works.',
  'What does not work can be taken back without much cost.',
]
const MOST_WORDS = 1_500
const LENGTH = /(?:\b(most|more than|up to|under|below|fewer than|less than|maximum of|max) )?\b(\d{2,5})[- ]words?\b/i

/** A request that names a number of words gets about as many. */
function lengthened(answer: string, request: string, { topic }: Subject): string {
  const [, isLimit, number = 0] = LENGTH.exec(request) ?? []
  const wanted = isLimit ? 0 : Math.min(Number(number), MOST_WORDS)
  const pieces = [answer]
  let words = wordsIn(answer)
  for (let index = 0; words < wanted; index++) {
    const sentence = index % MORE.length === 0 ? `Back to ${topic}. ${MORE[0]}` : (MORE[index % MORE.length] ?? '')
    pieces.push(sentence)
    words += wordsIn(sentence)
  }
  return pieces.join(' ')
}

const wordsIn = (text: string): number => text.split(/\s+/).length

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
