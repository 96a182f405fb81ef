import type { z } from 'zod'
import {
  commands,
  streams,
  type CommandName,
  type CommandOutput,
  type ParsedInput,
  type ParsedStreamInput,
  type StreamItem,
  type StreamName,
} from '../../shared/contract/contract.ts'
import { covers, type Caller, type LeastRole } from '../../shared/domain/roles.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'

export type CommandHandlers = {
  readonly [N in CommandName]: (input: ParsedInput<N>, caller: Caller) => CommandOutput<N> | Promise<CommandOutput<N>>
}

/** Where a stream's handler puts its items. */
export interface Sink<T> {
  push(item: T): void
  /** Ends the stream from the handler's side. */
  end(error?: AppError): void
}

/** What a stream's handler hands back to the door. */
export interface Subscription {
  close(): void
  acknowledge?(count: number): void
}

export type StreamHandlers = {
  readonly [N in StreamName]: (input: ParsedStreamInput<N>, caller: Caller, sink: Sink<StreamItem<N>>) => Subscription
}

export interface Router {
  /** Looks up, checks the right, parses, handles, parses. Throws nothing but AppError. */
  request(name: string, input: unknown, caller: Caller): Promise<JsonValue>
  /** Items go to the sink as the handler made them: they may be the same object for every viewer, and nobody may change them. */
  open(name: string, input: unknown, caller: Caller, sink: Sink<unknown>): Subscription
}

export interface RouterOptions {
  readonly commandHandlers: CommandHandlers
  readonly streamHandlers: StreamHandlers
  /** Told of what was not meant to happen; gives the incident id that crosses the border instead. */
  readonly onDefect: (defect: unknown, where: string) => string
  /** Told of each command that a caller has no right to, before the caller is told. */
  readonly onRefused?: (name: string, input: unknown, caller: Caller) => Promise<void>
}

export function createRouter({ commandHandlers, streamHandlers, onDefect, onRefused }: RouterOptions): Router {
  return {
    async request(name, input, caller) {
      try {
        const entry = find(commands, name)
        if (!covers(caller.role, entry.least)) await onRefused?.(name, input, caller)
        requireRight(caller, entry.least, name)
        const parsed = parseInput(entry.input, input, name)
        const handler = commandHandlers[name as CommandName] as (input: unknown, caller: Caller) => unknown
        const output = await handler(parsed, caller)
        return entry.output.parse(output) as JsonValue
      } catch (problem) {
        throw toAppError(problem, name, onDefect)
      }
    },

    open(name, input, caller, sink) {
      try {
        const entry = find(streams, name)
        requireRight(caller, entry.least, name)
        const parsed = parseInput(entry.input, input, name)
        const handler = streamHandlers[name as StreamName] as (
          input: unknown,
          caller: Caller,
          sink: Sink<unknown>,
        ) => Subscription
        return guarded(handler(parsed, caller, sink), name, onDefect)
      } catch (problem) {
        throw toAppError(problem, name, onDefect)
      }
    },
  }
}

/** A door that lets go of a stream must not fall over the stream's own defect. */
function guarded(subscription: Subscription, name: string, onDefect: RouterOptions['onDefect']): Subscription {
  const guard = (action: () => void): void => {
    try {
      action()
    } catch (defect) {
      onDefect(defect, name)
    }
  }
  return {
    close: () => guard(() => subscription.close()),
    acknowledge: (count) => guard(() => subscription.acknowledge?.(count)),
  }
}

function find<E>(table: Record<string, E>, name: string): E {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined
  if (!entry) throw new AppError('NOT_FOUND', `There is no "${name.slice(0, 80)}" here.`)
  return entry
}

function requireRight(caller: Caller, least: LeastRole, name: string): void {
  if (covers(caller.role, least)) return
  throw new AppError('FORBIDDEN', `"${name}" needs the role ${least}; this caller is ${caller.role}.`)
}

function parseInput(schema: z.ZodType, input: unknown, name: string): unknown {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw new AppError('INVALID_INPUT', `"${name}" was not understood: ${describeIssues(result.error)}.`, {
    issues: result.error.issues.slice(0, MOST_ISSUES).map(({ path, message }) => ({ path: path.map((key) => shortened(String(key))), message: shortened(message) })),
  })
}

/** What was wrong is told; what came is not sent back at its length. */
const MOST_ISSUES = 20
const LONGEST_WORDS = 200

function shortened(text: string): string {
  return text.length > LONGEST_WORDS ? `${text.slice(0, LONGEST_WORDS - 1)}…` : text
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length > 0 ? `${shortened(path.join('.'))}: ${shortened(message)}` : shortened(message)))
    .join('; ')
}

/** What may cross a border: an AppError as it is, of anything else the incident alone. */
export function toAppError(problem: unknown, where: string, onDefect: RouterOptions['onDefect']): AppError {
  if (problem instanceof AppError) return problem
  const incident = onDefect(problem, where)
  return new AppError('INTERNAL', `Something went wrong inside the control room. The log has it as incident ${incident}.`, { incident })
}
