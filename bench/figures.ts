import { demoViewers } from './demoFigures.ts'
import { atLeast, below, line, over, times, type Figure, type Goal } from './figure.ts'
import { type Distribution } from './measure.ts'
import { hour, logScroll, pageEvents, startUp } from './pageFigures.ts'

interface AppendsReport {
  readonly oneByOne: number
  readonly batches: number
  readonly busBatches: number
  readonly busOneByOne: number
  readonly goal: number
}

function appends({ oneByOne, batches, busBatches, busOneByOne, goal }: AppendsReport): Figure[] {
  const bare = 'of bare better-sqlite3'
  return [
    line('Event store, one append at a time', '', `${times(oneByOne)} ${bare}, one at a time`, atLeast(goal, oneByOne)),
    line('Event store, 64 in an append', '', `${times(batches)} ${bare}, 64 in a transaction`, atLeast(goal, batches)),
    line('Event bus, 64 announced in a turn', '', `${times(busBatches)} ${bare}, 64 in a transaction`),
    line('Event bus, each one awaited', '', `${times(busOneByOne)} ${bare}, one at a time`),
  ]
}

interface CallCost {
  readonly holdUs: number
  readonly finishUs: number
  readonly ratio: number
}

interface LedgerReport {
  readonly oneByOne: CallCost
  readonly bursts: CallCost
}

function ledger({ oneByOne, bursts }: LedgerReport): Figure[] {
  const figure = ({ holdUs, finishUs }: CallCost): string => `${holdUs} µs to hold, ${finishUs} µs to finish`
  return [
    line('A call held, charged and stored, one at a time', figure(oneByOne), `${times(oneByOne.ratio)} of three bare rows`),
    line('A call held, charged and stored, 64 in a turn', figure(bursts), `${times(bursts.ratio)} of three bare rows`),
  ]
}

/** Without figures where PostgreSQL is not installed. */
type DatabasesReport = LedgerReport | Record<'oneByOne' | 'bursts', undefined>

function databases({ oneByOne, bursts }: DatabasesReport): Figure[] {
  const figure = (cost: CallCost | undefined): string => (cost ? `${cost.holdUs} µs to hold, ${cost.finishUs} µs to finish` : 'not here: PostgreSQL 15 or newer')
  const ratio = (cost: CallCost | undefined): string | null => (cost ? `${times(cost.ratio)} of SQLite` : null)
  return [line('A call in PostgreSQL, one at a time', figure(oneByOne), ratio(oneByOne)), line('A call in PostgreSQL, 64 in a turn', figure(bursts), ratio(bursts))]
}

interface ReliabilityReport {
  readonly callUs: number
  readonly blockedUs: number
  readonly bareUs: number
  readonly calls: number
  readonly grownBytesPerCall: number
}

function reliability({ callUs, blockedUs, bareUs, calls, grownBytesPerCall }: ReliabilityReport): Figure[] {
  return [
    line('A breaker check: begin and end of a call', `${callUs} µs`, `${over(callUs, bareUs)} a count in a map`),
    line('A call that is kept away', `${blockedUs} µs`, `${over(blockedUs, bareUs)} a count in a map`),
    line(`Memory after ${calls.toLocaleString('en')} calls of each`, `${grownBytesPerCall} bytes a call`, null, { text: '< 1 byte a call', isMet: grownBytesPerCall < 1 }),
  ]
}

interface ViewersReport {
  readonly slowestP99Ms: number
  readonly bestSlowestP99Ms: number
  readonly goal: number
  readonly slowestP99ToBare: Readonly<Record<'100' | '1000', number>>
  readonly cpuToBare: Readonly<Record<'100' | '1000', number>>
  readonly stuckViewerDroppedAfterS: number
  readonly slowestP99MsBesideStuckViewer: number
}

function viewers(report: ViewersReport): Figure[] {
  const { slowestP99Ms, bestSlowestP99Ms, goal, slowestP99ToBare, cpuToBare } = report
  const { stuckViewerDroppedAfterS, slowestP99MsBesideStuckViewer } = report
  const bare = 'bare ws'
  return [
    line(
      'Slowest of 100 viewers, p99',
      `${slowestP99Ms} ms (best round ${bestSlowestP99Ms})`,
      `${times(slowestP99ToBare[100])} ${bare}`,
      below(goal, slowestP99Ms),
    ),
    line('Slowest of 1,000 viewers, p99', '', `${times(slowestP99ToBare[1000])} ${bare}`),
    line('Processor time for each event, 100 viewers', '', `${times(cpuToBare[100])} ${bare}`),
    line('Processor time for each event, 1,000 viewers', '', `${times(cpuToBare[1000])} ${bare}`),
    line(
      'Slowest of 100 viewers beside one that never reads, p99',
      `${slowestP99MsBesideStuckViewer} ms`,
      null,
      below(goal, slowestP99MsBesideStuckViewer),
    ),
    line('Until the one that never reads is dropped', `${stuckViewerDroppedAfterS} s`, null),
  ]
}

interface Memory {
  readonly pageMb: number
  readonly hostMb: number
}

interface TerminalFloodReport {
  readonly megabytes: number
  readonly goalMs: number
  readonly results: {
    readonly clicks: { readonly calm: Distribution; readonly flood: Distribution }
    readonly megabytesPerSecond: { readonly alone: number; readonly clicked: number; readonly barePty: number; readonly bareXterm: number }
    readonly ratioToBarePty: number
    readonly ratioToBareXterm: number
    readonly memory: { readonly before: Memory; readonly most: Memory; readonly after: readonly Memory[] }
  }
}

/** Growth from the first flood to the last that is taken for noise. */
const FLAT = 1.05

function terminalFlood({ megabytes, goalMs, results }: TerminalFloodReport): Figure[] {
  const { clicks, megabytesPerSecond: speed, memory } = results
  const [first, last] = [memory.after[0]!, memory.after.at(-1)!]
  const growth = (what: keyof Memory): number => Number((last[what] / first[what]).toPrecision(3))
  const course = (what: keyof Memory): string =>
    `before ${memory.before[what]}, at most ${memory.most[what]}, afterwards ${memory.after.map((one) => one[what]).join(', ')} MB`
  const flat = (what: keyof Memory): Goal => ({ text: 'flat afterwards', isMet: growth(what) <= FLAT })
  const flood = clicks.flood
  return [
    line(
      'Click → answered, while the output pours in',
      `p50 ${flood.p50} ms, p95 ${flood.p95} ms, at most ${flood.max} ms`,
      `${over(flood.p95, clicks.calm.p95)} when calm (p95)`,
      below(goalMs, flood.p95, 'ms (p95)'),
    ),
    line(
      `${megabytes} MB from agent to page`,
      `${speed.alone} MB/s`,
      `${times(results.ratioToBarePty)} bare node-pty, ${times(results.ratioToBareXterm)} bare xterm.js`,
    ),
    line('The same while somebody clicks ten times a second', `${speed.clicked} MB/s`, over(speed.clicked, speed.alone)),
    line("The page's heap", course('pageMb'), `${times(growth('pageMb'))} last to first flood`, flat('pageMb')),
    line("The host's resident memory", course('hostMb'), `${times(growth('hostMb'))} last to first flood`, flat('hostMb')),
  ]
}

interface TokeniserReport {
  readonly goalMs: number
  readonly firstCountMs: number
  readonly bareFirstCountMs: number
  readonly firstStallMs: number
  readonly millionTokensPerSecond: number
  readonly bareMillionTokensPerSecond: number
  readonly stallMs: number
  readonly worstStallMs: number
  readonly bareStallMs: number
  readonly hostile: readonly { readonly what: string; readonly ours: number; readonly bare: number }[]
}

function tokeniser(report: TokeniserReport): Figure[] {
  const { goalMs, firstCountMs, firstStallMs, stallMs, worstStallMs, hostile } = report
  const bare = 'gpt-tokenizer on the main thread'
  return [
    line('Thread started, encoding loaded, first count', `${firstCountMs} ms`, `${over(firstCountMs, report.bareFirstCountMs)} ${bare}`),
    line('The event loop held up until then, at most', `${firstStallMs} ms`, null, below(goalMs, firstStallMs)),
    line(
      'Prompts of 1 MB',
      `${report.millionTokensPerSecond} million tokens a second`,
      `${over(report.millionTokensPerSecond, report.bareMillionTokensPerSecond)} ${bare}`,
    ),
    line(
      'The event loop held up by each of them, at most',
      `${stallMs} ms (worst round ${worstStallMs})`,
      `${over(stallMs, report.bareStallMs)} ${bare}`,
      below(goalMs, worstStallMs),
    ),
    ...hostile.map(({ what, ours, bare: plain }) => line(what, `${ours} ms`, `${over(ours, plain)} ${bare}`)),
  ]
}

interface GatewayTarget {
  readonly addedUs: number
  readonly addedFirstChunkUs: number
  readonly addedStreamUs: number
  readonly perSecond: number
  readonly streamsPerSecond: number
  readonly cpuPerThousand: number | null
  readonly residentMb: number
}

interface GatewayReport {
  /** Why there is no Portkey to compare with. */
  readonly missing: string | null
  readonly direct: { readonly plainUs: number }
  readonly bare: GatewayTarget
  readonly ours: GatewayTarget
  /** Every call is told to a collector. */
  readonly traced: GatewayTarget
  readonly portkey: GatewayTarget | null
}

const atMost = (limit: number, value: number, text = `≤ ${limit}×`): Goal => ({ text, isMet: value <= limit })

function gateway({ missing, direct, bare, ours, traced, portkey }: GatewayReport): Figure[] {
  const beside = (of: (target: GatewayTarget) => number): string =>
    [`${over(of(ours), of(bare))} bare undici`, ...(portkey ? [`${over(of(ours), of(portkey))} Portkey`] : [])].join(', ')
  const lines = [
    line(
      `Added to a call of ${direct.plainUs} µs, p50`,
      `${ours.addedUs} µs`,
      beside(({ addedUs }) => addedUs),
      atMost(1, ours.addedUs / bare.addedUs, '≤ 1× bare undici'),
    ),
    line(
      'Added until the first piece of a stream, p50',
      `${ours.addedFirstChunkUs} µs`,
      beside(({ addedFirstChunkUs }) => addedFirstChunkUs),
      atMost(1000, ours.addedFirstChunkUs, '≤ 1 ms'),
    ),
    line('Added to the whole of a stream of 24 pieces, p50', `${ours.addedStreamUs} µs`, beside(({ addedStreamUs }) => addedStreamUs)),
    line('Calls, 64 at a time', `${ours.perSecond} a second`, beside(({ perSecond }) => perSecond)),
    line('Streams, 64 at a time', `${ours.streamsPerSecond} a second`, beside(({ streamsPerSecond }) => streamsPerSecond)),
    line('Processor time for 1,000 calls', `${ours.cpuPerThousand ?? '–'} s`, beside(({ cpuPerThousand }) => cpuPerThousand ?? NaN)),
    line('Resident memory after all of it', `${ours.residentMb} MB`, beside(({ residentMb }) => residentMb)),
    line('Added to a call where each is traced, p50', `${traced.addedUs} µs`, `${over(traced.addedUs, ours.addedUs)} without traces`),
    line('Traced calls, 64 at a time', `${traced.perSecond} a second`, `${over(traced.perSecond, ours.perSecond)} without traces`),
    line('Processor time for 1,000 traced calls', `${traced.cpuPerThousand ?? '–'} s`, over(traced.cpuPerThousand ?? NaN, ours.cpuPerThousand ?? NaN)),
    line('Resident memory after all of it, traced', `${traced.residentMb} MB`, `${over(traced.residentMb, ours.residentMb)} without traces`),
  ]
  if (!portkey) return [...lines, line('Beside Portkey', `skipped: ${missing}`, null)]
  return [
    ...lines,
    line('Added, of what Portkey adds', '', over(ours.addedUs, portkey.addedUs), atMost(1 / 8, ours.addedUs / portkey.addedUs, '≤ 1/8')),
    line('Calls a second, of Portkey’s', '', over(ours.perSecond, portkey.perSecond), atLeast(8, ours.perSecond / portkey.perSecond)),
    line('Memory, of Portkey’s', '', over(ours.residentMb, portkey.residentMb), atMost(1 / 2.5, ours.residentMb / portkey.residentMb, '≤ 1/2.5')),
  ]
}

interface SafetyReport {
  readonly megabytesPerSecond: number
  readonly bareMegabytesPerSecond: number
  readonly ratio: number
  readonly findings: number
  readonly pieceUs: number
  readonly heldAverage: number
  readonly heldMost: number
  readonly heldByCharacter: number
  readonly stallMs: number
  readonly hostile: readonly { readonly part: string; readonly ratio: number }[]
}

/** Invisible characters by their number. */
const shown = (part: string): string => part.replace(/[^ -~]/g, (character) => `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)

function safety(report: SafetyReport): Figure[] {
  const { megabytesPerSecond, bareMegabytesPerSecond, ratio, findings, pieceUs, hostile } = report
  return [
    line(
      `Prose with ${findings} findings in a megabyte, all types`,
      `${megabytesPerSecond} MB/s`,
      `${times(ratio)} three bare expressions (${bareMegabytesPerSecond} MB/s)`,
      atLeast(0.5, ratio),
    ),
    line('The same in pieces of 20 characters, processor time', `${pieceUs} µs a piece`, null),
    line('Characters held back after such a piece', `${report.heldAverage} on average, ${report.heldMost} at most`, null),
    line('Characters held back after each character', `${report.heldByCharacter} on average`, null),
    line('The event loop held up by 8 MB in slices, at most', `${report.stallMs} ms`, null, below(20, report.stallMs)),
    ...hostile.map(({ part, ratio: toProse }) => line(`A megabyte of \`${shown(part)}\``, '', `${times(toProse)} prose`, atMost(3, toProse))),
  ]
}

/** What each bench's last line says, put into lines of a table. */
interface DetectionReport {
  readonly positives: number
  readonly lookAlikes: number
  readonly types: readonly { readonly type: string; readonly values: number; readonly wrong: number; readonly precision: number; readonly recall: number }[]
}

/** What the types of private data are held to. */
const DETECTION_GOALS: Readonly<Record<string, number>> = { email: 0.98, ssn: 0.98, phone: 0.95 }

function detection({ positives, lookAlikes, types }: DetectionReport): Figure[] {
  const share = (value: number): string => value.toFixed(3)
  return [
    line('Texts', `${positives} with something private, ${lookAlikes} that look like it`, null),
    ...types.map(({ type, values, wrong, precision, recall }) => {
      const goal = DETECTION_GOALS[type]
      const text = `precision ${share(precision)}, recall ${share(recall)}`
      const held = goal === undefined ? null : { text: `≥ ${goal} both`, isMet: Math.min(precision, recall) >= goal }
      return line(`${type}, ${values} values`, text, `${wrong} found wrongly`, held)
    }),
  ]
}

interface Added {
  readonly offP50: number
  readonly offP95: number
  readonly p50: number
  readonly p95: number
}

interface SafetyLatencyReport {
  readonly paceMs: number
  readonly firstDecided: Added
  readonly pieceDecided: Added
  readonly firstWord: Added
  readonly wordAfterNext: Added
  readonly piecePrivate: Added
  readonly whole: Added
}

function safetyLatency(report: SafetyLatencyReport): Figure[] {
  const { paceMs, firstDecided, pieceDecided, firstWord, wordAfterNext, piecePrivate, whole } = report
  const figure = ({ p50, p95 }: Added): string => `${p50} ms p50, ${p95} ms p95`
  const beside = ({ offP50, offP95 }: Added): string => `beside ${offP50} and ${offP95} ms without`
  return [
    line('Added to the first piece, where it can become nothing more', figure(firstDecided), beside(firstDecided), below(2, firstDecided.p95, 'ms p95')),
    line('Added to each such piece', figure(pieceDecided), beside(pieceDecided)),
    line(`Added to a first piece that is a bare word; the next comes after ${paceMs} ms`, figure(firstWord), beside(firstWord)),
    line('Added to each word, from the moment the next one was sent', figure(wordAfterNext), beside(wordAfterNext)),
    line('Added to each piece of a stream full of email addresses', figure(piecePrivate), beside(piecePrivate)),
    line('Added to a whole call of 1.3 KB, its request looked through as well', figure(whole), beside(whole)),
  ]
}

interface BridgeClient {
  readonly ms: Distribution
  readonly bareMs: Distribution
  readonly eventsPerSecond: number
  readonly bareEventsPerSecond: number
}

interface BridgeReport {
  readonly python: BridgeClient
  readonly node: BridgeClient
  readonly beside: Distribution
}

function bridge({ python, node, beside }: BridgeReport): Figure[] {
  const trip = (what: string, { ms, bareMs }: BridgeClient): Figure =>
    line(`Round trip from ${what}`, `p50 ${ms.p50} ms, p99 ${ms.p99} ms`, `${over(ms.p50, bareMs.p50)} a bare local socket (p50)`, below(0.2, ms.p50, 'ms (p50)'))
  const rate = (what: string, { eventsPerSecond, bareEventsPerSecond }: BridgeClient, goal: Goal | null): Figure =>
    line(`Events one way from ${what}`, `${eventsPerSecond.toLocaleString('en')}/s`, `${over(eventsPerSecond, bareEventsPerSecond)} a bare local socket`, goal)
  return [
    trip('python3', python),
    trip('node', node),
    rate('node', node, { text: '≥ 100,000/s', isMet: node.eventsPerSecond >= 100_000 }),
    rate('python3, which writes each of them as JSON meanwhile', python, null),
    line('Round trip from python3 while another agent pours out events', `p50 ${beside.p50} ms, p99 ${beside.p99} ms`, `${over(beside.p99, python.ms.p99)} alone (p99)`, below(100, beside.p99, 'ms (p99)')),
  ]
}

interface SdkReport {
  readonly plain: Distribution
  readonly protected: Distribution
  readonly nested: Distribution
  readonly ask: Distribution
  readonly service: Distribution
  readonly serviceKept: Distribution
  readonly tool: Distribution
  readonly progress: Distribution
  readonly importMs: number
  readonly useMs: number
}

function sdk(report: SdkReport): Figure[] {
  const beside = (what: string, { p50, p99 }: Distribution, goal: Goal | null = null): Figure =>
    line(what, `p50 ${p50} ms, p99 ${p99} ms`, `${over(p50, report.ask.p50)} one question to the room`, goal)
  return [
    beside('A question to the room and its answer', report.ask, below(0.2, report.ask.p50, 'ms (p50)')),
    beside('@protect_agent on an empty function', report.protected),
    beside('The same within a block', report.nested),
    beside('A breaker around an empty function', report.service),
    beside('The same, and its answer is kept', report.serviceKept),
    beside('A tool that does nothing, told and allowed', report.tool),
    beside('Progress, told', report.progress),
    line('import iron_cage', `${report.importMs} ms`, null, below(15, report.importMs)),
    line('The same with protect_agent, AgentRuntime and cached', `${report.useMs} ms`, null),
  ]
}

interface SecretsReport {
  readonly listMs: number
  readonly openMs: number
  readonly argonMs: number
  readonly openToArgon: number
  readonly withUs: number
  readonly withoutUs: number
  readonly withToWithout: number
}

function secrets({ listMs, openMs, argonMs, openToArgon, withUs, withoutUs, withToWithout }: SecretsReport): Figure[] {
  return [
    line('10,000 secrets listed, as a client gets them', `${listMs} ms`, null, below(100, listMs)),
    line('One secret opened', `${openMs} ms`, `${times(openToArgon)} one bare Argon2id (${argonMs} ms)`, { text: '≤ 1.2×', isMet: openToArgon <= 1.2 }),
    line('A call whose key is exchanged on the way', `${withUs} µs`, `${times(withToWithout)} one without (${withoutUs} µs)`),
  ]
}

interface BootstrapReport {
  readonly version: string
  readonly plainMs: number
  readonly addedMs: number
  readonly ratio: number
  readonly addedUncompiledMs: number
}

function bootstrap({ version, plainMs, addedMs, ratio, addedUncompiledMs }: BootstrapReport): Figure[] {
  return [
    line(`Added to the start of an agent that does nothing, Python ${version}`, `${addedMs} ms`, `${times(ratio)} python3 -c pass (${plainMs} ms)`, below(30, addedMs)),
    line('The same where nothing compiled is kept', `${addedUncompiledMs} ms`, null, below(30, addedUncompiledMs)),
  ]
}

export const FIGURES = { appends, ledger, databases, reliability, bridge, sdk, bootstrap, tokeniser, safety, gateway, safetyLatency, detection, viewers, demoViewers, pageEvents, logScroll, hour, terminalFlood, startUp, secrets } as const
export type BenchName = keyof typeof FIGURES

export function figuresOf(name: BenchName, report: unknown): Figure[] {
  return (FIGURES[name] as (report: unknown) => Figure[])(report)
}
